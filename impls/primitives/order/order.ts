import type { Random } from '../../../bench/contract.ts';

/** Random bytes that are fetched at a time. */
const BLOCK = 1 << 16;

/** A uniformly random order of 0 … count - 1 (Fisher and Yates), from the session's randomness. */
export function randomOrder(count: number, random: Random): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let block = new Uint32Array(0);
  let used = 0;
  for (let i = count - 1; i > 0; i--) {
    const bound = i + 1;
    // Words at or above the largest multiple of the bound would favour small results: they are skipped.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word: number;
    do {
      if (used === block.length) {
        const bytes = random.bytes(Math.min(BLOCK, 4 * Math.max(i, 16)));
        block = new Uint32Array(bytes.slice().buffer);
        used = 0;
      }
      word = block[used++]!;
    } while (word >= limit);
    const j = word % bound;
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}
