/**
 * How clients get to know the emulator's root. In reality the pin is AWS's root, known to everybody; the
 * emulator's is new in every process, so it is laid down in a folder of this machine, which stands for
 * "known beforehand". Nothing that crosses the protocol's wire can add to it.
 */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../build/emulated-roots/', import.meta.url);
/** Older pins are of processes that have ended. */
const MAX_AGE_MS = 24 * 3_600_000;

/** Adds a root's SHA-256 fingerprint, 64 hex digits. One file each: writers cannot disturb each other. */
export function pinRoot(fingerprint: string): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) {
    const file = new URL(name, FOLDER);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > MAX_AGE_MS) rmSync(file, { force: true });
  }
  writeFileSync(new URL(fingerprint, FOLDER), '');
}

/** The fingerprints that this machine's clients trust. @throws Error when there is none. */
export function pinnedRoots(): string[] {
  try {
    const roots = readdirSync(FOLDER).filter((name) => /^[0-9a-f]{64}$/.test(name));
    if (roots.length > 0) return roots;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw new Error(`no emulator has run on this machine: there is no pinned root in ${fileURLToPath(FOLDER)}`);
}
