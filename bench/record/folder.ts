/** Folders for output, tried before anything is measured. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, UsageError } from '../errors.ts';

/**
 * Makes `path` and the folders above it that are missing, one by one from above: where one cannot be
 * made, that is said at once.
 * @throws {UsageError} naming the folder and the fault
 */
export function ensureFolder(path: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  while (!existsSync(at) && dirname(at) !== at) {
    missing.unshift(at);
    at = dirname(at);
  }
  try {
    if (!statSync(at).isDirectory()) throw new Error(`${at} is no folder`);
    for (const folder of missing) mkdirSync(folder);
    accessSync(resolve(path), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write to the folder ${path}: ${messageOf(error)}`);
  }
}
