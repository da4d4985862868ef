/**
 * Oblivious key-value stores: an array of columns P such that every encoded item x has Decode(P, x) =
 * Σ_{c in row(x)} P[c] = its value, with a public row of zeros and ones. What kind of row makes the kinds of
 * store: {@link SparseStore} and {@link BandStore}.
 *
 * Items are 16-byte hashes, values and columns 16 bytes, all in a {@link WorkingMemory}. Items are brought
 * into the order in which their columns lie first ({@link Arranged}); values go in and out in that order, so
 * that columns are read nearly in sequence and can be decoded while they arrive.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** Items in the order of their columns, under one key: made by a store, and read by the same one. */
export interface Arranged {
  readonly count: number;
  /** Address of the items, `count` × 16 bytes. */
  readonly items: number;
  /** Address of the items' numbers in the order before, `count` × u32. */
  readonly numbers: number;
}

/** What became of an encoding. */
export type Encoding =
  /** Done; `gap` rows were solved by elimination because they could not be peeled (0 in a band store). */
  | { readonly ok: true; readonly gap: number }
  /**
   * There is no encoding under this key, or none was found. With the sizes of this folder that has negligible
   * probability; another key chosen because of it tells something about the items.
   */
  | { readonly ok: false; readonly reason: 'dependent rows' | 'gap too large' | 'cluster too large' };

/** What columns that no item determines become: zero, or random, so that nothing shows which they were. */
export type FreeColumns = 'zero' | 'random';

/** Decodes as columns arrive, from the first to the last. */
export interface Decoding {
  /**
   * Writes the values of all items that lie in the first `columns` columns.
   * @returns how many items of the arranged order are done by now.
   */
  advance(columns: number): number;
}

/** A store of one size. It keeps no data: what it makes lies in the memory until the caller's mark is released. */
export interface Store<A extends Arranged = Arranged> {
  /** How many columns there are. */
  readonly columns: number;
  /**
   * Brings `count` items into order. Their number may differ from that of the encoded ones.
   * @param items address of the items, 16 bytes each, distinct if they are to be encoded.
   * @param key of the hash that makes the rows, 16 bytes; drawn after the items are fixed.
   */
  arrange(items: number, count: number, key: Uint8Array): A;
  /**
   * Writes columns from which every item decodes to its value.
   * @param values address of the values in arranged order, 16 bytes each.
   * @param out address of the columns, 16 bytes each; with free columns `'random'` it has random bytes, which
   *   the free ones keep.
   */
  encode(arranged: A, values: number, out: number, free: FreeColumns): Encoding;
  /** Writes the items' values in arranged order to `out`, 16 bytes each. */
  decode(arranged: A, columns: number, out: number): void;
  /** As {@link decode}, while the columns arrive. */
  decoding(arranged: A, columns: number, out: number): Decoding;
}

interface OrderKernel {
  gather(from: number, numbers: number, count: number, to: number): void;
  scatter(from: number, numbers: number, count: number, to: number): void;
}

/**
 * Records of 16 bytes back into the items' first order: record k of `from` is written to place `numbers[k]` of `to`.
 */
export function restoreOrder(memory: WorkingMemory, arranged: Arranged, from: number, to: number): void {
  memory.kernel<OrderKernel>('arrange').scatter(from, arranged.numbers, arranged.count, to);
}

/** Records of 16 bytes into the arranged order: record k of `to` is record `numbers[k]` of `from`. */
export function bringIntoOrder(memory: WorkingMemory, arranged: Arranged, from: number, to: number): void {
  memory.kernel<OrderKernel>('arrange').gather(from, arranged.numbers, arranged.count, to);
}
