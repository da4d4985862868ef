/**
 * Which of the receiver's digests are among the sender's, with memory accesses and branches that depend
 * on the two counts alone.
 *
 * Both sets come sorted. The sender's, reversed, and the receiver's lie one behind the other: a bitonic
 * sequence. A bitonic merge network sorts it (Batcher, "Sorting networks and their applications", 1968;
 * comparators with a partner beyond the end would meet +∞ there and are left out), so that equal
 * digests become neighbours. A scan marks both of every equal pair, and the network, run backwards with
 * the decisions it took, carries the marks to where their digests came from. Marks and decisions are
 * bits, 64 to a word, so the way back costs next to nothing.
 *
 * A digest is 16 bytes, ordered as two little-endian signed 64-bit integers, the first one first: what
 * SIMD compares. The two integers of all digests lie in arrays of their own (`high`, `low`).
 * Data decide only over operands of `v128.bitselect`, never over a branch or an address. WebAssembly
 * promises no constant time, but these instructions have no other than straight translations.
 */

/** Where inputs are put, piece by piece: behind the first kilobyte, which is the compiler's. */
export const STAGING: usize = 1024;
/** Digests that the staging area holds. */
export const STAGED: u32 = 32768;

const ARRAYS: usize = STAGING + <usize>STAGED * 16;

let senders: u32 = 0;
let receivers: u32 = 0;
/** Both, rounded up to whole words of marks. */
let total: u32 = 0;
let high: usize = 0;
let low: usize = 0;
/** Decisions of the stage with stride 2^t: `words` words at `decisions + t·words·8`. */
let decisions: usize = 0;
let marks: usize = 0;
let words: u32 = 0;

/** Lays the arrays out for these counts and returns the address of their end: memory must reach there. */
export function layout(senderCount: u32, receiverCount: u32): usize {
  senders = senderCount;
  receivers = receiverCount;
  total = (senders + receivers + 63) & ~63;
  words = total >> 6;
  high = ARRAYS;
  // One more vector behind each array: the scan for neighbours reads one digest ahead.
  low = high + (<usize>total << 3) + 16;
  decisions = low + (<usize>total << 3) + 16;
  marks = decisions + <usize>strides() * words * 8;
  return marks + (<usize>words << 3) + 8;
}

/** The least power of two that is at least `total` and 64. */
function size(): u32 {
  return total <= 64 ? 64 : 1 << (32 - clz(total - 1));
}

function strides(): u32 {
  return ctz(size());
}

/**
 * Takes `count` staged digests of the sender: those from number `from` on of its ascending sequence.
 * Returns 1 if all are in strictly ascending order, also with respect to digest `from - 1`, else 0.
 */
export function putSender(count: u32, from: u32): u32 {
  return put(count, senders - 1 - from, -1, from > 0);
}

/** As {@link putSender}, for the receiver. */
export function putReceiver(count: u32, from: u32): u32 {
  return put(count, senders + from, 1, from > 0);
}

function put(count: u32, position: u32, step: i32, hasPrevious: bool): u32 {
  let ascending: u32 = 1;
  let previous0: i64 = 0;
  let previous1: i64 = 0;
  if (hasPrevious) {
    previous0 = load<i64>(high + (<usize>(position - step) << 3));
    previous1 = load<i64>(low + (<usize>(position - step) << 3));
  }
  for (let i: u32 = 0; i < count; i++) {
    const first = load<i64>(STAGING + (<usize>i << 4));
    const second = load<i64>(STAGING + (<usize>i << 4), 8);
    const isAbove =
      u32(first > previous0) | (u32(first == previous0) & u32(second > previous1));
    // Depends on the position alone: the very first digest has nothing to be compared with.
    ascending &= isAbove | u32(i == 0 && !hasPrevious);
    store<i64>(high + (<usize>position << 3), first);
    store<i64>(low + (<usize>position << 3), second);
    previous0 = first;
    previous1 = second;
    position += step;
  }
  return ascending;
}

