/**
 * Sorts records of equal width, ascending as little-endian numbers.
 *
 * Two passes by leading bits: the first makes partitions that fit into the cache, the second puts the
 * records of a partition into about as many buckets; insertion sort puts the rest right. Records that
 * are not spread evenly, by chance or design, make large buckets: these go through heapsort first, so
 * that the time is O(n log n) for every input.
 *
 * The caller calls `layout`, then for every piece of the records at `stage` `count`, then `counted`, then
 * for the same pieces `place`, then `sort`; the sorted records are then at `records`, packed.
 */

/** Bytes of records that the caller can hand over at once; reads go up to 7 bytes beyond. */
export const STAGE_BYTES: i32 = 0x40000;
/** Where the caller puts records. */
export const stage: usize = 0x20000;
const DYNAMIC: usize = stage + STAGE_BYTES + 64;

/** At most 2^12 buckets, whose counters stay in the first-level cache. */
const MAX_BUCKET_BITS: u32 = 12;
const counters = memory.data(4 << 12, 16);
/** Buckets with more records than this go through heapsort. */
const MAX_INSERTION: u32 = 32;

let width: usize = 0;
/** 64-bit words of a record, most significant first; the last one has `rest` bytes. */
let words: usize = 0;
let rest: usize = 0;
let restMask: u64 = 0;
/** How far the first word of a record shorter than it is moved up. */
let raise: u64 = 0;
/** Bytes of a record's words. */
let size: usize = 0;
let total: u32 = 0;
let partitionBits: u32 = 0;
/** Per partition: first the count, then the address where its next record goes, then where they end. */
let cursors: usize = 0;
/** Where the records lie: as words first, packed at last. */
export let records: usize = 0;
/** Room for one partition. */
let spare: usize = 0;

/** Lays out the memory for `n` records of `bytes` bytes in 2^`bits` partitions; whether there is enough of it. */
export function layout(n: u32, bytes: u32, bits: u32): bool {
  total = n;
  width = bytes;
  words = (width + 7) >> 3;
  size = words << 3;
  rest = ((width - 1) & 7) + 1;
  restMask = rest == 8 ? u64.MAX_VALUE : ((<u64>1 << (<u64>rest << 3)) - 1);
  raise = words == 1 ? (8 - <u64>rest) << 3 : 0;
  partitionBits = bits;
  cursors = DYNAMIC;
  records = (cursors + (<usize>4 << bits) + 63) & ~63;
  return reach(<u64>records + <u64>n * size);
}

function reach(end: u64): bool {
  const pages = <i64>((end + 64 + 0xffff) >> 16);
  if (pages > 65536) return false;
  const more = <i32>pages - memory.size();
  return more <= 0 || memory.grow(more) >= 0;
}

/** Word `k` of the packed record at `from`, counted from its most significant end. */
// @ts-ignore: decorator
@inline
function word(from: usize, k: usize): u64 {
  return k == words - 1 ? (load<u64>(from) & restMask) << raise : load<u64>(from + width - ((k + 1) << 3));
}

// @ts-ignore: decorator
@inline
function partitionOf(key: u64): usize {
  // In two shifts: one by 64 would be one by 0.
  return <usize>(key >> 1 >> (63 - <u64>partitionBits));
}

