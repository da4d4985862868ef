/**
 * Arithmetic modulo p = 2^255 - 19 on two independent elements at once, one per 64-bit lane.
 *
 * An element has two forms, each of five v128 (80 bytes) in memory:
 *
 * - limbs: doubles l_0 … l_4 holding integers, value = sum of l_k · 2^(51k). "Tidy" limbs obey
 *   |l_k| <= 2^50 + 2^15; a sum or difference of two tidy elements obeys twice that.
 * - columns: 64-bit integers, taken modulo 2^64, that still carry a known bias. Products yield
 *   columns; {@link carry} and its kin add or subtract them, take the bias off and make tidy limbs.
 *
 * ## How two 51-bit limbs are multiplied exactly
 * With C = 1.5 · 2^103 and M = 1.5 · 2^52, for integers |a·b| < 2^102:
 *
 *     h = fma(a, b, C)              in [2^103, 2^104): doubles there are multiples of 2^51, so
 *                                   h = C + 2^51·H for an integer H, |a·b - 2^51·H| <= 2^50
 *     l = fma(a, b, (C + M) - h)    (C + M) - h = M - 2^51·H is exact: a multiple of 2^51 below 2^103;
 *                                   l = M + L with L = a·b - 2^51·H, |L| <= 2^50: exact, in [2^52, 2^53)
 *
 * In those two binades consecutive doubles have consecutive bit patterns, so as 64-bit integers
 * bits(h) = bits(C) + H and bits(l) = bits(M) + L. Patterns are summed as integers; the sums of
 * bits(C) and bits(M) are a constant per column (the bias), taken off once, modulo 2^64.
 *
 * ## Bounds
 * Let t = 2^50 + 2^15 bound tidy limbs. The ladder, the only caller that adds before it multiplies,
 * multiplies tidy by tidy or a difference by tidy, so |a·b| <= 2t·t < 2^101.001 < 2^102, as needed
 * above; |H| <= 2^50.001. A column of a product sums at most 5 of the L and 4 of the H (or 4 and 5),
 * and takes 19 times another such column: in all less than 20·9·2^50.01 < 2^57.6. Sums and differences of
 * two products stay below 2^58.6, and so does a square plus 121665 times a difference of tidy elements,
 * whose own parts are |L| <= 2^50, |H| <= 121665·2^51.01/2^51 < 2^17.
 *
 * {@link carry}: to each true column c_k, |c_k| < 2^59, it adds 2^60 + 2^50, so the sum s_k lies in
 * (2^59, 2^61). Low part s_k mod 2^51 and high part s_k >> 51 < 2^10 are moved up one place (from
 * k = 4 to 0 times 19, since 2^255 = 19 mod p; 19·2^10 fits the 16 bits of the multiplication used).
 * r_k = low_k + high_{k-1} < 2^51 + 19·2^10 < 2^52 is made a double through its bit pattern, and what the
 * added constants are worth is subtracted: 2^50 + 2^9 (k > 0) or 2^50 + 19·2^9 (k = 0). So
 * -2^50 - 19·2^9 <= limb < 2^50 + 19·2^9 <= t: tidy again, whatever the columns were.
 *
 * ## Without a fused multiply-add
 * `relaxed_madd` may round twice on some processors. K tells which code to make: {@link Fused} as
 * above, {@link Split} with Dekker's exact product (pure IEEE 754, the same on every machine), where
 * p = a·b rounded, e = a·b - p exactly, h = p + C, L = (p - (h - C)) + e. Then |L| <= 2^50 + 2^48,
 * still within M's binade, and sums stay within the bounds above with 2^50.4 for 2^50.01.
 *
 * No branch and no address depends on a value.
 */

/** Kind of arithmetic: `sizeof<K>()` decides at compile time. */
export type Fused = u8;
export type Split = u16;

export const FE: usize = 80;

/** Bit patterns of C, M, and 2^52. */
const BITS_C: u64 = 0x4668000000000000;
const BITS_M: u64 = 0x4338000000000000;
const BITS_52: u64 = 0x4330000000000000;

