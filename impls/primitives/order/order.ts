import type { Random } from '../../../bench/contract.ts';

/** Random bytes that are fetched at a time. */
const BLOCK = 1 << 16;
/** Up to here an order is made in place: it fits into the second-level cache. */
const DIRECT = 1 << 16;
const BUCKETS = 256;

/**
 * A uniformly random order of 0 … count - 1, from the session's randomness: Fisher and Yates; of many, each number
 * first goes to one of 256 buckets at random, and these are put in order one by one (Rao 1961, Sandelius 1962), so that
 * the work stays in the cache. `direct` is the most that is done without buckets.
 */
export function randomOrder(count: number, random: Random, direct = DIRECT): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(count);
  const words = new Words(random);
  if (count <= direct) {
    for (let i = 0; i < count; i++) order[i] = i;
    shuffle(order, words);
    return order;
  }
  const chosen = random.bytes(count);
  const cursors = new Uint32Array(BUCKETS + 1);
  for (const bucket of chosen) cursors[bucket + 1]!++;
  for (let bucket = 0; bucket < BUCKETS; bucket++) cursors[bucket + 1]! += cursors[bucket]!;
  const starts = cursors.slice();
  for (let i = 0; i < count; i++) {
    const bucket = chosen[i]!;
    order[cursors[bucket]!++] = i;
  }
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    shuffle(order.subarray(starts[bucket], starts[bucket + 1]), words);
  }
  return order;
}

/** Fisher and Yates, in place. */
function shuffle(order: Uint32Array, words: Words): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = words.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
}

/** Random words of 32 bits, fetched in blocks. */
class Words {
  readonly #random: Random;
  #block = new Uint32Array(0);
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * A uniform number below `bound`, at most 2^21 so that products are exact: the upper half of word · bound, unless the
   * lower half is among the 2^32 mod bound values that would favour some numbers (Lemire 2019).
   */
  below(bound: number): number {
    for (;;) {
      if (this.#used === this.#block.length) this.#fetch(bound);
      const product = this.#block[this.#used++]! * bound;
      const upper = Math.floor(product / 2 ** 32);
      const lower = product - upper * 2 ** 32;
      if (lower >= bound || lower >= 2 ** 32 % bound) return upper;
    }
  }

  /** About as many words as an order of `bound` needs, so that small ones take little. */
  #fetch(bound: number): void {
    const bytes = this.#random.bytes(Math.min(BLOCK, 4 * Math.max(bound, 16)));
    this.#block = new Uint32Array(bytes.slice().buffer);
    this.#used = 0;
  }
}
