/**
 * BLAKE3's compression function (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020, section 2.2) on four blocks at once,
 * one in each 32-bit lane, as it hashes a message of at most one block: the key is the initial value, the
 * counter 0, the flags CHUNK_START, CHUNK_END and ROOT.
 *
 * The rounds are written out, each with its own order of the message words, and the four mixes of half a round side by side:
 * none waits for another. The module works in the caller's memory and keeps nothing between calls; no
 * branch and no address depends on what is hashed.
 */

/** Bytes of scratch that a call needs, at an address that is a multiple of 16. */
export const SCRATCH_BYTES: i32 = 256;

const FLAGS: u32 = 1 | 2 | 8;

/**
 * Hashes `count` messages of `length` (0 to 64) bytes, each in a block of 64 bytes with zeros after it, to 16 bytes each,
 * or to 32 if `wide`. Blocks are read, and hashes written, in fours: up to three beyond the last.
 */
export function hashBlocks(from: usize, count: u32, length: u32, to: usize, wide: bool, scratch: usize): void {
  const end = from + (<usize>count << 6);
  for (; from < end; from += 256) {
    gather(from, scratch, 0);
    gather(from, scratch, 4);
    gather(from, scratch, 8);
    gather(from, scratch, 12);
    compress(scratch, length, to, wide);
    to += wide ? 128 : 64;
  }
}

/** Words `first` … `first` + 3 of the four blocks at `from`, from rows to lanes. */
// @ts-ignore: decorator
@inline
function gather(from: usize, m: usize, first: i32): void {
  const at = from + (<usize>first << 2);
  const r0 = v128.load(at);
  const r1 = v128.load(at, 64);
  const r2 = v128.load(at, 128);
  const r3 = v128.load(at, 192);
  rows(r0, r1, r2, r3, m + (<usize>first << 4), 16);
}

