/** What worker threads of `rr22` do: shares of trees, code and item hashes. */
import { ExpandConvolute } from '../../primitives/expand-convolute/expand-convolute.ts';
import { type Forest, Gardener } from '../../primitives/ggm/ggm.ts';
import type { VoleKeys } from '../../primitives/vole/vole.ts';
import type { WorkingMemory } from '../../primitives/working-memory/working-memory.ts';

/** Some neighbouring trees; addresses are those of their own first byte. */
export interface GrowOrder {
  readonly forest: Forest;
  readonly keys: Pick<VoleKeys, 'left' | 'right'>;
  readonly roots: number;
  readonly leaves: number;
  readonly sums: number;
}

export interface GrowPuncturedOrder extends Omit<GrowOrder, 'roots'> {
  readonly given: number;
  readonly paths: number;
}

export interface ExpandOrder {
  readonly rows: number;
  readonly vector: number;
  readonly first: number;
  readonly last: number;
}

export function grow(memory: WorkingMemory, { forest, keys, roots, leaves, sums }: GrowOrder): void {
  new Gardener(memory, forest, keys.left, keys.right).grow(roots, leaves, sums);
}

export function growPunctured(
  memory: WorkingMemory,
  { forest, keys, given, paths, leaves, sums }: GrowPuncturedOrder,
): void {
  new Gardener(memory, forest, keys.left, keys.right).growPunctured(given, paths, leaves, sums);
}

export function expand(memory: WorkingMemory, { rows, vector, first, last }: ExpandOrder): void {
  new ExpandConvolute(memory, rows).expand(vector, first, last);
}

export default { grow, growPunctured, expand };
