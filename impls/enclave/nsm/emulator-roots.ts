import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The fingerprints of emulator roots made on this machine, newest last, so that `bench attest verify --root emulator`
 * can pin them. Public values only; an emulator's root key never leaves its process. The file lies in the project's
 * (uncommitted) `build/`: whoever can write there can change the verifier itself.
 */
const FILE = fileURLToPath(new URL('../../../build/emulator-roots', import.meta.url));
const KEEP = 16;

/** Adds a root's SHA-256 fingerprint (64 hex digits). Called by whoever starts an emulated module. */
export async function rememberEmulatorRoot(fingerprint: string, file: string = FILE): Promise<void> {
  const known = (await knownEmulatorRoots(file)).filter((other) => other !== fingerprint);
  await mkdir(dirname(file), { recursive: true });
  // Replaced in one step: a reader sees the old list or the new one. Of two writers at once, one may be forgotten.
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${[...known, fingerprint].slice(-KEEP).join('\n')}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

/** The remembered fingerprints; none when the file does not exist. Lines that are no fingerprint are ignored. */
export async function knownEmulatorRoots(file: string = FILE): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
}