/** Counts the partitions of the `n` records at `stage`. */
export function count(n: u32): void {
  let from = stage;
  for (let i: u32 = 0; i < n; i++, from += width) {
    const at = cursors + (partitionOf(word(from, 0)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** All are counted: from counts to addresses; whether there is memory enough for the largest partition. */
export function counted(): bool {
  let at = records;
  let most: u32 = 0;
  for (let p: usize = 0; p < <usize>1 << partitionBits; p++) {
    const n = load<u32>(cursors + (p << 2));
    if (n > most) most = n;
    store<u32>(cursors + (p << 2), at);
    at += <usize>n * size;
  }
  spare = (at + 63) & ~63;
  return reach(<u64>spare + <u64>most * size);
}

/** Puts the `n` records at `stage` into their partitions. */
export function place(n: u32): void {
  let from = stage;
  for (let i: u32 = 0; i < n; i++, from += width) {
    const key = word(from, 0);
    const cursor = cursors + (partitionOf(key) << 2);
    const to = <usize>load<u32>(cursor);
    store<u32>(cursor, to + size);
    store<u64>(to, key);
    for (let k: usize = 1; k < words; k++) store<u64>(to + (k << 3), word(from, k));
  }
}

/** Sorts every partition and packs it: the packed records never reach those that are still to be read. */
export function sort(): void {
  let start = records;
  let to = records;
  for (let p: usize = 0; p < <usize>1 << partitionBits; p++) {
    const end = <usize>load<u32>(cursors + (p << 2));
    to = sortPartition(start, end, to);
    start = end;
  }
}

function sortPartition(start: usize, end: usize, to: usize): usize {
  const n = <u32>((end - start) / size);
  if (n == 0) return to;
  let bits: u32 = 32 - <u32>clz<u32>(n);
  if (bits > MAX_BUCKET_BITS) bits = MAX_BUCKET_BITS;
  memory.fill(counters, 0, <usize>4 << bits);
  for (let at = start; at < end; at += size) {
    const counter = counters + (bucketOf(load<u64>(at), bits) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  let next = spare;
  let most: u32 = 0;
  for (let b: usize = 0; b < <usize>1 << bits; b++) {
    const m = load<u32>(counters + (b << 2));
    if (m > most) most = m;
    store<u32>(counters + (b << 2), next);
    next += <usize>m * size;
  }
  for (let at = start; at < end; at += size) {
    const counter = counters + (bucketOf(load<u64>(at), bits) << 2);
    const into = <usize>load<u32>(counter);
    store<u32>(counter, into + size);
    move(into, at);
  }
  if (most > MAX_INSERTION) {
    let first = spare;
    for (let b: usize = 0; b < <usize>1 << bits; b++) {
      const last = <usize>load<u32>(counters + (b << 2));
      const m = <u32>((last - first) / size);
      if (m > MAX_INSERTION) heapSort(first, m);
      first = last;
    }
  }
  // The place where the record before the first one would lie does not matter: the loop stops at `spare`.
  for (let at = spare + size; at < next; at += size) {
    if (less(at, at - size)) insert(at);
  }
  for (let at = spare; at < next; at += size, to += width) pack(at, to);
  return to;
}

// @ts-ignore: decorator
@inline
function bucketOf(key: u64, bits: u32): usize {
  return <usize>((key << <u64>partitionBits) >> (64 - <u64>bits));
}

// @ts-ignore: decorator
@inline
function move(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  if (words > 1) store<u64>(to, load<u64>(from, 8), 8);
  if (words > 2) store<u64>(to, load<u64>(from, 16), 16);
  if (words > 3) store<u64>(to, load<u64>(from, 24), 24);
}

// @ts-ignore: decorator
@inline
function less(a: usize, b: usize): bool {
  const x = load<u64>(a);
  const y = load<u64>(b);
  return x < y || (x == y && lessBehind(a, b));
}

function lessBehind(a: usize, b: usize): bool {
  for (let k: usize = 8; k < size; k += 8) {
    const x = load<u64>(a + k);
    const y = load<u64>(b + k);
    if (x != y) return x < y;
  }
  return false;
}

/** One record, while others move. */
const held = memory.data(32, 16);

/** Moves the record at `at` down to where it belongs among those before it. */
function insert(at: usize): void {
  move(held, at);
  do {
    move(at, at - size);
    at -= size;
  } while (at > spare && less(held, at - size));
  move(at, held);
}

function heapSort(first: usize, n: u32): void {
  for (let i = n >> 1; i-- > 0; ) sift(first, i, n);
  for (let last = n - 1; last > 0; last--) {
    const end = first + <usize>last * size;
    move(held, end);
    move(end, first);
    move(first, held);
    sift(first, 0, last);
  }
}

/** Lets record `i` of the heap of `n` records at `first` sink to its place. */
function sift(first: usize, i: u32, n: u32): void {
  move(held, first + <usize>i * size);
  for (;;) {
    let child: u32 = 2 * i + 1;
    if (child >= n) break;
    if (child + 1 < n && less(first + <usize>child * size, first + <usize>(child + 1) * size)) child++;
    const at = first + <usize>child * size;
    if (!less(held, at)) break;
    move(first + <usize>i * size, at);
    i = child;
  }
  move(first + <usize>i * size, held);
}

/** Writes the record at `from` packed. What the first store writes too far, the next ones, or records, overwrite. */
// @ts-ignore: decorator
@inline
function pack(from: usize, to: usize): void {
  store<u64>(to, load<u64>(from + size - 8) >> raise);
  for (let k: usize = 1; k < words; k++) store<u64>(to + width - (k << 3), load<u64>(from + (k << 3) - 8));
}
