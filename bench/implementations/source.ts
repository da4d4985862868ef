/** What an implementation is made of: a hash of its own files, to tell it from its older self. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { filesOfProgram } from '../program/implementation.ts';

const IMPORTED = /(?:\bfrom|\bimport)\s*\(?\s*(?:new URL\(\s*)?['"](\.{1,2}\/[^'"]+)['"]/g;
const CODE = /\.(ts|mts|js|mjs)$/;
/** Kernels are loaded by name at run time: what lies in the folder of a file that is used may be used. */
const KERNEL = /\.wasm$|^asconfig\.json$/;

/**
 * SHA-256 (hex) over the module at `path`, all that it imports by a relative path, directly or not, and
 * the kernels in their folders with the sources of these. Packages are the lock file's business. Of a described
 * program: over the description, the program itself, and the files that its command line names.
 */
export async function sourceHash(path: string): Promise<string> {
  const files = new Map<string, Buffer>();
  if (path.endsWith('.json')) {
    for (const file of await filesOfProgram(path)) files.set(file, await readFile(file));
    return hashOf([...files].map(([file, text]) => [basename(file), text]));
  }
  await collect(resolve(path), files);
  const folders = new Set([...files.keys()].map(dirname));
  for (const folder of folders) await collectKernels(folder, files);
  const base = dirname(resolve(path));
  return hashOf([...files].map(([file, text]) => [relative(base, file).replaceAll('\\', '/'), text]));
}

function hashOf(named: (readonly [name: string, text: Buffer])[]): string {
  const hash = createHash('sha256');
  for (const [name, text] of named.sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

async function collect(file: string, files: Map<string, Buffer>): Promise<void> {
  if (files.has(file)) return;
  const text = await readFile(file).catch(() => null);
  if (text === null) return; // what a comment or a string names may not be there
  files.set(file, text);
  if (!CODE.test(file)) return;
  for (const [, specifier] of text.toString().matchAll(IMPORTED)) {
    if (specifier !== undefined) await collect(resolve(dirname(file), specifier), files);
  }
}

async function collectKernels(folder: string, files: Map<string, Buffer>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (!entries.some(({ name }) => KERNEL.test(name))) return;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile() && KERNEL.test(entry.name)) await collect(path, files);
    if (!entry.isDirectory() || (entry.name !== 'assembly' && entry.name !== 'build')) continue;
    for (const file of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) await collect(join(file.parentPath, file.name), files);
    }
  }
}
