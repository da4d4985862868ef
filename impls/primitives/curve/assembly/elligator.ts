/**
 * Elligator 2 onto Curve25519, u-coordinate only (map_to_curve_elligator2_curve25519 of RFC 9380,
 * section 6.7.1, Z = 2): for a field element r, u1 = -J / (1 + 2r²), and the result is u1 when
 * g(u1) = u1³ + J·u1² + u1 is a square, else -u1 - J. Either way a point of the curve, never only of its twist.
 */
import { FE, carry, mul, sqr } from './field';
import { character, invertAll } from './invert';
import { encode } from './bytes';

const J: f64 = 486662;
const WORK: usize = memory.data(4 * 80 + 32, 16);
const COLUMNS: usize = WORK;
const MINUS_J: usize = WORK + FE;
const G: usize = WORK + 2 * FE;
const BYTES: usize = WORK + 4 * FE;

// @ts-ignore: decorator
@inline
function addSmall(to: usize, value: f64): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.splat(value)));
}

/** Writes g(u) = u(u(u + J) + 1), tidy. */
function curveEquation<K>(to: usize, u: usize): void {
  for (let i: usize = 0; i < FE; i += 16) v128.store(to + i, v128.load(u + i));
  addSmall(to, J);
  mul<K>(COLUMNS, to, u);
  carry(to, COLUMNS);
  addSmall(to, 1);
  mul<K>(COLUMNS, to, u);
  carry(to, COLUMNS);
}

/** All ones when the character in this lane is p - 1. Of 0, 1 and p - 1 only the last has bit 2 set. */
function isMinusOne(lane: usize): i64 {
  encode(BYTES, lane);
  return -(<i64>((load<u8>(BYTES) >> 2) & 1));
}

/**
 * Replaces each of `count` tidy elements r at `at` (an even number of them) by the u-coordinate it
 * maps to; limbs are those of a sum of tidy elements. `prefixes` is scratch for as many elements.
 */
export function elligator<K>(at: usize, prefixes: usize, count: i32): void {
  for (let j: i32 = 0; j < count; j++) {
    const r = at + <usize>j * FE;
    sqr<K>(COLUMNS, r);
    carry(r, COLUMNS);
    for (let i: usize = 0; i < FE; i += 16) v128.store(r + i, f64x2.add(v128.load(r + i), v128.load(r + i)));
    addSmall(r, 1);
  }
  // 1 + 2r² is never 0: -1/2 is not a square modulo p.
  invertAll<K>(at, prefixes, count);
  for (let i: usize = 0; i < FE; i += 16) v128.store(MINUS_J + i, f64x2.splat(i == 0 ? -J : 0));
  for (let j: i32 = 0; j < count; j += 2) {
    const u = at + <usize>j * FE;
    for (let e: usize = 0; e < 2 * FE; e += FE) {
      mul<K>(COLUMNS, u + e, MINUS_J);
      carry(u + e, COLUMNS);
      curveEquation<K>(G + e, u + e);
    }
    character<K>(G, G + FE);
    for (let e: usize = 0; e < 2 * FE; e += FE) {
      const flip = i64x2(isMinusOne(G + e), isMinusOne(G + e + 8));
      // u or -u - J: the sign bit of every limb flips where `flip` is set.
      const sign = v128.and(flip, i64x2.splat(1 << 63));
      for (let i: usize = 0; i < FE; i += 16) v128.store(u + e + i, v128.xor(v128.load(u + e + i), sign));
      v128.store(u + e, f64x2.sub(v128.load(u + e), v128.and(flip, f64x2.splat(J))));
    }
  }
}
