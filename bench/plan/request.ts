/** `request.json` in the folder of a run: what was asked for, so that an interrupted run can go on. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { RunRequest } from './plan.ts';

const SCHEMA = 1;
const FILE = 'request.json';

export async function writeRequest(dir: string, request: RunRequest): Promise<void> {
  await writeFile(join(dir, FILE), `${JSON.stringify({ schema: SCHEMA, request }, null, 2)}\n`);
}

/** @throws UsageError when the folder holds no request, or one that this version cannot continue. */
export async function readRequest(dir: string): Promise<RunRequest> {
  let text: string;
  try {
    text = await readFile(join(dir, FILE), 'utf8');
  } catch {
    throw new UsageError(`${dir} is not the folder of a run that can be continued: it has no ${FILE}`);
  }
  try {
    const { schema, request } = JSON.parse(text) as { schema: unknown; request: RunRequest };
    if (schema === SCHEMA) return request;
  } catch {
    // Reported below, as what it is for the user.
  }
  throw new UsageError(`${join(dir, FILE)} is damaged or of another version: start a new run`);
}