/** Runs the network, marks neighbours, and runs it backwards. Returns the address of the receiver's bits. */
export function join(): usize {
  for (let i = senders + receivers; i < total; i++) {
    store<i64>(high + (<usize>i << 3), i64.MAX_VALUE);
    store<i64>(low + (<usize>i << 3), i64.MAX_VALUE);
  }
  merge(0, size());
  markNeighbours();
  carryBack();
  return cutOut();
}

/** Sorts the bitonic sequence in positions [from, from + length), depth first, so that it stays in caches. */
function merge(from: u32, length: u32): void {
  if (from >= total) return;
  if (length == 64) {
    for (let stride: u32 = 32; stride > 1; stride >>= 1) mergeWord(from, stride);
    mergePairs(from);
    return;
  }
  const half = length >> 1;
  compareHalves(from, half);
  merge(from, half);
  merge(from + half, half);
}

/** Comparators (i, i + stride) for i in [from, from + stride), as far as both exist; stride ≥ 64. */
function compareHalves(from: u32, stride: u32): void {
  if (total <= from + stride) return;
  const end = min(from + stride, total - stride);
  const distance = <usize>stride << 3;
  const stage = decisions + (<usize>ctz(stride) * words << 3);
  for (let i = from; i < end; i += 64) {
    let bits: u64 = 0;
    let a = high + (<usize>i << 3);
    let b = low + (<usize>i << 3);
    for (let k: u64 = 0; k < 64; k += 4) {
      bits |= compare(a, b, distance) << k;
      bits |= compare(a + 16, b + 16, distance) << (k + 2);
      a += 32;
      b += 32;
    }
    store<u64>(stage + (<usize>(i >> 6) << 3), bits);
  }
}

/** The comparators of one stride from 2 to 32 within the 64 positions from `from` on. */
function mergeWord(from: u32, stride: u32): void {
  const distance = <usize>stride << 3;
  let bits: u64 = 0;
  for (let block: u32 = 0; block < 64; block += 2 * stride) {
    for (let k = block; k < block + stride; k += 2) {
      const at = <usize>(from + k) << 3;
      bits |= compare(high + at, low + at, distance) << k;
    }
  }
  store<u64>(decisions + ((<usize>ctz(stride) * words + (from >> 6)) << 3), bits);
}

/** Two comparators: of the two digests at `a` (`high`) and `b` (`low`) with those `distance` bytes on. */
// @ts-ignore: decorator
@inline
function compare(a: usize, b: usize, distance: usize): u64 {
  const x0 = v128.load(a);
  const y0 = v128.load(a + distance);
  const x1 = v128.load(b);
  const y1 = v128.load(b + distance);
  const swap = isGreater(x0, x1, y0, y1);
  v128.store(a, v128.bitselect(y0, x0, swap));
  v128.store(a + distance, v128.bitselect(x0, y0, swap));
  v128.store(b, v128.bitselect(y1, x1, swap));
  v128.store(b + distance, v128.bitselect(x1, y1, swap));
  return <u64>i64x2.bitmask(swap);
}

// @ts-ignore: decorator
@inline
function isGreater(x0: v128, x1: v128, y0: v128, y1: v128): v128 {
  return v128.or(i64x2.gt_s(x0, y0), v128.and(i64x2.eq(x0, y0), i64x2.gt_s(x1, y1)));
}

