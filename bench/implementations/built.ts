/** Whether the WebAssembly kernels are there: an installation with its scripts switched off lacks them. */
import { existsSync } from 'node:fs';
import { findKernels, type Kernel } from '../../impls/primitives/kernels/load.ts';
import { UsageError } from '../errors.ts';

/** @throws UsageError naming the remedy when a kernel is not built from its present sources */
export function requireBuilt(kernels: readonly Pick<Kernel, 'name' | 'module'>[] = findKernels()): void {
  const missing = kernels.filter(({ module }) => !existsSync(module));
  if (missing.length === 0) return;
  throw new UsageError(
    `${missing.length} of ${kernels.length} kernels are not built (npm ci --ignore-scripts leaves that out): run "npm run build"`,
  );
}
