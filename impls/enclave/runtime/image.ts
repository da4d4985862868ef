/**
 * An enclave's image: every file that the enclave process can read, found by following imports from the
 * runtime's entry and the guest's, and from a list where imports do not tell. What the image lacks the
 * enclave cannot load, so a file that was overlooked stops it; it cannot run unmeasured.
 *
 * The same commit with the same locked packages gives the same image on every machine: sources get the
 * line ends of the repository, packages come from the registry byte for byte, kernels are compiled
 * deterministically. Node itself is not in it (on real hardware it would be, with the kernel).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findKernels } from '../../primitives/kernels/load.ts';
import { builtImage } from '../images/built.ts';
import { bootPcr } from '../nsm/pcr.ts';
import { checkFlags, DEFAULT_FLAGS } from './flags.ts';
import { ENTRY, type ImageManifest, MANIFEST } from './guest.ts';
import { importsOf, resolveImport } from './imports.ts';

/** The repository's root. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const RUNTIME = 'impls/enclave/runtime/';
/** Where the files of a folder outside the repository's own code lie, within an image. */
export const MOUNT = 'server';

/** Path (with forward slashes, relative to the image's root) → bytes, in the order of the paths. */
export type Image = ReadonlyMap<string, Uint8Array>;

/** What an image is made of, beside the runtime. */
export interface ImageSource {
  /** Path of the guest's module, relative to the repository, e.g. 'impls/enclave/guests/psi.ts'. */
  readonly guest: string;
  /** Its first module. Default {@link ENTRY}. */
  readonly entry?: string;
  /** Node's options inside; see `flags.ts`. Default {@link DEFAULT_FLAGS}. */
  readonly flags?: readonly string[];
  /** What the guest gets as `settings`, JSON. Measured like everything else. */
  readonly settings?: unknown;
  /** A folder whose files the image has under {@link MOUNT}. */
  readonly folder?: {
    /** Absolute path. */
    readonly path: string;
    /** Files whose imports are followed, relative to it. */
    readonly entries: readonly string[];
    /** Files that are taken as they are, relative to it: CommonJS, JSON, what is required by a computed name. */
    readonly files: readonly string[];
  };
}

/** PCR values of an image: 0 all of it, 1 the runtime (boot), 2 everything else (application). */
export interface Measurement {
  readonly pcrs: Readonly<Record<0 | 1 | 2, Uint8Array>>;
  readonly files: number;
  readonly bytes: number;
}

/**
 * The image that runs a guest: {@link ImageSource}, or just the path of the guest's module. It is the one that was
 * built beforehand where there is one (see `images/`), and put together from the sources otherwise.
 * @throws Error naming the file or import that cannot be found, or the flag that is not allowed.
 */
