/**
 * Which of the receiver's digests are among the sender's: a chained hash table of the receiver's, probed
 * with the sender's in batches.
 *
 * Both sides are first partitioned by the leading bits of a hash, so that the part of the table in use
 * stays in the cache. The hash is MULTILINEAR-HM (Lemire and Kaser, "Strongly universal string hashing
 * is fast", 2014) under a secret key: whoever does not know the key cannot choose digests that collide, and
 * any chosen set of distinct digests makes chains of expected constant length. Equal digests of the
 * receiver are in the chain once. So the expected time is linear, whatever the input.
 *
 * The caller calls `layout`, then for every piece of the receiver's digests at `stage` `count`, then
 * `counted`, then for the same pieces `place`, then `link`. After that `add` for pieces of the sender's
 * digests, and `finish` before it reads the bitmap at `hits`.
 */

/** Bytes of digests that the caller can hand over at once; reads go up to 31 bytes beyond. */
export const STAGE_BYTES: i32 = 0x40000;
/** Where the caller puts digests. */
export const stage: usize = 0x10000;
/** The hash's key, random: nine words of 64 bits. */
export const key: usize = memory.data(9 * 8, 16);
const DYNAMIC: usize = stage + STAGE_BYTES + 64;

/** A block of the sender's digests of one partition: the address of the block before, then records. */
const BLOCK: usize = 1024;
/** In an entry's `next`: not in the chain, being equal to the entry whose number the other bits hold. */
const EQUAL: u32 = 0x80000000;

let width: usize = 0;
/** Bytes of a digest when it is filled up with zeros: whole words of 64 bits, at least two. */
let record: usize = 0;
/** Bytes of an entry: the record, u32 index, u32 next (the hash until `link`). */
let entry: usize = 0;
/** Which bytes of a digest's last word belong to it. */
let mask0: u64 = 0;
let mask1: u64 = 0;
let mask2: u64 = 0;
let mask3: u64 = 0;
let partitions: u32 = 0;
let partitionShift: u32 = 0;
let bucketShift: u32 = 0;

let receivers: u32 = 0;
/** Per partition: first the count, then the address where its next entry goes, then where its entries end. */
let cursors: usize = 0;
/** Per bucket: the number of the first entry of its chain, 0 for none. */
let heads: usize = 0;
/** Entry 0 stands for none; those of the receiver follow. */
let entries: usize = 0;
/** One bit per digest of the receiver, least significant first. */
export let hits: usize = 0;
/** Per partition: where the sender's next record goes. */
let ends: usize = 0;
let pool: usize = 0;
let poolNext: usize = 0;
let buffered: u32 = 0;
let batch: u32 = 0;
let header: usize = 0;
let equals: u32 = 0;

/**
 * Lays out the memory for `n` digests of `bytes` bytes with 2^`partitionBits` partitions of
 * 2^`bucketBits` buckets each, and for `batchSize` digests of the sender.
 * @returns whether there is enough memory.
 */
export function layout(n: u32, bytes: u32, partitionBits: u32, bucketBits: u32, batchSize: u32): bool {
  width = bytes;
  const words: usize = (width + 7) >> 3;
  record = (words < 2 ? 2 : words) << 3;
  entry = record + 8;
  mask0 = mask(width);
  mask1 = width > 8 ? mask(width - 8) : 0;
  mask2 = width > 16 ? mask(width - 16) : 0;
  mask3 = width > 24 ? mask(width - 24) : 0;
  receivers = n;
  partitions = 1 << partitionBits;
  partitionShift = 32 - partitionBits;
  bucketShift = 32 - partitionBits - bucketBits;
  batch = batchSize;
  // So that records fill the rest of a block exactly or nearly so.
  header = record == 32 ? 32 : 16;

  let at: u64 = DYNAMIC;
  cursors = <usize>at;
  at += <u64>partitions << 2;
  ends = <usize>at;
  at += <u64>partitions << 2;
  heads = <usize>at;
  at += <u64>4 << (partitionBits + bucketBits);
  hits = <usize>at;
  at += <u64>((n >> 5) + 1) << 2;
  at = (at + 63) & ~63;
  entries = <usize>at;
  at += (<u64>n + 1) * entry;
  at = (at + BLOCK - 1) & ~(BLOCK - 1);
  pool = <usize>at;
  const perBlock = <u64>((BLOCK - header) / record);
  at += (<u64>partitions + <u64>batch / perBlock + 1) * BLOCK;

  const pages = <i64>((at + 0xffff) >> 16);
  if (pages > 65536) return false;
  const more = <i32>pages - memory.size();
  return more <= 0 || memory.grow(more) >= 0;
}