/** The comparators of stride 1 within the 64 positions from `from` on. */
function mergePairs(from: u32): void {
  let bits: u64 = 0;
  for (let k: u32 = 0; k < 64; k += 4) {
    const a = high + (<usize>(from + k) << 3);
    const b = low + (<usize>(from + k) << 3);
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = i64x2.shuffle(a0, a1, 0, 2);
    const y0 = i64x2.shuffle(a0, a1, 1, 3);
    const x1 = i64x2.shuffle(b0, b1, 0, 2);
    const y1 = i64x2.shuffle(b0, b1, 1, 3);
    const swap = isGreater(x0, x1, y0, y1);
    const p0 = v128.bitselect(y0, x0, swap);
    const q0 = v128.bitselect(x0, y0, swap);
    const p1 = v128.bitselect(y1, x1, swap);
    const q1 = v128.bitselect(x1, y1, swap);
    v128.store(a, i64x2.shuffle(p0, q0, 0, 2));
    v128.store(a, i64x2.shuffle(p0, q0, 1, 3), 16);
    v128.store(b, i64x2.shuffle(p1, q1, 0, 2));
    v128.store(b, i64x2.shuffle(p1, q1, 1, 3), 16);
    const decided = <u64>i64x2.bitmask(swap);
    bits |= ((decided & 1) | ((decided & 2) << 1)) << k;
  }
  store<u64>(decisions + (<usize>(from >> 6) << 3), bits);
}

/** Marks every digest that equals the one before or behind it. */
function markNeighbours(): void {
  let carry: u64 = 0;
  for (let word: u32 = 0; word < words; word++) {
    let equal: u64 = 0;
    const a = high + (<usize>word << 9);
    const b = low + (<usize>word << 9);
    for (let k: usize = 0; k < 64; k += 2) {
      const same = v128.and(
        i64x2.eq(v128.load(a + (k << 3)), v128.load(a + (k << 3), 8)),
        i64x2.eq(v128.load(b + (k << 3)), v128.load(b + (k << 3), 8)),
      );
      equal |= <u64>i64x2.bitmask(same) << k;
    }
    // The last digest has none behind it.
    if (word == words - 1) equal &= 0x7fffffffffffffff;
    store<u64>(marks + (<usize>word << 3), equal | (equal << 1) | carry);
    carry = equal >> 63;
  }
}

/** Takes all swaps back, the last first, on the marks. */
function carryBack(): void {
  let stage = decisions;
  for (let stride: u32 = 1; stride < 64; stride <<= 1) {
    for (let word: usize = 0; word < words; word++) {
      const mark = load<u64>(marks + (word << 3));
      const change = (mark ^ (mark >> stride)) & load<u64>(stage + (word << 3));
      store<u64>(marks + (word << 3), mark ^ change ^ (change << stride));
    }
    stage += <usize>words << 3;
  }
  for (let stride: u32 = 1; stride < words; stride <<= 1) {
    for (let block: u32 = 0; block + stride < words; block += 2 * stride) {
      const end = min(block + stride, words - stride);
      for (let word = block; word < end; word++) {
        const a = marks + (<usize>word << 3);
        const b = marks + (<usize>(word + stride) << 3);
        const change = (load<u64>(a) ^ load<u64>(b)) & load<u64>(stage + (<usize>word << 3));
        store<u64>(a, load<u64>(a) ^ change);
        store<u64>(b, load<u64>(b) ^ change);
      }
    }
    stage += <usize>words << 3;
  }
}

/** Moves the receiver's marks to the front, bit by bit from its first on, and clears what lies behind. */
function cutOut(): usize {
  const shift = <u64>(senders & 63);
  const skip = senders >> 6;
  const count = (receivers + 63) >> 6;
  store<u64>(marks + (<usize>words << 3), 0);
  for (let word: u32 = 0; word < count; word++) {
    const at = marks + (<usize>(word + skip) << 3);
    // `shift` is public; shifting by 64 would be shifting by 0.
    const rest = shift > 0 ? load<u64>(at, 8) << (64 - shift) : 0;
    store<u64>(marks + (<usize>word << 3), (load<u64>(at) >> shift) | rest);
  }
  if (receivers & 63) {
    const last = marks + (<usize>(count - 1) << 3);
    store<u64>(last, load<u64>(last) & ((<u64>1 << (receivers & 63)) - 1));
  }
  return marks;
}
