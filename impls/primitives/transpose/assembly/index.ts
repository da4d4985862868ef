/**
 * Transposition of bit matrices. Bit j of a row is bit j mod 8 of its byte j div 8.
 *
 * A tile has 128 × 128 bits and is done in two steps. First 8 rows at a time: three rounds of exchanges
 * between registers (Hacker's Delight, section 7-3, over 16 bytes at once) leave in vector b, byte k, the
 * bits of column 8k + b. Then, for each b, the 16 vectors of the 16 groups of rows are a matrix of 16 × 16
 * bytes, which four rounds of interleaving transpose: vector k is column 8k + b, ready to be stored. That is
 * 9 + 4 vector operations and two loads and stores for each 128 bits.
 *
 * The module has no memory of its own: it works in the caller's, on addresses that are given, and keeps
 * nothing between calls. No branch and no address depends on the bits.
 */

/** Bytes of scratch that a call needs, at an address that is a multiple of 16. */
export const SCRATCH_BYTES: i32 = 2048;

/**
 * Writes the `columns` columns of a matrix as rows.
 *
 * @param from the matrix: `rows` rows, each at a multiple of `fromStride` bytes. They are read in whole 16
 *   bytes, up to 15 bytes beyond their last bit.
 * @param to where the columns go, each to a multiple of `toStride` bytes. They are written in whole 16
 *   bytes, with zeros after their `rows` bits.
 * @param scratch {@link SCRATCH_BYTES} bytes that are overwritten.
 */
export function transpose(
  from: usize, fromStride: usize, rows: i32, columns: i32, to: usize, toStride: usize, scratch: usize,
): void {
  tiles(from, fromStride, rows, columns, to, toStride, scratch, false);
}

/** As {@link transpose}, but the columns are added (XOR) to what stands at `to`. */
export function transposeXor(
  from: usize, fromStride: usize, rows: i32, columns: i32, to: usize, toStride: usize, scratch: usize,
): void {
  tiles(from, fromStride, rows, columns, to, toStride, scratch, true);
}

// @ts-ignore: decorator
@inline
function tiles(
  from: usize, fromStride: usize, rows: i32, columns: i32, to: usize, toStride: usize, scratch: usize,
  add: bool,
): void {
  for (let row = 0; row < rows; row += 128) {
    const height = min(128, rows - row);
    const whole = height >> 3;
    // Groups without rows are columns' zeros.
    if (height < 128) memory.fill(scratch, 0, SCRATCH_BYTES);
    for (let column = 0; column < columns; column += 128) {
      let source = from + <usize>row * fromStride + (<usize>column >> 3);
      for (let group = 0; group < whole; group++) {
        exchange(source, fromStride, 8, scratch + (<usize>group << 4));
        source += fromStride << 3;
      }
      if (height & 7) exchange(source, fromStride, height & 7, scratch + (<usize>whole << 4));
      const target = to + <usize>column * toStride + (<usize>row >> 3);
      const width = min(128, columns - column);
      for (let bit = 0; bit < 8; bit++) {
        if (width == 128) interleave(scratch + (<usize>bit << 8), target + <usize>bit * toStride, toStride << 3, add, 16);
        else interleave(scratch + (<usize>bit << 8), target + <usize>bit * toStride, toStride << 3, add, (width - bit + 7) >> 3);
      }
    }
  }
}

/** Row `i` of a group of `count` rows; zeros where there is none. */
// @ts-ignore: decorator
@inline
function rowOf(source: usize, stride: usize, count: i32, i: i32): v128 {
  return i < count ? v128.load(source + <usize>i * stride) : i64x2.splat(0);
}

/** Exchanges the bits of `a` at mask << shift with those of `b` at mask: what `b` becomes is `a`'s part. */
// @ts-ignore: decorator
@inline
function difference(a: v128, b: v128, shift: i32, mask: v128): v128 {
  return v128.and(v128.xor(i64x2.shr_u(a, shift), b), mask);
}

