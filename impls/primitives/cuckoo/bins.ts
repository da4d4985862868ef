/** How many bins a cuckoo table needs, so that one fails with probability at most 2^-40: proven, no table is tried. */

/**
 * Numbers of items, and the fewest bins with which a table fails with probability at most 2^-40, by the bound of
 * `cuckooFailureLog2`. A test computes them anew.
 */
export const PROVEN_BINS: readonly (readonly [items: number, bins: number])[] = [
  [3, 3],
  [4, 41],
  [8, 67],
  [12, 84],
  [16, 97],
  [24, 118],
  [32, 136],
  [48, 164],
  [64, 188],
  [96, 226],
  [128, 258],
  [192, 310],
  [256, 371],
  [384, 535],
  [512, 700],
  [768, 1032],
  [1024, 1364],
  [2048, 2691],
  [4096, 5345],
  [8192, 10_655],
];
/** From here on 1.3 bins for each item. */
const LARGE = 16_384;

/**
 * Bins for `items` items. Between two sizes of the list the lesser of two upper bounds: the bins of the next size, since
 * fewer items never need more, and the ratio of the size before, since it falls as sizes grow.
 */
export function binsFor(items: number): number {
  if (items >= LARGE) return Math.ceil(items * 1.3);
  let below: readonly [number, number] = [1, 3];
  for (const entry of PROVEN_BINS) {
    if (items <= entry[0]) {
      const byRatio = items > 3 && below[0] > 3 ? Math.ceil((items * below[1]) / below[0]) : entry[1];
      return items <= 3 ? 3 : Math.min(entry[1], byRatio);
    }
    below = entry;
  }
  return Math.ceil((items * below[1]) / below[0]);
}