/** Constants live in memory: V8 would otherwise build each anew at every use. */
const TABLE: usize = memory.data(16 * 32, 16);
const C: usize = TABLE;
const CM: usize = TABLE + 16;
const MASK: usize = TABLE + 32;
const EXPONENT: usize = TABLE + 48;
const CENTRE_0: usize = TABLE + 64;
const CENTRE: usize = TABLE + 80;
const NINETEEN: usize = TABLE + 96;
const A24: usize = TABLE + 112;
/** What turns biased columns of one product, a sum of two, a difference of two, or AA + a24·E into s_k. */
const OFFSET_ONE: usize = TABLE + 128;
const OFFSET_SUM: usize = TABLE + 208;
const OFFSET_DIFFERENCE: usize = TABLE + 288;
const OFFSET_A24: usize = TABLE + 368;
const SPLITTER: usize = TABLE + 448;

function putInt(at: usize, value: u64): void {
  v128.store(at, i64x2.splat(value));
}

function putDouble(at: usize, value: f64): void {
  v128.store(at, f64x2.splat(value));
}

/** Bias of column k < 10 of a product: the number of its L times bits(M) and of its H times bits(C). */
function columnBias(k: i32): u64 {
  const lows = k < 5 ? k + 1 : 9 - k;
  const highs = k == 0 ? 0 : k < 6 ? k : 10 - k;
  return <u64>lows * BITS_M + <u64>highs * BITS_C;
}

/** Fills the table of constants; must run before anything else here. */
export function initField(): void {
  const c: f64 = reinterpret<f64>(BITS_C);
  putDouble(C, c);
  putDouble(CM, c + reinterpret<f64>(BITS_M));
  putInt(MASK, (1 << 51) - 1);
  putInt(EXPONENT, BITS_52);
  putDouble(CENTRE_0, reinterpret<f64>(BITS_52) + <f64>((1 << 50) + 19 * (1 << 9)));
  putDouble(CENTRE, reinterpret<f64>(BITS_52) + <f64>((1 << 50) + (1 << 9)));
  putInt(NINETEEN, 19);
  putDouble(A24, 121665);
  putDouble(SPLITTER, <f64>((1 << 27) + 1));
  const added: u64 = (1 << 60) + (1 << 50);
  for (let k = 0; k < 5; k++) {
    const bias = columnBias(k) + 19 * columnBias(k + 5);
    const at = <usize>(16 * k);
    putInt(OFFSET_ONE + at, added - bias);
    putInt(OFFSET_SUM + at, added - 2 * bias);
    putInt(OFFSET_DIFFERENCE + at, added);
    putInt(OFFSET_A24 + at, added - bias - BITS_M - (k == 0 ? 19 * BITS_C : BITS_C));
  }
}

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return i64x2.add(a, b);
}

// @ts-ignore: decorator
@inline
function times19(a: v128): v128 {
  return add(add(i64x2.shl(a, 4), a), add(a, a));
}

