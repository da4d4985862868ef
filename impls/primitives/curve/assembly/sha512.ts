/**
 * SHA-512 (FIPS 180-4) and expand_message_xmd over it (RFC 9380, section 5.3.1) for 48 bytes of output.
 * Running time depends on lengths alone.
 */

const K: usize = memory.data<u64>([
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
], 16);
const INITIAL: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
], 16);
const SCHEDULE: usize = memory.data(80 * 8, 16);
const STATE: usize = memory.data(64, 16);
/** State after the block of zeros (Z_pad) that begins every message of expand_message_xmd. */
const AFTER_PAD: usize = memory.data(64, 16);
/** End of a message with its padding: less than a block, 3 bytes, DST_prime (at most 256), padding (at most 17 + 127). */
const TAIL: usize = memory.data(640, 16);
/** The domain separation tag, followed by its length in one byte (DST_prime). */
const TAG: usize = memory.data(256, 16);
let tagLength: i32 = 0;

// @ts-ignore: decorator
@inline
function bigSigma0(x: u64): u64 { return rotr(x, 28) ^ rotr(x, 34) ^ rotr(x, 39); }
// @ts-ignore: decorator
@inline
function bigSigma1(x: u64): u64 { return rotr(x, 14) ^ rotr(x, 18) ^ rotr(x, 41); }
// @ts-ignore: decorator
@inline
function sigma0(x: u64): u64 { return rotr(x, 1) ^ rotr(x, 8) ^ (x >> 7); }
// @ts-ignore: decorator
@inline
function sigma1(x: u64): u64 { return rotr(x, 19) ^ rotr(x, 61) ^ (x >> 6); }
// @ts-ignore: decorator
@inline
function choose(x: u64, y: u64, z: u64): u64 { return z ^ (x & (y ^ z)); }
// @ts-ignore: decorator
@inline
function majority(x: u64, y: u64, z: u64): u64 { return (x & y) | (z & (x | y)); }

/** Mixes `count` blocks into STATE. */
function compress(from: usize, count: i32): void {
  let s0 = load<u64>(STATE), s1 = load<u64>(STATE, 8), s2 = load<u64>(STATE, 16), s3 = load<u64>(STATE, 24);
  let s4 = load<u64>(STATE, 32), s5 = load<u64>(STATE, 40), s6 = load<u64>(STATE, 48), s7 = load<u64>(STATE, 56);
  for (; count > 0; count--, from += 128) {
    for (let i: usize = 0; i < 128; i += 8) store<u64>(SCHEDULE + i, bswap<u64>(load<u64>(from + i)));
    for (let w: usize = SCHEDULE + 128; w < SCHEDULE + 640; w += 8) {
      store<u64>(w, sigma1(load<u64>(w - 16)) + load<u64>(w - 56) + sigma0(load<u64>(w - 120)) + load<u64>(w - 128));
    }
    let a = s0, b = s1, c = s2, d = s3, e = s4, f = s5, g = s6, h = s7, t: u64;
    for (let w: usize = SCHEDULE, k: usize = K; w < SCHEDULE + 640; w += 64, k += 64) {
      t = h + load<u64>(k, 0) + load<u64>(w, 0) + bigSigma1(e) + choose(e, f, g); d += t; h = t + bigSigma0(a) + majority(a, b, c);
      t = g + load<u64>(k, 8) + load<u64>(w, 8) + bigSigma1(d) + choose(d, e, f); c += t; g = t + bigSigma0(h) + majority(h, a, b);
      t = f + load<u64>(k, 16) + load<u64>(w, 16) + bigSigma1(c) + choose(c, d, e); b += t; f = t + bigSigma0(g) + majority(g, h, a);
      t = e + load<u64>(k, 24) + load<u64>(w, 24) + bigSigma1(b) + choose(b, c, d); a += t; e = t + bigSigma0(f) + majority(f, g, h);
      t = d + load<u64>(k, 32) + load<u64>(w, 32) + bigSigma1(a) + choose(a, b, c); h += t; d = t + bigSigma0(e) + majority(e, f, g);
      t = c + load<u64>(k, 40) + load<u64>(w, 40) + bigSigma1(h) + choose(h, a, b); g += t; c = t + bigSigma0(d) + majority(d, e, f);
      t = b + load<u64>(k, 48) + load<u64>(w, 48) + bigSigma1(g) + choose(g, h, a); f += t; b = t + bigSigma0(c) + majority(c, d, e);
      t = a + load<u64>(k, 56) + load<u64>(w, 56) + bigSigma1(f) + choose(f, g, h); e += t; a = t + bigSigma0(b) + majority(b, c, d);
    }
    s0 += a; s1 += b; s2 += c; s3 += d; s4 += e; s5 += f; s6 += g; s7 += h;
  }
  store<u64>(STATE, s0); store<u64>(STATE, s1, 8); store<u64>(STATE, s2, 16); store<u64>(STATE, s3, 24);
  store<u64>(STATE, s4, 32); store<u64>(STATE, s5, 40); store<u64>(STATE, s6, 48); store<u64>(STATE, s7, 56);
}

/** Pads the `length` bytes at TAIL, the end of a message of `total` bytes, and mixes them in. */
function finish(length: i32, total: u64): void {
  const blocks = (length + 17 + 127) >> 7;
  memory.fill(TAIL + length, 0, (blocks << 7) - length);
  store<u8>(TAIL + length, 0x80);
  store<u64>(TAIL + (blocks << 7) - 8, bswap<u64>(total << 3));
  compress(TAIL, blocks);
}

function putState(to: usize): void {
  for (let i: usize = 0; i < 64; i += 8) store<u64>(to + i, bswap<u64>(load<u64>(STATE + i)));
}

/** Must run before {@link expand}. */
export function initExpand(): void {
  memory.copy(STATE, INITIAL, 64);
  memory.fill(TAIL, 0, 128);
  compress(TAIL, 1);
  memory.copy(AFTER_PAD, STATE, 64);
}

/** Sets the domain separation tag: `length` < 256 bytes. */
export function setTag(from: usize, length: i32): void {
  memory.copy(TAG, from, length);
  store<u8>(TAG + length, <u8>length);
  tagLength = length + 1;
}

/** Writes the first 48 bytes of expand_message_xmd(message, tag, 48) to `to`. */
export function expand(to: usize, message: usize, length: i32): void {
  memory.copy(STATE, AFTER_PAD, 64);
  const whole = length >> 7;
  compress(message, whole);
  let rest = length & 127;
  memory.copy(TAIL, message + (whole << 7), rest);
  store<u8>(TAIL + rest, 0);
  store<u8>(TAIL + rest, 48, 1);
  store<u8>(TAIL + rest, 0, 2);
  rest += 3;
  memory.copy(TAIL + rest, TAG, tagLength);
  rest += tagLength;
  finish(rest, 128 + <u64>length + 3 + <u64>tagLength);
  putState(TAIL);
  memory.copy(STATE, INITIAL, 64);
  store<u8>(TAIL, 1, 64);
  memory.copy(TAIL + 65, TAG, tagLength);
  finish(65 + tagLength, <u64>(65 + tagLength));
  putState(TAIL);
  memory.copy(to, TAIL, 48);
}
