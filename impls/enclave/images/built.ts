/**
 * Images that were built beforehand, by `npm run build`, and are launched as they are: a deployment ships an image, and its
 * clients know its measurement; neither builds it in order to run it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Guests whose images are built, by the names of their modules in `guests/`. */
export const BUILT_GUESTS: readonly string[] = ['psi'];

/** A built image as it lies in `build/`. */
export interface BuiltImage {
  /** What it was built from, by path from the project's root: {@link inputDigest}. Empty where sources are not shipped. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Path in the image → base64. */
  readonly files: Readonly<Record<string, string>>;
}

/** Where the built image of a guest is, or would be. */
export function builtPath(name: string): string {
  return join(root, 'build', `${name}.image.json`);
}

/** SHA-256 of an input, whatever line ends it has on this machine. */
export function inputDigest(bytes: Buffer): string {
  const text = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The built image of a guest, by the path of its module; undefined for a guest that has none.
 * @throws Error naming the remedy when it is not there, or older than a source that has changed
 */
export function builtImage(guest: string): ReadonlyMap<string, Uint8Array> | undefined {
  const name = basename(guest, extname(guest));
  if (!guest.startsWith('impls/enclave/guests/') || !BUILT_GUESTS.includes(name)) return undefined;
  const built = readBuilt(builtPath(name), 'young sources');
  if (!built) throw new Error(notBuilt(name));
  const files = Object.entries(built.files);
  return new Map(files.map(([path, base64]) => [path, new Uint8Array(Buffer.from(base64, 'base64'))]));
}

/** `true`, or what is wrong with the built images, in a sentence: every source of theirs is read. */
export function imagesAreBuilt(): true | string {
  const wrong = BUILT_GUESTS.find((name) => !readBuilt(builtPath(name), 'all sources'));
  return wrong === undefined || notBuilt(wrong);
}

function notBuilt(name: string): string {
  return `the enclave's image "${name}" is not built from its present sources: run "npm run build"`;
}

/**
 * The built image at `path`; undefined when it is not there, or stale.
 * @param compared the contents of which sources: of those that are younger than the image, as a launch has no time
 * for more, or of all, as an image may have been copied from elsewhere
 */
export function readBuilt(path: string, compared: 'young sources' | 'all sources'): BuiltImage | undefined {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file) return undefined;
  const built = JSON.parse(readFileSync(path, 'utf8')) as BuiltImage;
  const isFresh = Object.entries(built.inputs).every(([input, digest]) => {
    const source = statSync(join(root, input), { throwIfNoEntry: false });
    if (!source) return false;
    if (compared === 'young sources' && source.mtimeMs <= file.mtimeMs) return true;
    return inputDigest(readFileSync(join(root, input))) === digest;
  });
  return isFresh ? built : undefined;
}
