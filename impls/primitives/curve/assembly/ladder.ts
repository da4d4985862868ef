/**
 * The Montgomery ladder of RFC 7748 on Curve25519 for four u-coordinates and one scalar: two elements
 * of two lanes each. One element's steps alternate with the other's, so that a processor which executes out
 * of order has independent work while it waits for a result.
 *
 * After the step for bit b of the scalar, the state holds the ladder's point R_b, which that step has doubled,
 * as A = X + Z and B = X - Z, and the other, R_(1-b), which is the sum R_0 + R_1, as C = X' + Z' and
 * D = X' - Z'. These are what the next step multiplies: sums and differences of products are formed on their
 * columns, before the carry, and cost no carry of their own. The next bit chooses which of the two is doubled;
 * for the sum it does not matter, since exchanging (A, B) with (C, D) turns D·A ± C·B into ±(D·A ± C·B), which
 * is squared. So there is one selection, by masks, and no exchange.
 */
import { FE, carry, carrySumDifference, differenceA24, mul, select, sqr } from './field';

/** Distance from the first element's state to the second's. */
const N: usize = 14 * FE;
const WORK: usize = memory.data(2 * 14 * 80, 16);
const A: usize = WORK;
const B: usize = WORK + FE;
const C: usize = WORK + 2 * FE;
const D: usize = WORK + 3 * FE;
const AA: usize = WORK + 4 * FE;
const BB: usize = WORK + 5 * FE;
const E: usize = WORK + 6 * FE;
const T: usize = WORK + 7 * FE;
const P: usize = WORK + 8 * FE;
const Q: usize = WORK + 9 * FE;
const COLUMNS_1: usize = WORK + 10 * FE;
const COLUMNS_2: usize = WORK + 11 * FE;
const DOUBLED_SUM: usize = WORK + 12 * FE;
const DOUBLED_DIFFERENCE: usize = WORK + 13 * FE;

/** R_0 = (1 : 0), R_1 = (u : 1): A = B = 1, C = u + 1, D = u - 1. */
function start(at: usize, u: usize): void {
  for (let i: usize = 0; i < FE; i += 16) {
    const one = f64x2.splat(i == 0 ? 1 : 0), limb = v128.load(u + i);
    v128.store(A + at + i, one);
    v128.store(B + at + i, one);
    v128.store(C + at + i, f64x2.add(limb, one));
    v128.store(D + at + i, f64x2.sub(limb, one));
  }
}

/**
 * For two tidy elements u (four points), one after the other in memory, and the 255-bit scalar k, 32 bytes
 * little-endian at `scalar` (bit 255 is ignored), writes tidy X + Z and X - Z, X : Z = k · (u : 1).
 */
export function ladder<K>(sum: usize, difference: usize, u: usize, scalar: usize): void {
  start(0, u);
  start(N, u + FE);
  let last: u64 = 0;
  for (let i: i32 = 254; i >= 0; i--) {
    const bit: u64 = (<u64>load<u8>(scalar + (i >> 3)) >> (i & 7)) & 1;
    const other = i64x2.splat(0 - (last ^ bit));
    last = bit;
    select(DOUBLED_SUM, A, C, other);
    select(DOUBLED_SUM + N, A + N, C + N, other);
    select(DOUBLED_DIFFERENCE, B, D, other);
    select(DOUBLED_DIFFERENCE + N, B + N, D + N, other);
    mul<K>(COLUMNS_1, D, A);
    mul<K>(COLUMNS_1 + N, D + N, A + N);
    mul<K>(COLUMNS_2, C, B);
    mul<K>(COLUMNS_2 + N, C + N, B + N);
    carrySumDifference(P, Q, COLUMNS_1, COLUMNS_2);
    carrySumDifference(P + N, Q + N, COLUMNS_1 + N, COLUMNS_2 + N);
    sqr<K>(COLUMNS_1, DOUBLED_SUM);
    sqr<K>(COLUMNS_1 + N, DOUBLED_SUM + N);
    sqr<K>(COLUMNS_2, DOUBLED_DIFFERENCE);
    sqr<K>(COLUMNS_2 + N, DOUBLED_DIFFERENCE + N);
    carry(AA, COLUMNS_1);
    carry(AA + N, COLUMNS_1 + N);
    carry(BB, COLUMNS_2);
    carry(BB + N, COLUMNS_2 + N);
    differenceA24<K>(E, T, COLUMNS_1, AA, BB);
    differenceA24<K>(E + N, T + N, COLUMNS_1 + N, AA + N, BB + N);
    sqr<K>(COLUMNS_1, Q);
    sqr<K>(COLUMNS_1 + N, Q + N);
    carry(Q, COLUMNS_1);
    carry(Q + N, COLUMNS_1 + N);
    sqr<K>(COLUMNS_1, P);
    sqr<K>(COLUMNS_1 + N, P + N);
    mul<K>(COLUMNS_2, Q, u);
    mul<K>(COLUMNS_2 + N, Q + N, u + FE);
    carrySumDifference(C, D, COLUMNS_1, COLUMNS_2);
    carrySumDifference(C + N, D + N, COLUMNS_1 + N, COLUMNS_2 + N);
    mul<K>(COLUMNS_1, AA, BB);
    mul<K>(COLUMNS_1 + N, AA + N, BB + N);
    mul<K>(COLUMNS_2, E, T);
    mul<K>(COLUMNS_2 + N, E + N, T + N);
    carrySumDifference(A, B, COLUMNS_1, COLUMNS_2);
    carrySumDifference(A + N, B + N, COLUMNS_1 + N, COLUMNS_2 + N);
  }
  const other = i64x2.splat(0 - last);
  select(sum, A, C, other);
  select(sum + FE, A + N, C + N, other);
  select(difference, B, D, other);
  select(difference + FE, B + N, D + N, other);
}
