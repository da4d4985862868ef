import { appendFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The fingerprints of emulator roots made on this machine, newest last, so that `bench attest verify --root emulator`
 * can pin them. Public values only; an emulator's root key never leaves its process. The file lies in the project's
 * (uncommitted) `build/`: whoever can write there can change the verifier itself.
 */
const FILE = fileURLToPath(new URL('../../../build/emulator-roots', import.meta.url));
/** How many are trusted: the newest. */
const KEEP = 64;
/** The file is rewritten when it has grown to this many bytes, about a thousand lines. */
const COMPACT_BYTES = 65_536;

/** Adds a root's SHA-256 fingerprint (64 hex digits). Called by whoever starts an emulated module. */
export async function rememberEmulatorRoot(fingerprint: string, file: string = FILE): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // One short append at a time: processes that do so at once lose nothing.
  await appendFile(file, `${fingerprint}\n`, { mode: 0o600 });
  if ((await stat(file)).size < COMPACT_BYTES) return;
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${(await knownEmulatorRoots(file)).join('\n')}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

/** The newest fingerprints, oldest first; none when the file does not exist. Other lines are ignored. */
export async function knownEmulatorRoots(file: string = FILE): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
  return [...new Set(lines.reverse())].slice(0, KEEP).reverse();
}