/** Eight rows to eight vectors, one for each bit of the columns' numbers modulo 8, 256 bytes apart. */
// @ts-ignore: decorator
@inline
function exchange(source: usize, stride: usize, count: i32, out: usize): void {
  let r0 = rowOf(source, stride, count, 0);
  let r1 = rowOf(source, stride, count, 1);
  let r2 = rowOf(source, stride, count, 2);
  let r3 = rowOf(source, stride, count, 3);
  let r4 = rowOf(source, stride, count, 4);
  let r5 = rowOf(source, stride, count, 5);
  let r6 = rowOf(source, stride, count, 6);
  let r7 = rowOf(source, stride, count, 7);

  const four = i8x16.splat(0x0f);
  let d = difference(r0, r4, 4, four); r4 = v128.xor(r4, d); r0 = v128.xor(r0, i64x2.shl(d, 4));
  d = difference(r1, r5, 4, four); r5 = v128.xor(r5, d); r1 = v128.xor(r1, i64x2.shl(d, 4));
  d = difference(r2, r6, 4, four); r6 = v128.xor(r6, d); r2 = v128.xor(r2, i64x2.shl(d, 4));
  d = difference(r3, r7, 4, four); r7 = v128.xor(r7, d); r3 = v128.xor(r3, i64x2.shl(d, 4));

  const two = i8x16.splat(0x33);
  d = difference(r0, r2, 2, two); r2 = v128.xor(r2, d); r0 = v128.xor(r0, i64x2.shl(d, 2));
  d = difference(r1, r3, 2, two); r3 = v128.xor(r3, d); r1 = v128.xor(r1, i64x2.shl(d, 2));
  d = difference(r4, r6, 2, two); r6 = v128.xor(r6, d); r4 = v128.xor(r4, i64x2.shl(d, 2));
  d = difference(r5, r7, 2, two); r7 = v128.xor(r7, d); r5 = v128.xor(r5, i64x2.shl(d, 2));

  const one = i8x16.splat(0x55);
  d = difference(r0, r1, 1, one); r1 = v128.xor(r1, d); r0 = v128.xor(r0, i64x2.shl(d, 1));
  d = difference(r2, r3, 1, one); r3 = v128.xor(r3, d); r2 = v128.xor(r2, i64x2.shl(d, 1));
  d = difference(r4, r5, 1, one); r5 = v128.xor(r5, d); r4 = v128.xor(r4, i64x2.shl(d, 1));
  d = difference(r6, r7, 1, one); r7 = v128.xor(r7, d); r6 = v128.xor(r6, i64x2.shl(d, 1));

  v128.store(out, r0);
  v128.store(out, r1, 256);
  v128.store(out, r2, 512);
  v128.store(out, r3, 768);
  v128.store(out, r4, 1024);
  v128.store(out, r5, 1280);
  v128.store(out, r6, 1536);
  v128.store(out, r7, 1792);
}

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Transposes the 16 × 16 bytes at `from` and stores the first `count` rows, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function interleave(from: usize, to: usize, stride: usize, add: bool, count: i32): void {
  let a0 = v128.load(from), a8 = v128.load(from, 128);
  let b0 = low(a0, a8), b1 = high(a0, a8);
  let a1 = v128.load(from, 16), a9 = v128.load(from, 144);
  let b2 = low(a1, a9), b3 = high(a1, a9);
  let a2 = v128.load(from, 32), a10 = v128.load(from, 160);
  let b4 = low(a2, a10), b5 = high(a2, a10);
  let a3 = v128.load(from, 48), a11 = v128.load(from, 176);
  let b6 = low(a3, a11), b7 = high(a3, a11);
  let a4 = v128.load(from, 64), a12 = v128.load(from, 192);
  let b8 = low(a4, a12), b9 = high(a4, a12);
  let a5 = v128.load(from, 80), a13 = v128.load(from, 208);
  let b10 = low(a5, a13), b11 = high(a5, a13);
  let a6 = v128.load(from, 96), a14 = v128.load(from, 224);
  let b12 = low(a6, a14), b13 = high(a6, a14);
  let a7 = v128.load(from, 112), a15 = v128.load(from, 240);
  let b14 = low(a7, a15), b15 = high(a7, a15);

  a0 = low(b0, b8); a1 = high(b0, b8);
  a2 = low(b1, b9); a3 = high(b1, b9);
  a4 = low(b2, b10); a5 = high(b2, b10);
  a6 = low(b3, b11); a7 = high(b3, b11);
  a8 = low(b4, b12); a9 = high(b4, b12);
  a10 = low(b5, b13); a11 = high(b5, b13);
  a12 = low(b6, b14); a13 = high(b6, b14);
  a14 = low(b7, b15); a15 = high(b7, b15);

  b0 = low(a0, a8); b1 = high(a0, a8);
  b2 = low(a1, a9); b3 = high(a1, a9);
  b4 = low(a2, a10); b5 = high(a2, a10);
  b6 = low(a3, a11); b7 = high(a3, a11);
  b8 = low(a4, a12); b9 = high(a4, a12);
  b10 = low(a5, a13); b11 = high(a5, a13);
  b12 = low(a6, a14); b13 = high(a6, a14);
  b14 = low(a7, a15); b15 = high(a7, a15);

  put(to, low(b0, b8), add, count, 0); to += stride;
  put(to, high(b0, b8), add, count, 1); to += stride;
  put(to, low(b1, b9), add, count, 2); to += stride;
  put(to, high(b1, b9), add, count, 3); to += stride;
  put(to, low(b2, b10), add, count, 4); to += stride;
  put(to, high(b2, b10), add, count, 5); to += stride;
  put(to, low(b3, b11), add, count, 6); to += stride;
  put(to, high(b3, b11), add, count, 7); to += stride;
  put(to, low(b4, b12), add, count, 8); to += stride;
  put(to, high(b4, b12), add, count, 9); to += stride;
  put(to, low(b5, b13), add, count, 10); to += stride;
  put(to, high(b5, b13), add, count, 11); to += stride;
  put(to, low(b6, b14), add, count, 12); to += stride;
  put(to, high(b6, b14), add, count, 13); to += stride;
  put(to, low(b7, b15), add, count, 14); to += stride;
  put(to, high(b7, b15), add, count, 15);
}

// @ts-ignore: decorator
@inline
function put(to: usize, value: v128, add: bool, count: i32, i: i32): void {
  if (i < count) v128.store(to, add ? v128.xor(v128.load(to), value) : value);
}
