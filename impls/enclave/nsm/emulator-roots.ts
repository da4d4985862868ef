/**
 * How clients get to know an emulator's root. In reality the pin is AWS's root, known to everybody; an
 * emulator's is new in every process, so its fingerprint is laid down in a folder of this machine, which
 * stands for "known beforehand". Public values only: an emulator's root key never leaves its process. The
 * folder is in the project's (uncommitted) `build/`: whoever can write there can change the verifier
 * itself. Nothing that crosses the protocol's wire can add to it.
 */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../../../build/emulator-roots/', import.meta.url);
/** Older ones are of processes that have ended, and so have their certificates. */
const MAX_AGE_MS = 24 * 3_600_000;

/**
 * Adds a root's SHA-256 fingerprint, 64 hex digits: called by whoever starts an emulated module. One
 * file each, so that processes that do so at once cannot disturb each other.
 */
export function rememberEmulatorRoot(fingerprint: string, folder: URL = FOLDER): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const file = new URL(name, folder);
    const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - modified > MAX_AGE_MS) rmSync(file, { force: true });
  }
  writeFileSync(new URL(fingerprint, folder), '', { mode: 0o600 });
}

/** The fingerprints made on this machine within the last day; none when no emulator has run. */
export function knownEmulatorRoots(folder: URL = FOLDER): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
