/**
 * Compiles every kernel that is not built from its present sources: AssemblyScript → WebAssembly,
 * with the flags of the kernel's own `asconfig.json`. Run by `npm ci` (script `prepare`) and before
 * tests; it takes nothing from outside the repository but the compiler, a package.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import asc from 'assemblyscript/asc';
import { findKernels } from './load.ts';

for (const kernel of findKernels()) {
  const { sources } = kernel;
  if (sources === undefined || existsSync(kernel.module)) continue;
  const folder = dirname(kernel.module);
  mkdirSync(folder, { recursive: true });
  // Written under another name first, so that two builds at once, or one cut short, leave no half module.
  const draft = `${kernel.module}.${process.pid}.tmp`;
  const argument = (path: string) => relative(process.cwd(), path).replaceAll('\\', '/');
  const { error, stderr } = await asc.main([
    argument(join(sources, 'index.ts')),
    '--config',
    argument(join(sources, 'asconfig.json')),
    '--outFile',
    argument(draft),
  ]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw new Error(`kernel "${kernel.name}" does not compile`, { cause: error });
  }
  for (const old of readdirSync(folder)) {
    if (old.startsWith(`${kernel.name}-`) && !old.endsWith('.tmp')) rmSync(join(folder, old));
  }
  renameSync(draft, kernel.module);
  console.log(`built ${basename(kernel.module)}`);
}
