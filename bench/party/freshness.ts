/**
 * Fresh items for every run: the data set's, each byte at position p of an item combined by XOR with
 * byte p of a mask that depends on the run's number. Equal items stay equal and different ones
 * different, so the result is the same list of indices; but no run sees items that an earlier one has
 * seen, and nothing is gained by remembering what was computed for an item.
 */
import { createHash } from 'node:crypto';
import type { ItemSet } from '../contract.ts';

export class FreshItems {
  readonly #original: ItemSet;
  readonly #fresh: Uint8Array;
  readonly #longest: number;

  /** Both arrays of what {@link of} gives lie in shared memory where those of `original` do. */
  constructor(original: ItemSet) {
    const { data, offsets } = original;
    this.#original = original;
    const isShared = data.buffer instanceof SharedArrayBuffer;
    this.#fresh = isShared ? new Uint8Array(new SharedArrayBuffer(data.length)) : new Uint8Array(data.length);
    this.#longest = offsets.reduce((most, end, i) => Math.max(most, end - (offsets[i - 1] ?? end)), 0);
  }

  /** The items of run number `run`. The same memory serves every run: the former items are gone. */
  of(run: number): ItemSet {
    const { count, data, offsets } = this.#original;
    const hash = createHash('shake256', { outputLength: Math.max(1, this.#longest) });
    const mask = hash.update(`items of run ${run}`).digest();
    const fresh = this.#fresh;
    for (let i = 0; i < count; i++) {
      const [from, to] = [offsets[i] as number, offsets[i + 1] as number];
      for (let at = from, p = 0; at < to; at++, p++) {
        fresh[at] = (data[at] as number) ^ (mask[p] as number);
      }
    }
    return { count, data: fresh, offsets };
  }
}
