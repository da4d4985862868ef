/** Where a described program is on this machine, and what it consists of. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { fillPlaces } from '../description/places.ts';

/** The path of the program that a command line begins with: in `folder` when it is a path, else on the PATH. */
export async function findExecutable(program: string, folder: string): Promise<string | null> {
  const name = fillPlaces(program, { folder });
  if (name.includes('/') || name.includes('\\')) {
    const path = isAbsolute(name) ? name : resolve(folder, name);
    return (await isExecutable(path)) ? path : null;
  }
  for (const place of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(place, name);
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * The files that a command consists of: the program, if it is found, and arguments that name files, such as a script.
 * @param words a command line with its places
 */
export async function filesOfCommand(words: readonly string[], folder: string): Promise<string[]> {
  const [program = '', ...rest] = words;
  const executable = await findExecutable(program, folder);
  const files = executable === null ? [] : [executable];
  for (const word of rest) {
    if (!word.startsWith('{folder}') && !/^\.{1,2}\//.test(word)) continue;
    const path = resolve(folder, fillPlaces(word, { folder }));
    if (await isFile(path)) files.push(path);
  }
  return files;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
