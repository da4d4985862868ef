/** Between 32 little-endian bytes and one lane of an element. Straight-line code but for loops of fixed length. */

const LIMB: u64 = (1 << 51) - 1;

/** Balances five limbs below 2^52 (each at most 2^51 + 2^6) and stores them as tidy doubles, 16 bytes apart. */
function putLimbs(to: usize, l0: i64, l1: i64, l2: i64, l3: i64, l4: i64): void {
  const half: i64 = 1 << 50;
  let high: i64;
  high = (l0 + half) >> 51; l0 -= high << 51; l1 += high;
  high = (l1 + half) >> 51; l1 -= high << 51; l2 += high;
  high = (l2 + half) >> 51; l2 -= high << 51; l3 += high;
  high = (l3 + half) >> 51; l3 -= high << 51; l4 += high;
  high = (l4 + half) >> 51; l4 -= high << 51; l0 += 19 * high;
  store<f64>(to, <f64>l0);
  store<f64>(to, <f64>l1, 16);
  store<f64>(to, <f64>l2, 32);
  store<f64>(to, <f64>l3, 48);
  store<f64>(to, <f64>l4, 64);
}

/** One lane (`to` is its first limb's address) from 255 bits; the value may be p or more, bit 255 is ignored. */
export function decode(to: usize, from: usize): void {
  const w0 = load<u64>(from), w1 = load<u64>(from, 8), w2 = load<u64>(from, 16), w3 = load<u64>(from, 24);
  putLimbs(
    to,
    w0 & LIMB,
    ((w0 >> 51) | (w1 << 13)) & LIMB,
    ((w1 >> 38) | (w2 << 26)) & LIMB,
    ((w2 >> 25) | (w3 << 39)) & LIMB,
    (w3 >> 12) & LIMB,
  );
}

// @ts-ignore: decorator
@inline
function bigEndian(from: usize): u64 {
  return bswap<u64>(load<u64>(from));
}

/** One lane from 48 big-endian bytes, reduced modulo p (hash_to_field of RFC 9380, L = 48). */
export function decodeUniform(to: usize, from: usize): void {
  const w0 = bigEndian(from + 40), w1 = bigEndian(from + 32), w2 = bigEndian(from + 24);
  const w3 = bigEndian(from + 16), w4 = bigEndian(from + 8), w5 = bigEndian(from);
  // value = low 255 bits + 2^255 · (129 bits), and 2^255 = 19.
  let l0 = (w0 & LIMB) + 19 * (((w3 >> 63) | (w4 << 1)) & LIMB);
  let l1 = (((w0 >> 51) | (w1 << 13)) & LIMB) + 19 * (((w4 >> 50) | (w5 << 14)) & LIMB);
  let l2 = (((w1 >> 38) | (w2 << 26)) & LIMB) + 19 * (w5 >> 37);
  let l3 = ((w2 >> 25) | (w3 << 39)) & LIMB;
  let l4 = (w3 >> 12) & LIMB;
  l1 += l0 >> 51; l0 &= LIMB;
  l2 += l1 >> 51; l1 &= LIMB;
  l3 += l2 >> 51; l2 &= LIMB;
  l4 += l3 >> 51; l3 &= LIMB;
  l0 += 19 * (l4 >> 51); l4 &= LIMB;
  putLimbs(to, l0, l1, l2, l3, l4);
}

