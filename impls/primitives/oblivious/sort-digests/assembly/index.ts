/**
 * Sorts digests: distributes them to buckets by their leading bits, then sorts the few of each bucket by
 * insertion. Input comes twice, piece by piece: once to be counted, once to be placed.
 *
 * A digest is 16 bytes, ordered as two little-endian signed 64-bit integers, the first one first.
 * This is the owner's own work on its own set: memory accesses depend on the digests.
 */

/** Where pieces are put. */
export const STAGING: usize = 1024;
/** Digests that the staging area holds. */
export const STAGED: u32 = 32768;

let shift: u64 = 63;
let buckets: u32 = 0;
let total: u32 = 0;
let ends: usize = 0;
let sorted: usize = 0;
let order: usize = 0;

/** Lays out memory for `count` digests in 2^bits buckets; returns the address of its end. */
export function layout(count: u32, bits: u32): usize {
  total = count;
  shift = 64 - bits;
  buckets = 1 << bits;
  ends = STAGING + <usize>STAGED * 16;
  sorted = ends + ((<usize>buckets * 4 + 15) & ~15);
  order = sorted + <usize>count * 16;
  return order + <usize>count * 4;
}

/** The bucket of the digest at `at`: its leading bits, the sign turned so that they sort as unsigned. */
// @ts-ignore: decorator
@inline
function bucketAt(at: usize): usize {
  return ends + (<usize>((load<u64>(at) ^ 0x8000000000000000) >> shift) << 2);
}

/** Sets all counts to zero; when there is memory enough. */
export function clear(): void {
  memory.fill(ends, 0, <usize>buckets << 2);
}

/** Counts the `count` staged digests. */
export function tally(count: u32): void {
  const end = STAGING + (<usize>count << 4);
  for (let at = STAGING; at < end; at += 16) {
    const bucket = bucketAt(at);
    store<u32>(bucket, load<u32>(bucket) + 1);
  }
}

/** Turns counts into beginnings; after the last piece was counted. */
export function tallied(): void {
  let sum: u32 = 0;
  for (let b: u32 = 0; b < buckets; b++) {
    const bucket = ends + (<usize>b << 2);
    const count = load<u32>(bucket);
    store<u32>(bucket, sum);
    sum += count;
  }
}

/** Places the `count` staged digests, which are numbers `first` and on. */
export function place(count: u32, first: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = STAGING + (<usize>i << 4);
    const bucket = bucketAt(at);
    const position = load<u32>(bucket);
    store<u32>(bucket, position + 1);
    v128.store(sorted + (<usize>position << 4), v128.load(at));
    store<u32>(order + (<usize>position << 2), first + i);
  }
}

/** Sorts within the buckets; returns the address of the sorted digests. */
export function finish(): usize {
  let start: u32 = 0;
  for (let b: u32 = 0; b < buckets; b++) {
    // Placing has moved every beginning to its bucket's end.
    const end = load<u32>(ends + (<usize>b << 2));
    for (let k = start + 1; k < end; k++) insert(start, k);
    start = end;
  }
  return sorted;
}

/** The address of the sorted digests' numbers. */
export function numbers(): usize {
  return order;
}

/** Moves digest `k` down to its place among the sorted ones in [start, k). */
function insert(start: u32, k: u32): void {
  const at = sorted + (<usize>k << 4);
  const moving = v128.load(at);
  const high = i64x2.extract_lane(moving, 0);
  const low = i64x2.extract_lane(moving, 1);
  const number = load<u32>(order + (<usize>k << 2));
  let to = k;
  while (to > start) {
    const before = sorted + (<usize>(to - 1) << 4);
    const other = load<i64>(before);
    if (other < high || (other == high && load<i64>(before, 8) <= low)) break;
    v128.store(before, v128.load(before), 16);
    const place = order + (<usize>(to - 1) << 2);
    store<u32>(place, load<u32>(place), 4);
    to--;
  }
  v128.store(sorted + (<usize>to << 4), moving);
  store<u32>(order + (<usize>to << 2), number);
}
