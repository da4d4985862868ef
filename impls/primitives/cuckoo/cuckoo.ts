/**
 * A cuckoo table: every item lies in one of its three bins, no bin holds two. Pagh and Rodler 2001; Fotakis,
 * Pagh, Sanders, Spirakis 2003 for more than two hash functions. Protocols put one party's items into such
 * a table and the other's into all of their bins (Pinkas, Schneider, Zohner 2014).
 *
 * Items are placed by breadth-first search for a free bin, so a table is found whenever there is one:
 * {@link cuckooFailureLog2} bounds the probability that there is none, and no limit on evictions adds to it.
 * Memory accesses depend on the items' bins: this runs where the items are known anyway.
 */

/** Hash functions of the table, and so candidate bins of an item. */
export const CUCKOO_HASHES = 3;

const FREE = -1;

/** No placement exists; with the table sizes of {@link cuckooBins} that has negligible probability. */
export class CuckooError extends Error {
  /** How many items there were. */
  readonly count: number;

  constructor(count: number, bins: number) {
    super(`${count} items do not fit a cuckoo table of ${bins} bins with these hash functions: run again`);
    this.name = 'CuckooError';
    this.count = count;
  }
}

/**
 * Three different bins for each item, uniformly among all ordered triples up to a bias of 3·bins·2^−32.
 * @param words independent uniform 32-bit words, {@link CUCKOO_HASHES} for each item.
 * @param bins number of bins, at least 3 and below 2^24.
 * @returns as many bins as words: those of item i at 3i, 3i + 1, 3i + 2.
 * @throws RangeError when an argument does not fit.
 */
export function cuckooCandidates(words: Uint32Array, bins: number): Uint32Array<ArrayBuffer> {
  checkBins(bins);
  if (words.length % CUCKOO_HASHES !== 0) {
    throw new RangeError(`"words" must be ${CUCKOO_HASHES} for each item, got ${words.length}`);
  }
  const out = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i += CUCKOO_HASHES) {
    // Of bins, of bins less one, of bins less two; then past those that are taken, in ascending order.
    const a = scale(words[i]!, bins);
    let b = scale(words[i + 1]!, bins - 1);
    if (b >= a) b++;
    let c = scale(words[i + 2]!, bins - 2);
    const [low, high] = a < b ? [a, b] : [b, a];
    if (c >= low) c++;
    if (c >= high) c++;
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
  }
  return out;
}

/** A uniform word to a number below `range`, in proportion. */
function scale(word: number, range: number): number {
  // Rounding may carry a product over an integer, but never up to the range: at the largest word, 2^32 - 1,
  // it is range/2^32 below it, more than a double's precision.
  return Math.floor((word / 2 ** 32) * range);
}

/**
 * Places items.
 * @param candidates bins of the items, as {@link cuckooCandidates} gives them.
 * @returns for each bin the index of its item, or −1.
 * @throws CuckooError when there is no placement; RangeError when an argument does not fit.
 */
export function cuckooTable(candidates: Uint32Array, bins: number): Int32Array<ArrayBuffer> {
  checkBins(bins);
  const count = candidates.length / CUCKOO_HASHES;
  if (!Number.isInteger(count)) {
    throw new RangeError(`"candidates" must be ${CUCKOO_HASHES} for each item, got ${candidates.length}`);
  }
  const table = new Int32Array(bins).fill(FREE);
  // The bins that the search has reached, the order in which it did, and from which place of that order.
  const seen = new Int32Array(bins).fill(-1);
  const queue = new Uint32Array(bins);
  const from = new Int32Array(bins);
  for (let item = 0; item < count; item++) {
    let end = 0;
    const reach = (bin: number, parent: number) => {
      if (bin >= bins) throw new RangeError(`"candidates" names bin ${bin} of ${bins}`);
      if (seen[bin] === item) return;
      seen[bin] = item;
      from[end] = parent;
      queue[end++] = bin;
    };
    for (let h = 0; h < CUCKOO_HASHES; h++) reach(candidates[item * CUCKOO_HASHES + h]!, -1);
    let at = 0;
    for (; at < end; at++) {
      const holder = table[queue[at]!]!;
      if (holder === FREE) break;
      for (let h = 0; h < CUCKOO_HASHES; h++) reach(candidates[holder * CUCKOO_HASHES + h]!, at);
    }
    if (at === end) throw new CuckooError(count, bins);
    // Back along the path: every item moves on to the bin that was reached from its own.
    for (; from[at] !== -1; at = from[at]!) table[queue[at]!] = table[queue[from[at]!]!]!;
    table[queue[at]!] = item;
  }
  return table;
}

function checkBins(bins: number): void {
  if (!Number.isInteger(bins) || bins < CUCKOO_HASHES || bins >= 2 ** 24) {
    throw new RangeError(`"bins" must be a whole number from ${CUCKOO_HASHES} to 2^24 - 1, got ${bins}`);
  }
}