/** Writes one lane of an element whose limbs are below 2^51.5 in magnitude as its 32 canonical bytes. */
export function encode(to: usize, from: usize): void {
  // Adding 4p limb by limb makes every limb positive.
  const fourP: i64 = (1 << 53) - 4, fourP0: i64 = (1 << 53) - 76;
  let l0: u64 = <u64>(<i64>load<f64>(from) + fourP0);
  let l1: u64 = <u64>(<i64>load<f64>(from, 16) + fourP);
  let l2: u64 = <u64>(<i64>load<f64>(from, 32) + fourP);
  let l3: u64 = <u64>(<i64>load<f64>(from, 48) + fourP);
  let l4: u64 = <u64>(<i64>load<f64>(from, 64) + fourP);
  // Twice around: then the value is below 2^255 + 19·8 with limbs below 2^51 but the lowest.
  for (let i = 0; i < 2; i++) {
    l1 += l0 >> 51; l0 &= LIMB;
    l2 += l1 >> 51; l1 &= LIMB;
    l3 += l2 >> 51; l2 &= LIMB;
    l4 += l3 >> 51; l3 &= LIMB;
    l0 += 19 * (l4 >> 51); l4 &= LIMB;
  }
  // q = 1 exactly when the value is p or more, i.e. value + 19 reaches 2^255.
  let q = (l0 + 19) >> 51;
  q = (l1 + q) >> 51;
  q = (l2 + q) >> 51;
  q = (l3 + q) >> 51;
  q = (l4 + q) >> 51;
  l0 += 19 * q;
  l1 += l0 >> 51; l0 &= LIMB;
  l2 += l1 >> 51; l1 &= LIMB;
  l3 += l2 >> 51; l2 &= LIMB;
  l4 += l3 >> 51; l3 &= LIMB;
  l4 &= LIMB;
  store<u64>(to, l0 | (l1 << 51));
  store<u64>(to, (l1 >> 13) | (l2 << 38), 8);
  store<u64>(to, (l2 >> 26) | (l3 << 25), 16);
  store<u64>(to, (l3 >> 39) | (l4 << 12), 24);
}

/** Why a u-coordinate is refused. */
export const FINE: i32 = 0;
export const NOT_CANONICAL: i32 = 1;
export const SMALL_ORDER: i32 = 2;

/** The two u-coordinates of order 8, as little-endian words. */
const ORDER8_1_0: u64 = 0xaeb8413b7c7aebe0;
const ORDER8_1_1: u64 = 0x6ac49ff1fae35616;
const ORDER8_1_2: u64 = 0xfdb1329ceb8d09da;
const ORDER8_1_3: u64 = 0x00b8495f16056286;
const ORDER8_2_0: u64 = 0x248c50a3bc959c5f;
const ORDER8_2_1: u64 = 0x5bef839c55b1d0b1;
const ORDER8_2_2: u64 = 0x868e1c58c45c4404;
const ORDER8_2_3: u64 = 0x57119fd0dd4e22d8;

// @ts-ignore: decorator
@inline
function differs(w0: u64, w1: u64, w2: u64, w3: u64, v0: u64, v1: u64, v2: u64, v3: u64): u64 {
  return (w0 ^ v0) | (w1 ^ v1) | (w2 ^ v2) | (w3 ^ v3);
}

/**
 * Judges a received u-coordinate: it must be below p, and none of the five whose point has small order,
 * on the curve or its twist: 0, 1, p - 1 and the two of order 8. (Received values are public: branches may
 * depend on them.)
 */
export function judge(at: usize): i32 {
  const w0 = load<u64>(at), w1 = load<u64>(at, 8), w2 = load<u64>(at, 16), w3 = load<u64>(at, 24);
  if (w3 >> 63 || (w3 == 0x7fffffffffffffff && (w1 & w2) == ~(<u64>0) && w0 >= 0xffffffffffffffed)) {
    return NOT_CANONICAL;
  }
  if ((w0 <= 1 && (w1 | w2 | w3) == 0) || differs(w0, w1, w2, w3, 0xffffffffffffffec, ~(<u64>0), ~(<u64>0), 0x7fffffffffffffff) == 0) {
    return SMALL_ORDER;
  }
  if (differs(w0, w1, w2, w3, ORDER8_1_0, ORDER8_1_1, ORDER8_1_2, ORDER8_1_3) == 0) return SMALL_ORDER;
  if (differs(w0, w1, w2, w3, ORDER8_2_0, ORDER8_2_1, ORDER8_2_2, ORDER8_2_3) == 0) return SMALL_ORDER;
  return FINE;
}
