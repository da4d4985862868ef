import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

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
  const found: KernelSource[] = [];
  for (const entry of readdirSync(join(root, 'impls'), { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name !== 'assembly') continue;
    const folder = join(entry.parentPath, entry.name);
    const name = entry.parentPath.split(/[\\/]/).pop()!;
    found.push({ name, folder, module: join(root, 'build', `${name}-${digestOf(folder)}.wasm`) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
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

/**
 * The compiled module of kernel `name`; compiled once per process. A `WebAssembly.Module` can be
 * posted to worker threads, which then need not compile it again.
 * @throws Error naming the remedy when the kernel is unknown or not built from the present sources.
 */
export function kernelModule(name: string): WebAssembly.Module {
  const known = compiled.get(name);
  if (known) return known;
  const kernel = findKernels().find((candidate) => candidate.name === name);
  if (!kernel) throw new Error(`no kernel is called "${name}"`);
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
