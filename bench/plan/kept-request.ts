/**
 * `request.json` in the folder of a run: so that it can go on when it was interrupted. Of files it keeps the
 * names alone: whoever continues the run says where they are, unless they lie in the current folder; that
 * they are the same is for their hashes to tell.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FileSpec } from '../../datasets/dataset.ts';
import { UsageError } from '../errors.ts';
import { isModulePath, withoutFolder } from '../implementations/module-path.ts';
import type { GeneratedData, RunRequest } from './request.ts';

/** The request as records keep it. */
export function withoutFolders(request: RunRequest): RunRequest {
  const { data } = request;
  const named = (spec: FileSpec): FileSpec => ({
    ...spec,
    receiverFile: basename(spec.receiverFile),
    senderFile: basename(spec.senderFile),
  });
  return {
    ...request,
    impl: request.impl.map(withoutFolder),
    data: data.kind === 'file' ? named(data) : data.kind === 'peer-file' ? keepOwn(data, named) : data,
  };
}

function keepOwn<Data extends { readonly own: FileSpec }>(data: Data, change: (spec: FileSpec) => FileSpec) {
  return { ...data, own: change(data.own) };
}

/** What a command line says of where things are. */
export interface Whereabouts {
  readonly impl?: readonly string[];
  readonly receiverFile?: string;
  readonly senderFile?: string;
}

/**
 * The request of a record, with paths in place of names.
 * @throws UsageError when a file is not where it is looked for, or something is said of what the run has not
 */
export function located(request: RunRequest, said: Whereabouts): RunRequest {
  const { data } = request;
  const impl = said.impl ?? request.impl;
  if (!isDeepStrictEqual(impl.map(withoutFolder), request.impl.map(withoutFolder))) {
    throw new UsageError(
      `--resume continues a run of ${request.impl.join(',')}: leave out --impl, or say with it where these are`,
    );
  }
  for (const name of impl.filter(isModulePath)) mustExist(name, "the run's implementation", '--impl');
  if (isGenerated(data)) {
    if (said.receiverFile !== undefined || said.senderFile !== undefined) {
      throw new UsageError(
        '--resume continues a run of generated data: leave out --receiver-file and --sender-file',
      );
    }
    return { ...request, impl };
  }
  const receiver = (spec: FileSpec) => found(said.receiverFile, spec.receiverFile, 'receiver');
  if (data.kind === 'peer-file') {
    if (said.senderFile !== undefined) throw new UsageError("--sender-file: the sender's host has its own");
    const at = (spec: FileSpec) => ({ ...spec, receiverFile: receiver(spec), senderFile: receiver(spec) });
    return { ...request, impl, data: keepOwn(data, at) };
  }
  const senderFile = found(said.senderFile, data.senderFile, 'sender');
  return { ...request, impl, data: { ...data, receiverFile: receiver(data), senderFile } };
}

function isGenerated(data: RunRequest['data']): data is GeneratedData {
  return data.kind === 'random' || data.kind === 'patients';
}

/** What is said is looked at where it is read; standard input is no path. */
function found(said: string | undefined, name: string, role: 'receiver' | 'sender'): string {
  if (said === undefined) mustExist(name, `the ${role}'s file of this run`, `--${role}-file`);
  return said ?? name;
}

function mustExist(path: string, what: string, flag: string): void {
  if (existsSync(path)) return;
  throw new UsageError(
    `${what}, ${path}, is not in this folder: say with ${flag} where it is (records keep names, not paths)`,
  );
}

/** Changes with the meaning of any field. */
const SCHEMA = 3;
const FILE = 'request.json';

/** Of paths it keeps the names alone: see {@link withoutFolders}. */
export async function writeRequest(dir: string, request: RunRequest): Promise<void> {
  await writeFile(
    join(dir, FILE),
    `${JSON.stringify({ schema: SCHEMA, request: withoutFolders(request) }, null, 2)}\n`,
  );
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
