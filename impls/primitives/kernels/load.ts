import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

type KernelFolder = Pick<KernelSource, 'name' | 'folder'>;

/** A kernel's AssemblyScript sources, found by convention: an `assembly/index.ts` in a folder called <name>. */
export interface KernelSource {
  readonly name: string;
  /** The `assembly` folder. */
  readonly folder: string;
  /** Where its module is, or would be, built: the name carries a digest of the sources. */
  readonly module: string;
}

/** All kernels of the repository, by walking `impls`. */
export function findKernels(): KernelSource[] {
  return findFolders().map(sourceIn);
}

/** The `assembly` folders, in the order of their kernels' names. */
function findFolders(): KernelFolder[] {
  const found: KernelFolder[] = [];
  for (const entry of readdirSync(join(root, 'impls'), { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name !== 'assembly') continue;
    const name = entry.parentPath.split(/[\\/]/).pop()!;
    found.push({ name, folder: join(entry.parentPath, entry.name) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sourceIn({ name, folder }: KernelFolder): KernelSource {
  return { name, folder, module: join(root, 'build', `${name}-${digestOf(folder)}.wasm`) };
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
let folders: KernelFolder[] | undefined;

/**
 * The compiled module of kernel `name`; compiled once per process. A `WebAssembly.Module` can be
 * posted to worker threads, which then need not compile it again.
 * @throws Error naming the remedy when the kernel is unknown or not built from the present sources.
 */
export function kernelModule(name: string): WebAssembly.Module {
  const known = compiled.get(name);
  if (known) return known;
  folders ??= findFolders();
  const found = folders.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no kernel is called "${name}"`);
  const kernel = sourceIn(found);
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