/** The high part h of a·b. */
// @ts-ignore: decorator
@inline
function hi<K>(a: v128, b: v128, c: v128): v128 {
  if (sizeof<K>() == 1) return v128.relaxed_madd<f64>(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The low part l of a·b, given h. */
// @ts-ignore: decorator
@inline
function lo<K>(a: v128, b: v128, h: v128, cm: v128): v128 {
  if (sizeof<K>() == 1) return v128.relaxed_madd<f64>(a, b, f64x2.sub(cm, h));
  const product = f64x2.mul(a, b);
  const aHigh = upper(a), bHigh = upper(b);
  const aLow = f64x2.sub(a, aHigh), bLow = f64x2.sub(b, bHigh);
  let e = f64x2.sub(f64x2.mul(aHigh, bHigh), product);
  e = f64x2.add(e, f64x2.mul(aHigh, bLow));
  e = f64x2.add(e, f64x2.mul(aLow, bHigh));
  e = f64x2.add(e, f64x2.mul(aLow, bLow));
  return f64x2.add(f64x2.add(f64x2.sub(cm, h), product), e);
}

/** The upper 26 bits of a double (Veltkamp). */
// @ts-ignore: decorator
@inline
function upper(a: v128): v128 {
  const c = f64x2.mul(a, v128.load(SPLITTER));
  return f64x2.sub(c, f64x2.sub(c, a));
}

/** Columns of a·b. The result may lie where an operand lies. */
export function mul<K>(to: usize, a: usize, b: usize): void {
  const c = v128.load(C), cm = v128.load(CM);
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48), b4 = v128.load(b, 64);
  let h = hi<K>(a0, b0, c), r0 = lo<K>(a0, b0, h, cm), r1 = h;
  h = hi<K>(a0, b1, c); r1 = add(r1, lo<K>(a0, b1, h, cm)); let r2 = h;
  h = hi<K>(a1, b0, c); r1 = add(r1, lo<K>(a1, b0, h, cm)); r2 = add(r2, h);
  h = hi<K>(a0, b2, c); r2 = add(r2, lo<K>(a0, b2, h, cm)); let r3 = h;
  h = hi<K>(a1, b1, c); r2 = add(r2, lo<K>(a1, b1, h, cm)); r3 = add(r3, h);
  h = hi<K>(a2, b0, c); r2 = add(r2, lo<K>(a2, b0, h, cm)); r3 = add(r3, h);
  h = hi<K>(a0, b3, c); r3 = add(r3, lo<K>(a0, b3, h, cm)); let r4 = h;
  h = hi<K>(a1, b2, c); r3 = add(r3, lo<K>(a1, b2, h, cm)); r4 = add(r4, h);
  h = hi<K>(a2, b1, c); r3 = add(r3, lo<K>(a2, b1, h, cm)); r4 = add(r4, h);
  h = hi<K>(a3, b0, c); r3 = add(r3, lo<K>(a3, b0, h, cm)); r4 = add(r4, h);
  h = hi<K>(a0, b4, c); r4 = add(r4, lo<K>(a0, b4, h, cm)); let r = h;
  h = hi<K>(a1, b3, c); r4 = add(r4, lo<K>(a1, b3, h, cm)); r = add(r, h);
  h = hi<K>(a2, b2, c); r4 = add(r4, lo<K>(a2, b2, h, cm)); r = add(r, h);
  h = hi<K>(a3, b1, c); r4 = add(r4, lo<K>(a3, b1, h, cm)); r = add(r, h);
  h = hi<K>(a4, b0, c); r4 = add(r4, lo<K>(a4, b0, h, cm)); r = add(r, h);
  // From here on columns 5 to 9 are folded onto 0 to 4.
  h = hi<K>(a1, b4, c); r = add(r, lo<K>(a1, b4, h, cm)); let n = h;
  h = hi<K>(a2, b3, c); r = add(r, lo<K>(a2, b3, h, cm)); n = add(n, h);
  h = hi<K>(a3, b2, c); r = add(r, lo<K>(a3, b2, h, cm)); n = add(n, h);
  h = hi<K>(a4, b1, c); r = add(r, lo<K>(a4, b1, h, cm)); n = add(n, h);
  v128.store(to, add(r0, times19(r)));
  h = hi<K>(a2, b4, c); n = add(n, lo<K>(a2, b4, h, cm)); r = h;
  h = hi<K>(a3, b3, c); n = add(n, lo<K>(a3, b3, h, cm)); r = add(r, h);
  h = hi<K>(a4, b2, c); n = add(n, lo<K>(a4, b2, h, cm)); r = add(r, h);
  v128.store(to, add(r1, times19(n)), 16);
  h = hi<K>(a3, b4, c); r = add(r, lo<K>(a3, b4, h, cm)); n = h;
  h = hi<K>(a4, b3, c); r = add(r, lo<K>(a4, b3, h, cm)); n = add(n, h);
  v128.store(to, add(r2, times19(r)), 32);
  h = hi<K>(a4, b4, c); n = add(n, lo<K>(a4, b4, h, cm));
  v128.store(to, add(r3, times19(n)), 48);
  v128.store(to, add(r4, times19(h)), 64);
}

/** Columns of a², biased as those of {@link mul}: products off the diagonal are summed once and doubled. */
export function sqr<K>(to: usize, a: usize): void {
  const c = v128.load(C), cm = v128.load(CM);
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  // d: high part of a diagonal product; n, r: sums of products off the diagonal, high and low.
  let d = hi<K>(a0, a0, c);
  const r0 = lo<K>(a0, a0, d, cm);
  let n = hi<K>(a0, a1, c), r = lo<K>(a0, a1, n, cm);
  const r1 = add(d, add(r, r));
  r = n;
  n = hi<K>(a0, a2, c); r = add(r, lo<K>(a0, a2, n, cm));
  d = hi<K>(a1, a1, c);
  const r2 = add(lo<K>(a1, a1, d, cm), add(r, r));
  r = n;
  n = hi<K>(a0, a3, c); r = add(r, lo<K>(a0, a3, n, cm));
  let h = hi<K>(a1, a2, c); r = add(r, lo<K>(a1, a2, h, cm)); n = add(n, h);
  const r3 = add(d, add(r, r));
  r = n;
  n = hi<K>(a0, a4, c); r = add(r, lo<K>(a0, a4, n, cm));
  h = hi<K>(a1, a3, c); r = add(r, lo<K>(a1, a3, h, cm)); n = add(n, h);
  d = hi<K>(a2, a2, c);
  const r4 = add(lo<K>(a2, a2, d, cm), add(r, r));
  r = n;
  n = hi<K>(a1, a4, c); r = add(r, lo<K>(a1, a4, n, cm));
  h = hi<K>(a2, a3, c); r = add(r, lo<K>(a2, a3, h, cm)); n = add(n, h);
  v128.store(to, add(r0, times19(add(d, add(r, r)))));
  r = n;
  n = hi<K>(a2, a4, c); r = add(r, lo<K>(a2, a4, n, cm));
  d = hi<K>(a3, a3, c);
  v128.store(to, add(r1, times19(add(lo<K>(a3, a3, d, cm), add(r, r)))), 16);
  r = n;
  n = hi<K>(a3, a4, c); r = add(r, lo<K>(a3, a4, n, cm));
  v128.store(to, add(r2, times19(add(d, add(r, r)))), 32);
  d = hi<K>(a4, a4, c);
  v128.store(to, add(r3, times19(add(lo<K>(a4, a4, d, cm), add(n, n)))), 48);
  v128.store(to, add(r4, times19(d)), 64);
}

/** Tidy limbs from the columns s_k (bias taken off, constants added); see the bounds above. */
// @ts-ignore: decorator
@inline
function tidy(to: usize, s0: v128, s1: v128, s2: v128, s3: v128, s4: v128): void {
  const mask = v128.load(MASK), exponent = v128.load(EXPONENT), centre = v128.load(CENTRE);
  const wrapped = i16x8.mul(i64x2.shr_u(s4, 51), v128.load(NINETEEN));
  v128.store(to, f64x2.sub(v128.or(add(v128.and(s0, mask), wrapped), exponent), v128.load(CENTRE_0)));
  v128.store(to, f64x2.sub(v128.or(add(v128.and(s1, mask), i64x2.shr_u(s0, 51)), exponent), centre), 16);
  v128.store(to, f64x2.sub(v128.or(add(v128.and(s2, mask), i64x2.shr_u(s1, 51)), exponent), centre), 32);
  v128.store(to, f64x2.sub(v128.or(add(v128.and(s3, mask), i64x2.shr_u(s2, 51)), exponent), centre), 48);
  v128.store(to, f64x2.sub(v128.or(add(v128.and(s4, mask), i64x2.shr_u(s3, 51)), exponent), centre), 64);
}

/** Tidy limbs from the columns of one product. */
// @ts-ignore: decorator
@inline
export function carry(to: usize, a: usize): void {
  tidy(
    to,
    add(v128.load(a), v128.load(OFFSET_ONE)),
    add(v128.load(a, 16), v128.load(OFFSET_ONE, 16)),
    add(v128.load(a, 32), v128.load(OFFSET_ONE, 32)),
    add(v128.load(a, 48), v128.load(OFFSET_ONE, 48)),
    add(v128.load(a, 64), v128.load(OFFSET_ONE, 64)),
  );
}

/** Tidy limbs of a + b and a - b from the columns of two products. */
// @ts-ignore: decorator
@inline
export function carrySumDifference(sum: usize, difference: usize, a: usize, b: usize): void {
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48), b4 = v128.load(b, 64);
  tidy(
    sum,
    add(add(a0, b0), v128.load(OFFSET_SUM)),
    add(add(a1, b1), v128.load(OFFSET_SUM, 16)),
    add(add(a2, b2), v128.load(OFFSET_SUM, 32)),
    add(add(a3, b3), v128.load(OFFSET_SUM, 48)),
    add(add(a4, b4), v128.load(OFFSET_SUM, 64)),
  );
  const added = v128.load(OFFSET_DIFFERENCE);
  tidy(
    difference,
    add(i64x2.sub(a0, b0), added),
    add(i64x2.sub(a1, b1), added),
    add(i64x2.sub(a2, b2), added),
    add(i64x2.sub(a3, b3), added),
    add(i64x2.sub(a4, b4), added),
  );
}

