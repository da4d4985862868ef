/**
 * The two halves of an expand-convolute code over GF(2^128), in the memory that is imported. An element is 16
 * bytes, little-endian, bit i being the coefficient of X^i. What is computed: `expand-convolute.ts`.
 */

/** x·X. */
// @ts-ignore: decorator
@inline
function timesX(x: v128): v128 {
  const signs = v128.shr<i32>(x, 31);
  const carries = v128.and(v128.shuffle<i32>(signs, signs, 3, 3, 1, 1), i64x2(0x87, 1));
  return v128.xor(v128.shl<i64>(x, 1), carries);
}

/** Bytes of the sums of one group of four neighbours: every subset of them, 16 elements. */
const GROUP: usize = 256;
/** Eight groups: the six that a window of 24 reaches back to, the one before (distance 25), and the present one. */
const RING: usize = 2048;

// @ts-ignore: decorator
@inline
function part(ring: usize, group: usize, bits: u32, shift: u32): v128 {
  return v128.load(ring + ((group & 7) << 8) + ((<usize>((bits >> shift) & 15)) << 4));
}

/** The terms of one element that come from groups before its own; `bits` begins with the group six before. */
// @ts-ignore: decorator
@inline
function before(ring: usize, group: usize, bits: u32): v128 {
  return v128.xor(
    v128.xor(
      v128.xor(part(ring, group + 2, bits, 0), part(ring, group + 3, bits, 4)),
      v128.xor(part(ring, group + 4, bits, 8), part(ring, group + 5, bits, 12)),
    ),
    v128.xor(part(ring, group + 6, bits, 16), part(ring, group + 7, bits, 20)),
  );
}

/** x if bit `at` of `bits` is set, else 0. */
// @ts-ignore: decorator
@inline
function chosen(x: v128, bits: u32, at: u32): v128 {
  return v128.and(x, i32x4.splat(-(<i32>((bits >> at) & 1))));
}

/** Stores all sums of subsets of a, b, c, d. */
// @ts-ignore: decorator
@inline
function remember(table: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.xor(a, b);
  const cd = v128.xor(c, d);
  v128.store(table, a, 16);
  v128.store(table, b, 32);
  v128.store(table, ab, 48);
  v128.store(table, c, 64);
  v128.store(table, v128.xor(a, c), 80);
  v128.store(table, v128.xor(b, c), 96);
  v128.store(table, v128.xor(ab, c), 112);
  v128.store(table, d, 128);
  v128.store(table, v128.xor(a, d), 144);
  v128.store(table, v128.xor(b, d), 160);
  v128.store(table, v128.xor(ab, d), 176);
  v128.store(table, cd, 192);
  v128.store(table, v128.xor(a, cd), 208);
  v128.store(table, v128.xor(b, cd), 224);
  v128.store(table, v128.xor(ab, cd), 240);
}

/**
 * Accumulates four elements at `x`, group number `group`, once: with the coefficients of bits c0 … c3, from
 * the sums of earlier groups at `ring`, to which it adds those of this group.
 */
// @ts-ignore: decorator
@inline
function group4(x: usize, ring: usize, group: usize, c0: u32, c1: u32, c2: u32, c3: u32): void {
  c0 &= 0xffffff;
  c1 = (c1 & 0xffffff) << 1;
  c2 = (c2 & 0xffffff) << 2;
  c3 = (c3 & 0xffffff) << 3;
  // The elements 25 before: the last one of group − 7, the first three of group − 6.
  const far = ring + (((group + 1) & 7) << 8);
  const near = ring + (((group + 2) & 7) << 8);
  const a = v128.xor(v128.xor(v128.load(x), before(ring, group, c0)), timesX(v128.load(far, 128)));
  let b = v128.xor(v128.xor(v128.load(x, 16), before(ring, group, c1)), timesX(v128.load(near, 16)));
  let c = v128.xor(v128.xor(v128.load(x, 32), before(ring, group, c2)), timesX(v128.load(near, 32)));
  let d = v128.xor(v128.xor(v128.load(x, 48), before(ring, group, c3)), timesX(v128.load(near, 64)));
  b = v128.xor(b, chosen(a, c1, 24));
  c = v128.xor(c, v128.xor(chosen(a, c2, 24), chosen(b, c2, 25)));
  d = v128.xor(d, v128.xor(v128.xor(chosen(a, c3, 24), chosen(b, c3, 25)), chosen(c, c3, 26)));
  v128.store(x, a);
  v128.store(x, b, 16);
  v128.store(x, c, 32);
  v128.store(x, d, 48);
  remember(ring + ((group & 7) << 8), a, b, c, d);
}

