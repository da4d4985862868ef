/**
 * SHA-256 (FIPS 180-4) of many messages at once, in eight 32-bit SIMD lanes.
 *
 * Every lane works on its own message and takes the next one as soon as it is done, so lengths may
 * differ as they like: no lane waits for another one. The caller copies a piece of the packed items to
 * `input`, calls `digestItems` or `digestRecords`, and takes the digests from `output`.
 *
 * Every message is `prefix || item`. Whole blocks of the prefix are hashed once (`setPrefix`).
 */
import { Compressor } from './compress';

// ---- memory -----------------------------------------------------------------------------------
// [0, 64 Ki) tables and scratch of this module; then the regions that the caller fills and reads.

/** Bytes of items that fit in one piece. */
export const INPUT_BYTES: i32 = 0x80000;
/** Items that fit in one piece. */
export const MAX_ITEMS: i32 = 0x4000;

/** Items, packed. Reads go up to 63 bytes beyond the last item, never farther. */
export const input: i32 = 0x10000;
/** Item `i` is at `offset[i] - offset[0]` in `input`; `MAX_ITEMS + 1` of them. */
export const offsets: i32 = 0xa0000;
/** Digest `i` is at `i * width`; digests have up to 32 bytes. */
export const output: i32 = 0xc0000;

/** Per lane: bytes of the message's rest as it lies at `source`; −1: only the length block is left; */
const left = memory.data(8 * 4, 16);
/** where that rest begins; */
const source = memory.data(8 * 4, 16);
/** the item's index, or −1 for a lane without work; */
const index = memory.data(8 * 4, 16);
/** the length of the message in bits. */
const bits = memory.data(8 * 4, 16);
/** Per lane: the block that is compressed next, when it can't be read in place. */
const block = memory.data(8 * 64, 16);
/** Per lane: the address of that block. */
const blocks = memory.data(8 * 4, 16);
/** Per lane: the first block of a message that has a prefix (64 bytes, and room for what is copied too far). */
const first = memory.data(8 * 128, 16);
/** Per lane: the digest. */
const digest = memory.data(8 * 32, 16);
/** The hash state after the whole blocks of the prefix, in all lanes. */
const start = memory.data(2 * 8 * 16, 16);
/** What is left of the prefix, less than a block, with zeros up to 64 bytes. */
const tail = memory.data(64, 16);
let tailBytes: i32 = 0;
let prefixBits: i32 = 0;

// ---- the piece that is being worked on ---------------------------------------------------------
let next: i32 = 0;
let count: i32 = 0;
let stride: i32 = 0;
let width: i32 = 0;

/** Takes the `length` bytes at `input` as the prefix of every message from now on. */
export function setPrefix(length: i32): void {
  Compressor.reset(start);
  prefixBits = length << 3;
  let from: usize = input;
  while (length >= 64) {
    for (let lane = 0; lane < 8; lane++) store<u32>(blocks + (lane << 2), from);
    Compressor.compress(start, blocks);
    from += 64;
    length -= 64;
  }
  tailBytes = length;
  memory.fill(tail, 0, 64);
  memory.copy(tail, from, length);
}

/** Digests the `n` items at `input` that `offsets` describes, to `bytes` bytes each. */
export function digestItems(n: i32, bytes: i32): void {
  stride = -1;
  run(n, bytes);
}

/** Digests the `n` records of `recordBytes` bytes at `input`, to `bytes` bytes each. */
export function digestRecords(n: i32, recordBytes: i32, bytes: i32): void {
  stride = recordBytes;
  run(n, bytes);
}

function run(n: i32, bytes: i32): void {
  next = 0;
  count = n;
  width = bytes;
  const state = Compressor.state;
  memory.copy(state, start, 256);
  let active = 0;
  for (let lane = 0; lane < 8; lane++) active += take(lane);

  while (active > 0) {
    for (let lane = 0; lane < 8; lane++) store<u32>(blocks + (lane << 2), prepare(lane));
    Compressor.compress(state, blocks);

    // A lane is done when `prepare` has put the length in: it says so by −2.
    const done0 = i32x4.eq(v128.load(left), i32x4.splat(-2));
    const done1 = i32x4.eq(v128.load(left, 16), i32x4.splat(-2));
    let mask = i32x4.bitmask(done0) | (i32x4.bitmask(done1) << 4);
    if (mask == 0) continue;
    Compressor.digests(state, digest);
    for (let at = 0; at < 128; at += 16) {
      const word = state + at;
      v128.store(word, v128.bitselect(v128.load(start + at), v128.load(word), done0));
      v128.store(word, v128.bitselect(v128.load(start + at), v128.load(word, 128), done1), 128);
    }
    for (; mask != 0; mask &= mask - 1) active += emit(ctz<i32>(mask));
  }
}