/** Limbs of e = a - b, and tidy limbs of columns + 121665·e. */
// @ts-ignore: decorator
@inline
export function differenceA24<K>(e: usize, to: usize, columns: usize, a: usize, b: usize): void {
  const c = v128.load(C), cm = v128.load(CM), a24 = v128.load(A24);
  const e0 = f64x2.sub(v128.load(a), v128.load(b));
  const e1 = f64x2.sub(v128.load(a, 16), v128.load(b, 16));
  const e2 = f64x2.sub(v128.load(a, 32), v128.load(b, 32));
  const e3 = f64x2.sub(v128.load(a, 48), v128.load(b, 48));
  const e4 = f64x2.sub(v128.load(a, 64), v128.load(b, 64));
  v128.store(e, e0);
  v128.store(e, e1, 16);
  v128.store(e, e2, 32);
  v128.store(e, e3, 48);
  v128.store(e, e4, 64);
  const h0 = hi<K>(e0, a24, c), h1 = hi<K>(e1, a24, c), h2 = hi<K>(e2, a24, c), h3 = hi<K>(e3, a24, c), h4 = hi<K>(e4, a24, c);
  tidy(
    to,
    add(add(v128.load(columns), v128.load(OFFSET_A24)), add(lo<K>(e0, a24, h0, cm), times19(h4))),
    add(add(v128.load(columns, 16), v128.load(OFFSET_A24, 16)), add(lo<K>(e1, a24, h1, cm), h0)),
    add(add(v128.load(columns, 32), v128.load(OFFSET_A24, 32)), add(lo<K>(e2, a24, h2, cm), h1)),
    add(add(v128.load(columns, 48), v128.load(OFFSET_A24, 48)), add(lo<K>(e3, a24, h3, cm), h2)),
    add(add(v128.load(columns, 64), v128.load(OFFSET_A24, 64)), add(lo<K>(e4, a24, h4, cm), h3)),
  );
}

/** to = b where `mask` is all ones, a where it is 0. */
// @ts-ignore: decorator
@inline
export function select(to: usize, a: usize, b: usize, mask: v128): void {
  for (let at: usize = 0; at < FE; at += 16) {
    const x = v128.load(a + at);
    v128.store(to + at, v128.xor(x, v128.and(v128.xor(x, v128.load(b + at)), mask)));
  }
}
