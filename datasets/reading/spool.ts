/** Standard input and pipes as data: they can be read once, and several processes read a party's file. */
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DatasetError, type DatasetSpec } from '../spec.ts';

/** The same data set, with the files that `spooled` has in place of its own. */
export function readable<Spec extends DatasetSpec>(spec: Spec, { files }: Spooled): Spec {
  const [receiverFile, senderFile = receiverFile] = files;
  return receiverFile === undefined || senderFile === undefined
    ? spec
    : { ...spec, receiverFile, senderFile };
}

/** Files that can be read again and again; `dispose` removes those that were made for it. */
export interface Spooled {
  readonly files: readonly string[];
  dispose(): Promise<void>;
}

/**
 * Copies what cannot be read twice (`-` for standard input, pipes, /dev/stdin) into a folder of this
 * process, which only its user can open and which is gone at the latest when the process ends. Regular
 * files stay where they are. `signal` ends the copying.
 * @throws {DatasetError} when standard input is named twice, or a copy cannot be made.
 */
export async function spool(files: readonly string[], signal?: AbortSignal): Promise<Spooled> {
  if (files.filter(isStdin).length > 1) {
    throw new DatasetError('standard input can be one of the files, not several');
  }
  const folders: string[] = [];
  const removeNow = () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', removeNow);
  const dispose = async () => {
    process.off('exit', removeNow);
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  };
  try {
    const copies: string[] = [];
    for (const file of files)
      copies.push((await isRegular(file)) ? file : await copyOf(file, folders, signal));
    return { files: copies, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function isStdin(file: string): boolean {
  return file === '-' || file === '/dev/stdin' || file === '/dev/fd/0' || file === '/proc/self/fd/0';
}

/** Descriptors of this process are another thing in another process, whatever they are. */
async function isRegular(file: string): Promise<boolean> {
  if (isStdin(file) || /^\/(?:dev|proc\/self)\/fd\//.test(file)) return false;
  const found = await stat(file).catch(() => null);
  // What is missing, or a folder, is named where it is read.
  return found === null || found.isFile() || found.isDirectory();
}

async function copyOf(file: string, folders: string[], signal: AbortSignal | undefined): Promise<string> {
  const title = isStdin(file) ? 'stdin' : 'pipe';
  try {
    const folder = await mkdtemp(join(tmpdir(), 'psi-bench-input-'));
    folders.push(folder);
    const copy = join(folder, title);
    const source = isStdin(file) ? process.stdin : createReadStream(file);
    await pipeline(source, createWriteStream(copy, { mode: 0o600 }), { ...(signal && { signal }) });
    return copy;
  } catch (error) {
    const { message } = error as Error;
    throw new DatasetError(`cannot keep ${title === 'stdin' ? 'standard input' : `"${file}"`}: ${message}`, {
      cause: error,
    });
  }
}