export function buildImage(source: ImageSource | string): Image {
  const { guest, entry = ENTRY, flags = DEFAULT_FLAGS, settings, folder } = asSource(source);
  checkFlags(flags);
  const isPlain = entry === ENTRY && flags === DEFAULT_FLAGS && settings === undefined && !folder;
  const built = isPlain ? builtImage(guest) : undefined;
  if (built) return built;
  const read = reader(folder?.path);
  const files = new Map<string, Uint8Array>();
  const kernels = new Set<string>();
  const queue = [entry, guest, ...(folder?.entries ?? []).map((name) => `${MOUNT}/${name}`)];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (files.has(path)) continue;
    const bytes = read(path);
    files.set(path, bytes);
    const text = Buffer.from(bytes).toString();
    for (const specifier of importsOf(text)) {
      const packages = path.startsWith(`${MOUNT}/`) ? `${MOUNT}/node_modules` : 'node_modules';
      const resolved = resolveImport(specifier, path, packages, (name) => ifThere(() => read(name)));
      if (!resolved) continue;
      if (path.startsWith(`${MOUNT}/`) && !resolved.path.startsWith(`${MOUNT}/`)) {
        throw new Error(`${path} imports "${specifier}", which lies outside its folder`);
      }
      queue.push(resolved.path);
      if (resolved.description) files.set(resolved.description, read(resolved.description));
    }
    for (const [, name = ''] of text.matchAll(/\bkernelModule\('([\w-]+)'\)/g)) kernels.add(name);
  }
  for (const name of folder?.files ?? []) files.set(`${MOUNT}/${name}`, read(`${MOUNT}/${name}`));
  for (const kernel of findKernels().filter(({ name }) => kernels.has(name))) {
    if (!existsSync(kernel.module)) {
      throw new Error(`kernel "${kernel.name}" is not built from its present sources: run "npm run build"`);
    }
    const compiled = slashed(relative(root, kernel.module));
    files.set(compiled, read(compiled));
    for (const name of kernel.sources === undefined ? [] : readdirSync(kernel.sources)) {
      const path = slashed(relative(root, join(kernel.sources ?? '', name)));
      files.set(path, read(path));
    }
  }
  const manifest: ImageManifest = { guest, entry, flags, ...(settings === undefined ? {} : { settings }) };
  files.set(MANIFEST, new TextEncoder().encode(`${JSON.stringify(manifest)}\n`));
  files.set('package.json', new TextEncoder().encode('{"type":"module"}\n'));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What an image says of itself. @throws Error when it is none, or asks for flags that are not allowed. */
export function manifestOf(image: Image): ImageManifest {
  const bytes = image.get(MANIFEST);
  if (!bytes) throw new Error(`the image has no ${MANIFEST}`);
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as ImageManifest;
  checkFlags(manifest.flags);
  return manifest;
}

/** Measures an image as the emulated hypervisor does at start. */
export function measureImage(image: Image): Measurement {
  const isRuntime = (path: string) => path.startsWith(RUNTIME);
  const all = [...image];
  const measure = (chosen: readonly (readonly [string, Uint8Array])[]) => bootPcr(serialize(chosen));
  return {
    pcrs: {
      0: measure(all),
      1: measure(all.filter(([path]) => isRuntime(path))),
      2: measure(all.filter(([path]) => !isRuntime(path))),
    },
    files: image.size,
    bytes: all.reduce((sum, [, bytes]) => sum + bytes.length, 0),
  };
}

/** Writes the image's files under `folder`. */
export function stageImage(image: Image, folder: string): void {
  for (const [path, bytes] of image) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

function asSource(source: ImageSource | string): ImageSource {
  return typeof source === 'string' ? { guest: source } : source;
}

/** Lengths before paths and contents, so that no two images have the same bytes. */
function serialize(files: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [path, bytes] of files) {
    for (const part of [Buffer.from(path), bytes]) {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(part.length));
      parts.push(length, part);
    }
  }
  return Buffer.concat(parts);
}

/** Files that git may give other line ends on another machine. */
const TEXT = new Set(['.ts', '.js', '.mjs', '.cjs', '.json', '.txt', '.html', '.css', '.csv', '.svg', '.md']);

/** Reads files of the image from where they lie on this machine. */
function reader(folder: string | undefined): (path: string) => Uint8Array {
  return (path) => {
    const inFolder = folder !== undefined && path.startsWith(`${MOUNT}/`);
    const bytes = readFileSync(inFolder ? join(folder, path.slice(MOUNT.length + 1)) : installed(path));
    const isOurs = !path.split('/').includes('node_modules') && TEXT.has(extname(path));
    return isOurs
      ? new TextEncoder().encode(bytes.toString('utf8').replaceAll('\r\n', '\n'))
      : new Uint8Array(bytes);
  };
}

/** Where a file of ours or of a package is: packages lie beside the project, or in a folder above it. */
function installed(path: string): string {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (name === undefined) return join(root, path);
  let at = root;
  while (!existsSync(join(at, 'node_modules', name)) && at !== dirname(at)) at = dirname(at);
  return join(at, path);
}

function ifThere<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