/** Bytes that {@link accumulate} keeps from call to call, zero before the first. */
export const RINGS_BYTES: u32 = 2 * RING;

/**
 * Accumulates twice, in one sweep, the groups `first` to `last` of four elements of `x`. `coefficients` has for
 * each element of these groups two words of 32 bits, for the first and the second time.
 */
export function accumulate(x: usize, coefficients: usize, rings: usize, first: u32, last: u32): void {
  let at = x + (<usize>first << 6);
  for (let group: usize = first; group < <usize>last; group++, at += 64, coefficients += 32) {
    group4(
      at,
      rings,
      group,
      load<u32>(coefficients),
      load<u32>(coefficients, 8),
      load<u32>(coefficients, 16),
      load<u32>(coefficients, 24),
    );
    group4(
      at,
      rings + RING,
      group,
      load<u32>(coefficients, 4),
      load<u32>(coefficients, 12),
      load<u32>(coefficients, 20),
      load<u32>(coefficients, 28),
    );
  }
}

// @ts-ignore: decorator
@inline
function place(z: usize, from: u32, length: u32, word: u32): usize {
  return z + (<usize>(from + <u32>((<u64>word * <u64>length) >> 32)) << 4);
}

// @ts-ignore: decorator
@inline
function quarter(n: u32, k: u32): u32 {
  return <u32>((<u64>n * k) >> 2);
}

/**
 * out[i] += seven elements of z (n of them) for `count` outputs, three of them times X. `quarters` has one word of
 * 32 bits per output that says where in the first quarter, `stride` bytes further those for the second, and so on;
 * `anywhere` has three words per output.
 */
export function expand(
  z: usize,
  n: u32,
  quarters: usize,
  stride: usize,
  anywhere: usize,
  out: usize,
  count: u32,
): void {
  const q1 = quarter(n, 1);
  const q2 = quarter(n, 2);
  const q3 = quarter(n, 3);
  const second = quarters + stride;
  const third = second + stride;
  const fourth = third + stride;
  for (let i: usize = 0; i < <usize>count << 2; i += 4, anywhere += 12, out += 16) {
    const plain = v128.xor(
      v128.xor(
        v128.load(place(z, 0, q1, load<u32>(quarters + i))),
        v128.load(place(z, q2, q3 - q2, load<u32>(third + i))),
      ),
      v128.xor(
        v128.load(place(z, 0, n, load<u32>(anywhere))),
        v128.load(place(z, 0, n, load<u32>(anywhere, 8))),
      ),
    );
    const times = v128.xor(
      v128.xor(
        v128.load(place(z, q1, q2 - q1, load<u32>(second + i))),
        v128.load(place(z, q3, n - q3, load<u32>(fourth + i))),
      ),
      v128.load(place(z, 0, n, load<u32>(anywhere, 4))),
    );
    v128.store(out, v128.xor(v128.load(out), v128.xor(plain, timesX(times))));
  }
}

/** As `place` in all of z, but the address `zero` unless the word lies in quarter `part`. */
// @ts-ignore: decorator
@inline
function placeInQuarter(z: usize, n: u32, word: u32, part: u32, zero: usize): usize {
  return select<usize>(place(z, 0, n, word), zero, word >>> 30 == part);
}

/**
 * What quarter `part` of z (0 to 3) gives to `count` outputs: with all four what {@link expand} does. So only a quarter of
 * z is read at a time, which stays in the cache where all of it would not. `quarters` has the words for this quarter; at
 * `zero` is an element 0.
 */
export function expandQuarter(
  z: usize,
  n: u32,
  part: u32,
  quarters: usize,
  anywhere: usize,
  zero: usize,
  out: usize,
  count: u32,
): void {
  const from = quarter(n, part);
  const length = quarter(n, part + 1) - from;
  // The second and the fourth quarter's own element is multiplied by X, the others' is not.
  const odd = i32x4.splat(-<i32>(part & 1));
  for (const end = out + (<usize>count << 4); out != end; quarters += 4, anywhere += 12, out += 16) {
    const own = v128.load(place(z, from, length, load<u32>(quarters)));
    const plain = v128.xor(
      v128.load(placeInQuarter(z, n, load<u32>(anywhere), part, zero)),
      v128.load(placeInQuarter(z, n, load<u32>(anywhere, 8), part, zero)),
    );
    const times = v128.xor(
      v128.and(own, odd),
      v128.load(placeInQuarter(z, n, load<u32>(anywhere, 4), part, zero)),
    );
    v128.store(
      out,
      v128.xor(
        v128.load(out),
        v128.xor(v128.xor(plain, v128.andnot(own, odd)), timesX(times)),
      ),
    );
  }
}
