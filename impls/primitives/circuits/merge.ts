/**
 * Merging two sorted lists and finding what they share (Huang, Evans, Katz, NDSS 2012): where the items of each
 * list are distinct, a common item is a pair of neighbours in the merged list.
 */
import type { CircuitBuilder } from './builder.ts';
import type { Copy, Wires } from './program.ts';
import { bitsOf, equal, exchange, greater, type Word, word } from './words.ts';

/** A sorted list of twice as many words: those at even and at odd places. */
export interface Sorted {
  readonly even: Word;
  readonly odd: Word;
}

/**
 * Merges two lists of n words, n a power of two: a bitonic merge of log2(2n) stages, each n comparisons of
 * `keyBits` gates and n exchanges of `bits` gates. Sorted are the lowest `keyBits` bits; the others travel along.
 * @throws RangeError when the lists do not have the same power of two of words.
 */
export function mergeSorted(
  builder: CircuitBuilder,
  ascending: Word,
  descending: Word,
  keyBits = ascending.bits,
): Sorted {
  const n = ascending.lanes;
  if (n !== descending.lanes || 2 ** Math.round(Math.log2(n)) !== n) {
    throw new RangeError(`lists of ${n} and ${descending.lanes} words: not the same power of two`);
  }
  let [x, y] = [ascending, descending];
  // Compared are always places i and i + n. Shuffled like cards between the stages, the list has the pairs of the
  // next stage there (Stone 1971), and after the last one everything in its place.
  for (let distance = n; ; distance /= 2) {
    const key = (list: Word) => bitsOf(builder, list, 0, keyBits);
    const [low, high] = exchange(builder, greater(builder, key(x), key(y)), x, y);
    if (distance === 1) return { even: low, odd: high };
    x = interleaveHalves(builder, low, high, 0);
    y = interleaveHalves(builder, low, high, n / 2);
  }
}

/** Words a_i, b_i, a_{i+1}, b_{i+1}, … of half the lanes, from lane `start` on. */
function interleaveHalves(builder: CircuitBuilder, a: Word, b: Word, start: number): Word {
  const { bits, lanes } = a;
  const wires = builder.assemble(
    bits * lanes,
    [a, b].map(
      (list, place): Copy => ({
        from: builder.slice(list.wires, start, bits * lanes - start),
        fromStep: 1,
        fromRow: lanes,
        to: place,
        toStep: 2,
        toRow: lanes,
        rows: bits,
        count: lanes / 2,
      }),
    ),
  );
  return word(wires, bits, lanes);
}

/**
 * Which neighbours are equal: in `right`, lane i, places 2i and 2i + 1; in `left`, lane i, places 2i + 1 and 2i + 2.
 * (2n − 1)(keyBits − 1) gates.
 */
export function neighboursEqual(
  builder: CircuitBuilder,
  { even, odd }: Sorted,
  keyBits = even.bits,
): { readonly right: Wires; readonly left: Wires } {
  const { lanes } = even;
  const [e, o] = [bitsOf(builder, even, 0, keyBits), bitsOf(builder, odd, 0, keyBits)];
  const [later, earlier] = [lanesOf(builder, e, 1, lanes - 1), lanesOf(builder, o, 0, lanes - 1)];
  return { right: equal(builder, e, o), left: equal(builder, earlier, later) };
}

/**
 * Whether the word at even place 2i has an equal neighbour on either side, lane i. No word may occur three times,
 * so that at most one neighbour is equal.
 */
export function commonWords(builder: CircuitBuilder, sorted: Sorted): Wires {
  const { lanes } = sorted.even;
  const { right, left } = neighboursEqual(builder, sorted);
  const later = builder.xor(builder.slice(right, 1, lanes - 1), left);
  return builder.join([builder.slice(right, 0, 1), later]);
}

/** Lanes `start` to `start + count − 1` of a word. */
export function lanesOf(
  builder: CircuitBuilder,
  { wires, bits, lanes }: Word,
  start: number,
  count: number,
): Word {
  const from = builder.slice(wires, start, wires.lanes - start);
  const copy = { from, fromStep: 1, fromRow: lanes, to: 0, toStep: 1, toRow: count, rows: bits, count };
  return word(builder.assemble(bits * count, [copy]), bits, count);
}