function mask(bytes: usize): u64 {
  return bytes >= 8 ? u64.MAX_VALUE : ((<u64>1 << (<u64>bytes << 3)) - 1);
}

// @ts-ignore: decorator
@inline
function pair(word: u64, i: usize): u64 {
  return (load<u64>(key + (i << 4), 8) + (word & 0xffffffff)) * (load<u64>(key + (i << 4), 16) + (word >> 32));
}

/** The hash of a digest, whose first two words are given and whose others, if any, are at `rest`. */
// @ts-ignore: decorator
@inline
function hash(w0: u64, w1: u64, rest: usize): u32 {
  let sum = load<u64>(key) + pair(w0, 0) + pair(w1, 1);
  if (record > 16) {
    sum += pair(load<u64>(rest) & mask2, 2);
    if (record > 24) sum += pair(load<u64>(rest, 8) & mask3, 3);
  }
  return <u32>(sum >> 32);
}

// The high bits of the hash; a shift by 32 would be one by 0.
// @ts-ignore: decorator
@inline
function partitionOf(h: u32): u32 {
  return <u32>(<u64>h >> partitionShift);
}
// @ts-ignore: decorator
@inline
function bucketOf(h: u32): u32 {
  return <u32>(<u64>h >> bucketShift);
}

/** Counts the partitions of `n` digests at `stage`. */
export function count(n: u32): void {
  let from = stage;
  for (let i: u32 = 0; i < n; i++, from += width) {
    const h = hash(load<u64>(from) & mask0, load<u64>(from, 8) & mask1, from + 16);
    const at = cursors + (partitionOf(h) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** All are counted: from counts to addresses. */
export function counted(): void {
  // The bit of "no entry" lies behind those of the receiver.
  store<u32>(entries + record, receivers);
  let at = entries + entry;
  for (let p: usize = 0; p < partitions; p++) {
    const n = load<u32>(cursors + (p << 2));
    store<u32>(cursors + (p << 2), at);
    at += <usize>n * entry;
  }
  reset();
}

/** Puts the `n` digests at `stage`, whose numbers begin at `first`, into their partitions. */
export function place(n: u32, first: u32): void {
  let from = stage;
  for (let i: u32 = 0; i < n; i++, from += width) {
    const w0 = load<u64>(from) & mask0;
    const w1 = load<u64>(from, 8) & mask1;
    const h = hash(w0, w1, from + 16);
    const cursor = cursors + (partitionOf(h) << 2);
    const to = <usize>load<u32>(cursor);
    store<u32>(cursor, to + entry);
    keep(to, w0, w1, from);
    store<u32>(to + record, first + i);
    store<u32>(to + record, h, 4);
  }
}

// @ts-ignore: decorator
@inline
function keep(to: usize, w0: u64, w1: u64, from: usize): void {
  store<u64>(to, w0);
  store<u64>(to, w1, 8);
  if (record > 16) {
    store<u64>(to, load<u64>(from, 16) & mask2, 16);
    if (record > 24) store<u64>(to, load<u64>(from, 24) & mask3, 24);
  }
}

/** Whether the records at `a` (first words given) and `b` are equal in every byte. */
// @ts-ignore: decorator
@inline
function same(w0: u64, w1: u64, a: usize, b: usize): bool {
  let difference = (w0 ^ load<u64>(b)) | (w1 ^ load<u64>(b, 8));
  if (record > 16) {
    difference |= load<u64>(a, 16) ^ load<u64>(b, 16);
    if (record > 24) difference |= load<u64>(a, 24) ^ load<u64>(b, 24);
  }
  return difference == 0;
}

/** Makes the chains, partition by partition, which is the order in which the entries lie. */
export function link(): void {
  let at = entries + entry;
  for (let i: u32 = 1; i <= receivers; i++, at += entry) {
    const w0 = load<u64>(at);
    const w1 = load<u64>(at, 8);
    const head = heads + (bucketOf(load<u32>(at + record, 4)) << 2);
    const first = load<u32>(head);
    let e = first;
    while (e != 0) {
      const other = entries + <usize>e * entry;
      if (same(w0, w1, at, other)) break;
      e = load<u32>(other + record, 4);
    }
    if (e != 0) {
      store<u32>(at + record, e | EQUAL, 4);
      equals++;
    } else {
      store<u32>(at + record, first, 4);
      store<u32>(head, i);
    }
  }
}

/** Gives every partition an empty block. */
function reset(): void {
  poolNext = pool;
  buffered = 0;
  for (let p: usize = 0; p < partitions; p++) store<u32>(ends + (p << 2), block(0));
}

/** A new block after `before` (0: none); returns where its first record goes. */
function block(before: usize): usize {
  const at = poolNext;
  poolNext += BLOCK;
  store<u32>(at, before);
  return at + header;
}

/** Takes `n` digests of the sender at `stage`. */
export function add(n: u32): void {
  let from = stage;
  let i: u32 = 0;
  while (i < n) {
    const room = batch - buffered;
    const stop = n - i < room ? n : i + room;
    buffered += stop - i;
    for (; i < stop; i++, from += width) {
      const w0 = load<u64>(from) & mask0;
      const w1 = load<u64>(from, 8) & mask1;
      const end = ends + (partitionOf(hash(w0, w1, from + 16)) << 2);
      let to = <usize>load<u32>(end);
      keep(to, w0, w1, from);
      to += record;
      if (((to - 1) & (BLOCK - 1)) + record >= BLOCK) to = block((to - 1) & ~(BLOCK - 1));
      store<u32>(end, to);
    }
    if (buffered == batch) probe();
  }
}

/** Looks up everything that is buffered. */
function probe(): void {
  const full = header + ((BLOCK - header) / record) * record;
  for (let p: usize = 0; p < partitions; p++) {
    let end = <usize>load<u32>(ends + (p << 2));
    warm(p);
    let start = (end - 1) & ~(BLOCK - 1);
    for (;;) {
      for (let at = start + header; at < end; at += record) lookUp(at);
      start = load<u32>(start);
      if (start == 0) break;
      end = start + full;
    }
  }
  reset();
}

/** What `warm` has read: kept, so that the compiler cannot leave the reading out. */
let seen: u32 = 0;

/** Reads partition `p` of the table in order, a cache line at a time: much faster than to meet it at random. */
function warm(p: usize): void {
  let sum: u32 = 0;
  const last = load<u32>(cursors + (p << 2));
  let at = p == 0 ? entries : load<u32>(cursors + (p << 2) - 4);
  for (; at < last; at += 64) sum += load<u32>(at);
  const size = <usize>4 << (partitionShift - bucketShift);
  at = heads + p * size;
  for (const end = at + size; at < end; at += 64) sum += load<u32>(at);
  seen = sum;
}

/**
 * Looks up the record at `at`. Whether it is found is as good as random, so the first candidate is judged
 * without a branch: an empty bucket leads to entry 0, which stands for no digest and has a bit of its own.
 */
// @ts-ignore: decorator
@inline
function lookUp(at: usize): void {
  const w0 = load<u64>(at);
  const w1 = load<u64>(at, 8);
  let other = entries + <usize>load<u32>(heads + (bucketOf(hash(w0, w1, at + 16)) << 2)) * entry;
  const found = same(w0, w1, at, other);
  const index = load<u32>(other + record);
  const byte = hits + (index >> 3);
  store<u8>(byte, load<u8>(byte) | (<u8>found << <u8>(index & 7)));
  let next = load<u32>(other + record, 4);
  if (found | (next == 0)) return;
  do {
    other = entries + <usize>next * entry;
    if (same(w0, w1, at, other)) {
      hit(load<u32>(other + record));
      return;
    }
    next = load<u32>(other + record, 4);
  } while (next != 0);
}

// @ts-ignore: decorator
@inline
function hit(index: u32): void {
  const at = hits + (index >> 3);
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(index & 7)));
}

/** Completes the bitmap at `hits`. */
export function finish(): void {
  probe();
  if (equals == 0) return;
  let at = entries + record;
  for (let i: u32 = 0; i < receivers; i++) {
    at += entry;
    const next = load<u32>(at, 4);
    if ((next & EQUAL) == 0) continue;
    const index = load<u32>(entries + <usize>(next & ~EQUAL) * entry + record);
    if (load<u8>(hits + (index >> 3)) & (1 << (index & 7))) hit(load<u32>(at));
  }
}