/** The transpose of 4 × 4 words: row i goes to `to` + i·`stride`. */
// @ts-ignore: decorator
@inline
function rows(r0: v128, r1: v128, r2: v128, r3: v128, to: usize, stride: usize): void {
  const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(a, b, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(c, d, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(c, d, 1, 3));
}

// @ts-ignore: decorator
@inline
function word(m: usize, i: i32): v128 {
  return v128.load(m + (<usize>i << 4));
}

// @ts-ignore: decorator
@inline
function sum(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function right16(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
function right8(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

// @ts-ignore: decorator
@inline
function right12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}

// @ts-ignore: decorator
@inline
function right7(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}

/** The words at `m`, each in four lanes; the hashes go to `to`. */
function compress(m: usize, length: u32, to: usize, wide: bool): void {
  let v0 = i32x4.splat(0x6A09E667);
  let v1 = i32x4.splat(0xBB67AE85);
  let v2 = i32x4.splat(0x3C6EF372);
  let v3 = i32x4.splat(0xA54FF53A);
  let v4 = i32x4.splat(0x510E527F);
  let v5 = i32x4.splat(0x9B05688C);
  let v6 = i32x4.splat(0x1F83D9AB);
  let v7 = i32x4.splat(0x5BE0CD19);
  let v8 = i32x4.splat(0x6A09E667);
  let v9 = i32x4.splat(0xBB67AE85);
  let v10 = i32x4.splat(0x3C6EF372);
  let v11 = i32x4.splat(0xA54FF53A);
  let v12 = i32x4.splat(0);
  let v13 = i32x4.splat(0);
  let v14 = i32x4.splat(length);
  let v15 = i32x4.splat(FLAGS);

  // Round 1.
  v0 = sum(sum(v0, v4), word(m, 0)); v1 = sum(sum(v1, v5), word(m, 2)); v2 = sum(sum(v2, v6), word(m, 4)); v3 = sum(sum(v3, v7), word(m, 6));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 1)); v1 = sum(sum(v1, v5), word(m, 3)); v2 = sum(sum(v2, v6), word(m, 5)); v3 = sum(sum(v3, v7), word(m, 7));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 8)); v1 = sum(sum(v1, v6), word(m, 10)); v2 = sum(sum(v2, v7), word(m, 12)); v3 = sum(sum(v3, v4), word(m, 14));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 9)); v1 = sum(sum(v1, v6), word(m, 11)); v2 = sum(sum(v2, v7), word(m, 13)); v3 = sum(sum(v3, v4), word(m, 15));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));
  // Round 2.
  v0 = sum(sum(v0, v4), word(m, 2)); v1 = sum(sum(v1, v5), word(m, 3)); v2 = sum(sum(v2, v6), word(m, 7)); v3 = sum(sum(v3, v7), word(m, 4));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 6)); v1 = sum(sum(v1, v5), word(m, 10)); v2 = sum(sum(v2, v6), word(m, 0)); v3 = sum(sum(v3, v7), word(m, 13));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 1)); v1 = sum(sum(v1, v6), word(m, 12)); v2 = sum(sum(v2, v7), word(m, 9)); v3 = sum(sum(v3, v4), word(m, 15));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 11)); v1 = sum(sum(v1, v6), word(m, 5)); v2 = sum(sum(v2, v7), word(m, 14)); v3 = sum(sum(v3, v4), word(m, 8));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));
  // Round 3.
  v0 = sum(sum(v0, v4), word(m, 3)); v1 = sum(sum(v1, v5), word(m, 10)); v2 = sum(sum(v2, v6), word(m, 13)); v3 = sum(sum(v3, v7), word(m, 7));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 4)); v1 = sum(sum(v1, v5), word(m, 12)); v2 = sum(sum(v2, v6), word(m, 2)); v3 = sum(sum(v3, v7), word(m, 14));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 6)); v1 = sum(sum(v1, v6), word(m, 9)); v2 = sum(sum(v2, v7), word(m, 11)); v3 = sum(sum(v3, v4), word(m, 8));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 5)); v1 = sum(sum(v1, v6), word(m, 0)); v2 = sum(sum(v2, v7), word(m, 15)); v3 = sum(sum(v3, v4), word(m, 1));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));
  // Round 4.
  v0 = sum(sum(v0, v4), word(m, 10)); v1 = sum(sum(v1, v5), word(m, 12)); v2 = sum(sum(v2, v6), word(m, 14)); v3 = sum(sum(v3, v7), word(m, 13));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 7)); v1 = sum(sum(v1, v5), word(m, 9)); v2 = sum(sum(v2, v6), word(m, 3)); v3 = sum(sum(v3, v7), word(m, 15));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 4)); v1 = sum(sum(v1, v6), word(m, 11)); v2 = sum(sum(v2, v7), word(m, 5)); v3 = sum(sum(v3, v4), word(m, 1));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 0)); v1 = sum(sum(v1, v6), word(m, 2)); v2 = sum(sum(v2, v7), word(m, 8)); v3 = sum(sum(v3, v4), word(m, 6));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));
  // Round 5.
  v0 = sum(sum(v0, v4), word(m, 12)); v1 = sum(sum(v1, v5), word(m, 9)); v2 = sum(sum(v2, v6), word(m, 15)); v3 = sum(sum(v3, v7), word(m, 14));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 13)); v1 = sum(sum(v1, v5), word(m, 11)); v2 = sum(sum(v2, v6), word(m, 10)); v3 = sum(sum(v3, v7), word(m, 8));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 7)); v1 = sum(sum(v1, v6), word(m, 5)); v2 = sum(sum(v2, v7), word(m, 0)); v3 = sum(sum(v3, v4), word(m, 6));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 2)); v1 = sum(sum(v1, v6), word(m, 3)); v2 = sum(sum(v2, v7), word(m, 1)); v3 = sum(sum(v3, v4), word(m, 4));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));
  // Round 6.
  v0 = sum(sum(v0, v4), word(m, 9)); v1 = sum(sum(v1, v5), word(m, 11)); v2 = sum(sum(v2, v6), word(m, 8)); v3 = sum(sum(v3, v7), word(m, 15));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 14)); v1 = sum(sum(v1, v5), word(m, 5)); v2 = sum(sum(v2, v6), word(m, 12)); v3 = sum(sum(v3, v7), word(m, 1));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 13)); v1 = sum(sum(v1, v6), word(m, 0)); v2 = sum(sum(v2, v7), word(m, 2)); v3 = sum(sum(v3, v4), word(m, 4));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 3)); v1 = sum(sum(v1, v6), word(m, 10)); v2 = sum(sum(v2, v7), word(m, 6)); v3 = sum(sum(v3, v4), word(m, 7));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));
  // Round 7.
  v0 = sum(sum(v0, v4), word(m, 11)); v1 = sum(sum(v1, v5), word(m, 5)); v2 = sum(sum(v2, v6), word(m, 1)); v3 = sum(sum(v3, v7), word(m, 8));
  v12 = right16(v128.xor(v12, v0)); v13 = right16(v128.xor(v13, v1)); v14 = right16(v128.xor(v14, v2)); v15 = right16(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right12(v128.xor(v4, v8)); v5 = right12(v128.xor(v5, v9)); v6 = right12(v128.xor(v6, v10)); v7 = right12(v128.xor(v7, v11));
  v0 = sum(sum(v0, v4), word(m, 15)); v1 = sum(sum(v1, v5), word(m, 0)); v2 = sum(sum(v2, v6), word(m, 9)); v3 = sum(sum(v3, v7), word(m, 6));
  v12 = right8(v128.xor(v12, v0)); v13 = right8(v128.xor(v13, v1)); v14 = right8(v128.xor(v14, v2)); v15 = right8(v128.xor(v15, v3));
  v8 = sum(v8, v12); v9 = sum(v9, v13); v10 = sum(v10, v14); v11 = sum(v11, v15);
  v4 = right7(v128.xor(v4, v8)); v5 = right7(v128.xor(v5, v9)); v6 = right7(v128.xor(v6, v10)); v7 = right7(v128.xor(v7, v11));
  v0 = sum(sum(v0, v5), word(m, 14)); v1 = sum(sum(v1, v6), word(m, 2)); v2 = sum(sum(v2, v7), word(m, 3)); v3 = sum(sum(v3, v4), word(m, 7));
  v15 = right16(v128.xor(v15, v0)); v12 = right16(v128.xor(v12, v1)); v13 = right16(v128.xor(v13, v2)); v14 = right16(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right12(v128.xor(v5, v10)); v6 = right12(v128.xor(v6, v11)); v7 = right12(v128.xor(v7, v8)); v4 = right12(v128.xor(v4, v9));
  v0 = sum(sum(v0, v5), word(m, 10)); v1 = sum(sum(v1, v6), word(m, 12)); v2 = sum(sum(v2, v7), word(m, 4)); v3 = sum(sum(v3, v4), word(m, 13));
  v15 = right8(v128.xor(v15, v0)); v12 = right8(v128.xor(v12, v1)); v13 = right8(v128.xor(v13, v2)); v14 = right8(v128.xor(v14, v3));
  v10 = sum(v10, v15); v11 = sum(v11, v12); v8 = sum(v8, v13); v9 = sum(v9, v14);
  v5 = right7(v128.xor(v5, v10)); v6 = right7(v128.xor(v6, v11)); v7 = right7(v128.xor(v7, v8)); v4 = right7(v128.xor(v4, v9));

  const step: usize = wide ? 32 : 16;
  rows(v128.xor(v0, v8), v128.xor(v1, v9), v128.xor(v2, v10), v128.xor(v3, v11), to, step);
  if (wide) rows(v128.xor(v4, v12), v128.xor(v5, v13), v128.xor(v6, v14), v128.xor(v7, v15), to + 16, step);
}
