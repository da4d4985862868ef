/**
 * An enclave's image: every file that the enclave process can read, found by following imports from two
 * entries, the runtime's and the guest's. What the image lacks the enclave cannot load, so a file that
 * was overlooked stops it; it cannot run unmeasured.
 *
 * The same commit with the same locked packages gives the same image on every machine: sources get the
 * line ends of the repository, packages come from the registry byte for byte, kernels are compiled
 * deterministically. Node itself is not in it (on real hardware it would be, with the kernel).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findKernels } from '../../primitives/kernels/load.ts';
import { bootPcr } from '../nsm/emulated.ts';
import { type ImageManifest, MANIFEST } from './guest.ts';

/** The repository's root. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where the enclave process starts, within an image. */
export const ENTRY = 'impls/enclave/runtime/inside/main.ts';
const RUNTIME = 'impls/enclave/runtime/';

/** Path (with forward slashes, relative to the repository) → bytes, in the order of the paths. */
export type Image = ReadonlyMap<string, Uint8Array>;

/** PCR values of an image: 0 all of it, 1 the runtime (boot), 2 everything else (application). */
export interface Measurement {
  readonly pcrs: Readonly<Record<0 | 1 | 2, Uint8Array>>;
  readonly files: number;
  readonly bytes: number;
}

/**
 * The image that runs `guest`.
 * @param guest path of the guest's module, relative to the repository, e.g. 'impls/enclave/guests/psi.ts'.
 * @throws Error naming the import that cannot be found.
 */
export function buildImage(guest: string): Image {
  const files = new Map<string, Uint8Array>();
  const kernels = new Set<string>();
  const queue = [ENTRY, guest];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (files.has(path)) continue;
    const bytes = read(path);
    files.set(path, bytes);
    const source = Buffer.from(bytes).toString();
    for (const specifier of importsOf(source)) queue.push(...resolveImport(specifier, path, files));
    for (const [, name] of source.matchAll(/\bkernelModule\('([\w-]+)'\)/g)) kernels.add(name!);
  }
  for (const kernel of findKernels().filter(({ name }) => kernels.has(name))) {
    if (!existsSync(kernel.module)) {
      throw new Error(`kernel "${kernel.name}" is not built from its present sources: run "npm run build"`);
    }
    const compiled = slashed(relative(root, kernel.module));
    files.set(compiled, read(compiled));
    for (const name of readdirSync(kernel.folder)) {
      const source = slashed(relative(root, join(kernel.folder, name)));
      files.set(source, read(source));
    }
  }
  const manifest: ImageManifest = { guest };
  files.set(MANIFEST, new TextEncoder().encode(`${JSON.stringify(manifest)}\n`));
  files.set('package.json', new TextEncoder().encode('{"type":"module"}\n'));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Measures an image as the emulated hypervisor does at start. */
export function measureImage(image: Image): Measurement {
  const isRuntime = (path: string) => path.startsWith(RUNTIME);
  const paths = [...image.keys()];
  const measure = (chosen: readonly string[]) => bootPcr(serialize(image, chosen));
  return {
    pcrs: {
      0: measure(paths),
      1: measure(paths.filter(isRuntime)),
      2: measure(paths.filter((path) => !isRuntime(path))),
    },
    files: image.size,
    bytes: [...image.values()].reduce((sum, bytes) => sum + bytes.length, 0),
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

/** Lengths before paths and contents, so that no two images have the same bytes. */
function serialize(image: Image, paths: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const path of paths) {
    for (const part of [Buffer.from(path), image.get(path)!]) {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(part.length));
      parts.push(length, part);
    }
  }
  return Buffer.concat(parts);
}

/** Specifiers of all imports that exist at run time: those of types alone are erased. */
function importsOf(source: string): string[] {
  const found = source.matchAll(
    /^\s*(?:import|export)\s+(?!type\b)(?:[\w*{][^'"`;]*?from\s*)?['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, specifier]) => specifier!);
}

/** The file that `specifier` means in `importer`; a package's description is added to `files`. */
function resolveImport(specifier: string, importer: string, files: Map<string, Uint8Array>): string[] {
  if (specifier.startsWith('node:') || specifier === 'crypto') return [];
  if (specifier.startsWith('.')) return [posix.join(posix.dirname(importer), specifier)];
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier)!;
  const folder = `node_modules/${name}`;
  const description = `${folder}/package.json`;
  if (!existsSync(join(root, description))) {
    throw new Error(`the image needs the package "${name}" (${importer} imports it): run "npm ci"`);
  }
  const bytes = read(description);
  files.set(description, bytes);
  const { exports, main } = JSON.parse(Buffer.from(bytes).toString()) as PackageDescription;
  const target = entryOf(typeof exports === 'object' ? exports[`.${rest ?? ''}`] : exports) ?? main;
  if (!target) throw new Error(`the package "${name}" does not say what "${specifier}" is`);
  return [posix.join(folder, target)];
}

interface PackageDescription {
  readonly exports?: string | Readonly<Record<string, PackageExport>>;
  readonly main?: string;
}
type PackageExport = string | { readonly [condition: string]: PackageExport };

/** What Node would choose for an `import`. */
function entryOf(target: PackageExport | undefined): string | undefined {
  if (target === undefined || typeof target === 'string') return target;
  for (const [condition, value] of Object.entries(target)) {
    if (condition === 'import' || condition === 'node' || condition === 'default') return entryOf(value);
  }
  return undefined;
}

function read(path: string): Uint8Array {
  const bytes = readFileSync(join(root, path));
  if (path.startsWith('node_modules/') || path.endsWith('.wasm')) return new Uint8Array(bytes);
  return new TextEncoder().encode(bytes.toString('utf8').replaceAll('\r\n', '\n'));
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