/** Writes the digest of `lane` and gives the lane its next item; −1 when there is none. */
function emit(lane: i32): i32 {
  const from = digest + (lane << 5);
  const to = <usize>(output + load<i32>(index + (lane << 2)) * width);
  // Two stores that overlap write any width of their range without a loop.
  if (width >= 16) {
    v128.store(to, v128.load(from));
    v128.store(to + width - 16, v128.load(from + width - 16));
  } else if (width >= 8) {
    store<u64>(to, load<u64>(from));
    store<u64>(to + width - 8, load<u64>(from + width - 8));
  } else {
    for (let i = 0; i < width; i++) store<u8>(to + i, load<u8>(from + i));
  }
  return take(lane) - 1;
}

/** Gives `lane` the next item; returns 1, or 0 when there is none left. */
function take(lane: i32): i32 {
  const at = lane << 2;
  if (next >= count) {
    // Idle lanes compress whatever is at `input`, which nobody looks at.
    store<i32>(index + at, -1);
    store<i32>(left + at, 0x7fffffff);
    store<i32>(source + at, input);
    return 0;
  }
  const i = next++;
  let from: i32;
  let length: i32;
  if (stride < 0) {
    const entry = offsets + (i << 2);
    from = load<i32>(entry);
    length = load<i32>(entry, 4) - from;
    from += input - load<i32>(offsets);
  } else {
    from = input + i * stride;
    length = stride;
  }
  store<i32>(index + at, i);
  store<i32>(bits + at, (length << 3) + prefixBits);
  if (tailBytes > 0) {
    const into = first + (lane << 7);
    v128.store(into, v128.load(tail));
    v128.store(into, v128.load(tail, 16), 16);
    v128.store(into, v128.load(tail, 32), 32);
    v128.store(into, v128.load(tail, 48), 48);
    const behind = into + tailBytes;
    v128.store(behind, v128.load(from));
    v128.store(behind, v128.load(from, 16), 16);
    v128.store(behind, v128.load(from, 32), 32);
    v128.store(behind, v128.load(from, 48), 48);
    from = <i32>into;
    length += tailBytes;
  }
  store<i32>(source + at, from);
  store<i32>(left + at, length);
  return 1;
}

/** The address of the next block of `lane`, and moves the lane on. */
// @ts-ignore: decorator
@inline
function prepare(lane: i32): usize {
  const at = lane << 2;
  const from = load<i32>(source + at);
  const rest = load<i32>(left + at);
  if (rest >= 64) {
    if (load<i32>(index + at) < 0) return from;
    const scratch = <i32>first + (lane << 7);
    if (from == scratch) {
      // The first block was put together from prefix and item; the others are read in place.
      const i = load<i32>(index + at);
      const item = stride < 0 ? input + load<i32>(offsets + (i << 2)) - load<i32>(offsets) : input + i * stride;
      store<i32>(source + at, item + 64 - tailBytes);
    } else {
      store<i32>(source + at, from + 64);
    }
    store<i32>(left + at, rest - 64);
    return from;
  }

  // The message ends in this block: its bytes, then 0x80 (unless that went before), zeros, and the length if it fits.
  const into = block + (lane << 6);
  const shift = 64 - rest;
  v128.store(into, pad(from, shift, 0));
  v128.store(into, pad(from, shift, 16), 16);
  v128.store(into, pad(from, shift, 32), 32);
  const end = pad(from, shift, 48);
  if (rest <= 55) {
    v128.store(into, i32x4.replace_lane(end, 3, bswap<i32>(load<i32>(bits + at))), 48);
    store<i32>(left + at, -2);
  } else {
    v128.store(into, end, 48);
    store<i32>(left + at, -1);
  }
  return into;
}

/** From byte 64 − r on: what to keep of a block of which the first r bytes belong to the message. */
const KEEP = memory.data(144, 16);
/** From byte 64 − r on: the byte 0x80 behind these; with r = −1 there is none. */
const MARK = memory.data(144, 16);
memory.fill(KEEP, 0xff, 64);
store<u8>(MARK + 64, 0x80);

/** 16 bytes of a last block, those from `at` on. */
// @ts-ignore: decorator
@inline
function pad(from: i32, shift: i32, at: i32): v128 {
  const kept = v128.and(v128.load(from + at), v128.load(KEEP + shift + at));
  return v128.or(kept, v128.load(MARK + shift + at));
}

setPrefix(0);
