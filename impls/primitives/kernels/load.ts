import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A kernel, found by convention in the folder of its name. */
export interface Kernel {
  readonly name: string;
  /**
   * Its compiled module, or where it would be: in `build/`, under a name that carries a digest of the sources; in a
   * published package, which has no sources, in the kernel's own folder as <name>.wasm.
   */
  readonly module: string;
  /** The folder of its AssemblyScript sources, `assembly`; undefined in a published package. */
  readonly sources?: string;
}

type Found = { readonly name: string } & ({ readonly sources: string } | { readonly module: string });

/** All kernels of the project, by walking `impls`, in the order of their names. */
export function findKernels(): Kernel[] {
  return find().map(located);
}

function find(): Found[] {
  const found: Found[] = [];
  for (const entry of readdirSync(join(root, 'impls'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = basename(entry.parentPath);
    if (entry.name === 'assembly' && entry.isDirectory()) found.push({ name, sources: path });
    if (entry.name === `${name}.wasm`) found.push({ name, module: path });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Reads the sources, where there are any. */
function located(found: Found): Kernel {
  if ('module' in found) return found;
  return { ...found, module: join(root, 'build', `${found.name}-${digestOf(found.sources)}.wasm`) };
}

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${file}\0${text}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

const compiled = new Map<string, WebAssembly.Module>();
/** Walked once per process: it takes longer than to compile a kernel, and a protocol loads eight. */
let kernels: Found[] | undefined;

/**
 * The compiled module of kernel `name`; compiled once per process. A `WebAssembly.Module` can be
 * posted to worker threads, which then need not compile it again.
 * @throws Error naming the remedy when the kernel is unknown or not built from the present sources.
 */
export function kernelModule(name: string): WebAssembly.Module {
  const known = compiled.get(name);
  if (known) return known;
  kernels ??= find();
  const found = kernels.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no kernel is called "${name}"`);
  const kernel = located(found);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(kernel.module);
  } catch (cause) {
    throw new Error(`kernel "${name}" is not built from its present sources: run "npm run build"`, { cause });
  }
  const module = new WebAssembly.Module(bytes);
  compiled.set(name, module);
  return module;
}
