/** A folder of the user's own for what is kept between processes: the project's may be another's, or read-only. */
import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** In the environment, or by the flag `--cache`: the folder, in the place of the user's cache. */
export const CACHE_VARIABLE = 'PSI_BENCH_CACHE';

/**
 * The folder `name` in the first of these that can be used: what {@link CACHE_VARIABLE} names, `XDG_CACHE_HOME`,
 * `~/.cache`, and, where there is no home or it is read-only, a folder of the user's own among the temporary
 * ones. It is made, and closed to others.
 * @throws Error when none can be used
 */
export function userCache(name: string): string {
  const chosen = process.env[CACHE_VARIABLE];
  if (chosen) return usable(join(chosen, name));
  const { XDG_CACHE_HOME: xdg } = process.env;
  // The specification says so: relative paths are to be ignored.
  const base = xdg && isAbsolute(xdg) ? xdg : homeCache();
  try {
    if (base !== null) return usable(join(base, 'psi-bench', name));
  } catch {
    // No home, or one that cannot be written to.
  }
  return usable(join(ownTemporary(), name));
}

function homeCache(): string | null {
  try {
    return join(homedir(), '.cache');
  } catch {
    return null;
  }
}

function usable(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  accessSync(folder, constants.W_OK);
  return folder;
}

/** A name that anybody can guess, in a folder where anybody can make one: it must be the user's. */
function ownTemporary(): string {
  const uid = process.getuid?.();
  const folder = join(tmpdir(), `psi-bench-${uid ?? userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = lstatSync(folder);
  if (uid !== undefined && (owner !== uid || (mode & 0o077) !== 0)) {
    throw new Error(`${folder} is another user's: name a folder with --cache or ${CACHE_VARIABLE}`);
  }
  return folder;
}
