/**
 * How clients get to know an emulator's root. In reality the pin is AWS's root, known to everybody; an
 * emulator's is new in every process, so its fingerprint is laid down in a folder of this machine, which
 * stands for "known beforehand". Public values only. The folder is the user's own (`user-cache.ts`): whoever
 * can write there can make that user run anything. Nothing that crosses the protocol's wire can add to it.
 *
 * A process whose environment has {@link ROOTS_VARIABLE} looks at nothing else: those are its pins. So a
 * client on another machine than the enclave's is told which root to expect by whoever starts it.
 */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { userCache } from './user-cache.ts';

/** In the environment: fingerprints with commas, in the place of the folder's. */
export const ROOTS_VARIABLE = 'PSI_EMULATOR_ROOTS';
/** In the environment: the root, with its key, under which an emulator of this process issues certificates. */
export const AUTHORITY_VARIABLE = 'PSI_EMULATOR_AUTHORITY';

/** Older ones are of processes that have ended, and so have their certificates. */
const MAX_AGE_MS = 24 * 3_600_000;

function ownFolder(): URL {
  return pathToFileURL(`${userCache('emulator-roots')}/`);
}

/**
 * Adds a root's SHA-256 fingerprint, 64 hex digits: called by whoever starts an emulated module. One
 * file each, so that processes that do so at once cannot disturb each other.
 */
export function rememberEmulatorRoot(fingerprint: string, folder: URL = ownFolder()): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const file = new URL(name, folder);
    const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - modified > MAX_AGE_MS) rmSync(file, { force: true });
  }
  writeFileSync(new URL(fingerprint, folder), '', { mode: 0o600 });
}

/** The fingerprints pinned by the environment, or else those made on this machine within the last day. */
export function knownEmulatorRoots(folder?: URL): string[] {
  const isFingerprint = (name: string) => /^[0-9a-f]{64}$/.test(name);
  const pinned = process.env[ROOTS_VARIABLE];
  if (pinned !== undefined) return pinned.split(',').filter(isFingerprint);
  try {
    return readdirSync(folder ?? ownFolder()).filter(isFingerprint);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
