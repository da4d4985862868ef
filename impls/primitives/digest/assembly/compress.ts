/**
 * The compression function of SHA-256 (FIPS 180-4, section 6.2.2) on eight blocks at once: two groups of
 * four lanes whose rounds alternate. A round of one group waits for its own results most of the time; the
 * other one fills the gaps (12 % faster than four lanes on a Zen 5, although registers overflow).
 */

/** The round constants K, once each: they are spread over the lanes when they are loaded. */
const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
/** The initial hash value H(0). */
const H0 = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
/** The message schedules: for each group a ring of 16 words, four lanes each. */
const W = memory.data(2 * 16 * 16, 16);
/** The state of the messages in work: for each group eight words, four lanes each. */
const STATE = memory.data(2 * 8 * 16, 16);

// @ts-ignore: decorator
@inline
function sum0(x: v128): v128 {
  return v128.xor(
    v128.xor(rotate(x, 2), rotate(x, 13)),
    rotate(x, 22),
  );
}

// @ts-ignore: decorator
@inline
function sum1(x: v128): v128 {
  return v128.xor(
    v128.xor(rotate(x, 6), rotate(x, 11)),
    rotate(x, 25),
  );
}

// @ts-ignore: decorator
@inline
function sigma0(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
}

// @ts-ignore: decorator
@inline
function sigma1(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 17), rotate(x, 19)), i32x4.shr_u(x, 10));
}

// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.xor(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

/** Word `i` of the ring at `w` becomes the schedule's word 16 places on, and is returned. */
// @ts-ignore: decorator
@inline
function extend(w: usize, i: i32): v128 {
  const near = sigma0(v128.load(w + (((i + 1) & 15) << 4)));
  const far = sigma1(v128.load(w + (((i + 14) & 15) << 4)));
  const sum = i32x4.add(v128.load(w + (i << 4)), v128.load(w + (((i + 9) & 15) << 4)));
  const next = i32x4.add(sum, i32x4.add(near, far));
  v128.store(w + (i << 4), next);
  return next;
}

/** h + Σ1(e) + Ch(e, f, g) + K + W: the first half of a round. */
// @ts-ignore: decorator
@inline
function half(e: v128, f: v128, g: v128, h: v128, k: v128, w: v128): v128 {
  const choice = v128.xor(v128.and(v128.xor(f, g), e), g);
  return i32x4.add(i32x4.add(i32x4.add(h, i32x4.add(w, k)), choice), sum1(e));
}

/** Four words of the four blocks whose addresses are at `blocks`, from rows (one block each) to lanes. */
// @ts-ignore: decorator
@inline
function gather(blocks: usize, w: usize, word: i32): void {
  const r0 = v128.load(<usize>load<u32>(blocks) + (word << 2));
  const r1 = v128.load(<usize>load<u32>(blocks, 4) + (word << 2));
  const r2 = v128.load(<usize>load<u32>(blocks, 8) + (word << 2));
  const r3 = v128.load(<usize>load<u32>(blocks, 12) + (word << 2));
  const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  const to = w + (word << 4);
  v128.store(to, turn(v128.shuffle<i64>(a, b, 0, 2)));
  v128.store(to, turn(v128.shuffle<i64>(a, b, 1, 3)), 16);
  v128.store(to, turn(v128.shuffle<i64>(c, d, 0, 2)), 32);
  v128.store(to, turn(v128.shuffle<i64>(c, d, 1, 3)), 48);
}

// In memory, not a literal: V8 builds a literal vector anew each time, and turns a literal shuffle of this
// kind into five instructions.
const TURN = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12], 16);

/** Four 32-bit words, bytes in reverse order. */
// @ts-ignore: decorator
@inline
function turn(x: v128): v128 {
  return i8x16.swizzle(x, v128.load(TURN));
}

/** The state that `Compressor` works on: group 0, then group 1. */
export class Compressor {
  static readonly state: usize = STATE;

  /** Sets `state` to H(0) in all lanes of both groups. */
  static reset(state: usize): void {
    for (let i: usize = 0; i < 16; i++) v128.store(state + (i << 4), v128.load32_splat(H0 + ((i & 7) << 2)));
  }

  /** Compresses one block per lane, those whose addresses are at `blocks`, into `state`. */
  static compress(state: usize, blocks: usize): void {
    for (let word = 0; word < 16; word += 4) {
      gather(blocks, W, word);
      gather(blocks + 16, W + 256, word);
    }

    let a1 = v128.load(state);
    let b1 = v128.load(state, 16);
    let c1 = v128.load(state, 32);
    let d1 = v128.load(state, 48);
    let e1 = v128.load(state, 64);
    let f1 = v128.load(state, 80);
    let g1 = v128.load(state, 96);
    let h1 = v128.load(state, 112);
    let a2 = v128.load(state, 128);
    let b2 = v128.load(state, 144);
    let c2 = v128.load(state, 160);
    let d2 = v128.load(state, 176);
    let e2 = v128.load(state, 192);
    let f2 = v128.load(state, 208);
    let g2 = v128.load(state, 224);
    let h2 = v128.load(state, 240);
    // Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and b ^ c is the a ^ b of the round before.
    let y1 = v128.xor(b1, c1);
    let y2 = v128.xor(b2, c2);
    let x1: v128;
    let x2: v128;
    let t1: v128;
    let t2: v128;

    let k: usize = K;
    x1 = v128.xor(a1, b1);
    t1 = half(e1, f1, g1, h1, v128.load32_splat(k, 0), v128.load(W, 0));
    d1 = i32x4.add(d1, t1);
    h1 = i32x4.add(i32x4.add(t1, v128.xor(b1, v128.and(x1, y1))), sum0(a1));
    x2 = v128.xor(a2, b2);
    t2 = half(e2, f2, g2, h2, v128.load32_splat(k, 0), v128.load(W + 256, 0));
    d2 = i32x4.add(d2, t2);
    h2 = i32x4.add(i32x4.add(t2, v128.xor(b2, v128.and(x2, y2))), sum0(a2));
    y1 = v128.xor(h1, a1);
    t1 = half(d1, e1, f1, g1, v128.load32_splat(k, 4), v128.load(W, 16));
    c1 = i32x4.add(c1, t1);
    g1 = i32x4.add(i32x4.add(t1, v128.xor(a1, v128.and(x1, y1))), sum0(h1));
    y2 = v128.xor(h2, a2);
    t2 = half(d2, e2, f2, g2, v128.load32_splat(k, 4), v128.load(W + 256, 16));
    c2 = i32x4.add(c2, t2);
    g2 = i32x4.add(i32x4.add(t2, v128.xor(a2, v128.and(x2, y2))), sum0(h2));
    x1 = v128.xor(g1, h1);
    t1 = half(c1, d1, e1, f1, v128.load32_splat(k, 8), v128.load(W, 32));
    b1 = i32x4.add(b1, t1);
    f1 = i32x4.add(i32x4.add(t1, v128.xor(h1, v128.and(x1, y1))), sum0(g1));
    x2 = v128.xor(g2, h2);
    t2 = half(c2, d2, e2, f2, v128.load32_splat(k, 8), v128.load(W + 256, 32));
    b2 = i32x4.add(b2, t2);
    f2 = i32x4.add(i32x4.add(t2, v128.xor(h2, v128.and(x2, y2))), sum0(g2));
    y1 = v128.xor(f1, g1);
    t1 = half(b1, c1, d1, e1, v128.load32_splat(k, 12), v128.load(W, 48));
    a1 = i32x4.add(a1, t1);
    e1 = i32x4.add(i32x4.add(t1, v128.xor(g1, v128.and(x1, y1))), sum0(f1));
    y2 = v128.xor(f2, g2);
    t2 = half(b2, c2, d2, e2, v128.load32_splat(k, 12), v128.load(W + 256, 48));
    a2 = i32x4.add(a2, t2);
    e2 = i32x4.add(i32x4.add(t2, v128.xor(g2, v128.and(x2, y2))), sum0(f2));
    x1 = v128.xor(e1, f1);
    t1 = half(a1, b1, c1, d1, v128.load32_splat(k, 16), v128.load(W, 64));
    h1 = i32x4.add(h1, t1);
    d1 = i32x4.add(i32x4.add(t1, v128.xor(f1, v128.and(x1, y1))), sum0(e1));
    x2 = v128.xor(e2, f2);
    t2 = half(a2, b2, c2, d2, v128.load32_splat(k, 16), v128.load(W + 256, 64));
    h2 = i32x4.add(h2, t2);
    d2 = i32x4.add(i32x4.add(t2, v128.xor(f2, v128.and(x2, y2))), sum0(e2));
    y1 = v128.xor(d1, e1);
    t1 = half(h1, a1, b1, c1, v128.load32_splat(k, 20), v128.load(W, 80));
    g1 = i32x4.add(g1, t1);
    c1 = i32x4.add(i32x4.add(t1, v128.xor(e1, v128.and(x1, y1))), sum0(d1));
    y2 = v128.xor(d2, e2);
    t2 = half(h2, a2, b2, c2, v128.load32_splat(k, 20), v128.load(W + 256, 80));
    g2 = i32x4.add(g2, t2);
    c2 = i32x4.add(i32x4.add(t2, v128.xor(e2, v128.and(x2, y2))), sum0(d2));
    x1 = v128.xor(c1, d1);
    t1 = half(g1, h1, a1, b1, v128.load32_splat(k, 24), v128.load(W, 96));
    f1 = i32x4.add(f1, t1);
    b1 = i32x4.add(i32x4.add(t1, v128.xor(d1, v128.and(x1, y1))), sum0(c1));
    x2 = v128.xor(c2, d2);
    t2 = half(g2, h2, a2, b2, v128.load32_splat(k, 24), v128.load(W + 256, 96));
    f2 = i32x4.add(f2, t2);
    b2 = i32x4.add(i32x4.add(t2, v128.xor(d2, v128.and(x2, y2))), sum0(c2));
    y1 = v128.xor(b1, c1);
    t1 = half(f1, g1, h1, a1, v128.load32_splat(k, 28), v128.load(W, 112));
    e1 = i32x4.add(e1, t1);
    a1 = i32x4.add(i32x4.add(t1, v128.xor(c1, v128.and(x1, y1))), sum0(b1));
    y2 = v128.xor(b2, c2);
    t2 = half(f2, g2, h2, a2, v128.load32_splat(k, 28), v128.load(W + 256, 112));
    e2 = i32x4.add(e2, t2);
    a2 = i32x4.add(i32x4.add(t2, v128.xor(c2, v128.and(x2, y2))), sum0(b2));
    x1 = v128.xor(a1, b1);
    t1 = half(e1, f1, g1, h1, v128.load32_splat(k, 32), v128.load(W, 128));
    d1 = i32x4.add(d1, t1);
    h1 = i32x4.add(i32x4.add(t1, v128.xor(b1, v128.and(x1, y1))), sum0(a1));
    x2 = v128.xor(a2, b2);
    t2 = half(e2, f2, g2, h2, v128.load32_splat(k, 32), v128.load(W + 256, 128));
    d2 = i32x4.add(d2, t2);
    h2 = i32x4.add(i32x4.add(t2, v128.xor(b2, v128.and(x2, y2))), sum0(a2));
    y1 = v128.xor(h1, a1);
    t1 = half(d1, e1, f1, g1, v128.load32_splat(k, 36), v128.load(W, 144));
    c1 = i32x4.add(c1, t1);
    g1 = i32x4.add(i32x4.add(t1, v128.xor(a1, v128.and(x1, y1))), sum0(h1));
    y2 = v128.xor(h2, a2);
    t2 = half(d2, e2, f2, g2, v128.load32_splat(k, 36), v128.load(W + 256, 144));
    c2 = i32x4.add(c2, t2);
    g2 = i32x4.add(i32x4.add(t2, v128.xor(a2, v128.and(x2, y2))), sum0(h2));
    x1 = v128.xor(g1, h1);
    t1 = half(c1, d1, e1, f1, v128.load32_splat(k, 40), v128.load(W, 160));
    b1 = i32x4.add(b1, t1);
    f1 = i32x4.add(i32x4.add(t1, v128.xor(h1, v128.and(x1, y1))), sum0(g1));
    x2 = v128.xor(g2, h2);
    t2 = half(c2, d2, e2, f2, v128.load32_splat(k, 40), v128.load(W + 256, 160));
    b2 = i32x4.add(b2, t2);
    f2 = i32x4.add(i32x4.add(t2, v128.xor(h2, v128.and(x2, y2))), sum0(g2));
    y1 = v128.xor(f1, g1);
    t1 = half(b1, c1, d1, e1, v128.load32_splat(k, 44), v128.load(W, 176));
    a1 = i32x4.add(a1, t1);
    e1 = i32x4.add(i32x4.add(t1, v128.xor(g1, v128.and(x1, y1))), sum0(f1));
    y2 = v128.xor(f2, g2);
    t2 = half(b2, c2, d2, e2, v128.load32_splat(k, 44), v128.load(W + 256, 176));
    a2 = i32x4.add(a2, t2);
    e2 = i32x4.add(i32x4.add(t2, v128.xor(g2, v128.and(x2, y2))), sum0(f2));
    x1 = v128.xor(e1, f1);
    t1 = half(a1, b1, c1, d1, v128.load32_splat(k, 48), v128.load(W, 192));
    h1 = i32x4.add(h1, t1);
    d1 = i32x4.add(i32x4.add(t1, v128.xor(f1, v128.and(x1, y1))), sum0(e1));
    x2 = v128.xor(e2, f2);
    t2 = half(a2, b2, c2, d2, v128.load32_splat(k, 48), v128.load(W + 256, 192));
    h2 = i32x4.add(h2, t2);
    d2 = i32x4.add(i32x4.add(t2, v128.xor(f2, v128.and(x2, y2))), sum0(e2));
    y1 = v128.xor(d1, e1);
    t1 = half(h1, a1, b1, c1, v128.load32_splat(k, 52), v128.load(W, 208));
    g1 = i32x4.add(g1, t1);
    c1 = i32x4.add(i32x4.add(t1, v128.xor(e1, v128.and(x1, y1))), sum0(d1));
    y2 = v128.xor(d2, e2);
    t2 = half(h2, a2, b2, c2, v128.load32_splat(k, 52), v128.load(W + 256, 208));
    g2 = i32x4.add(g2, t2);
    c2 = i32x4.add(i32x4.add(t2, v128.xor(e2, v128.and(x2, y2))), sum0(d2));
    x1 = v128.xor(c1, d1);
    t1 = half(g1, h1, a1, b1, v128.load32_splat(k, 56), v128.load(W, 224));
    f1 = i32x4.add(f1, t1);
    b1 = i32x4.add(i32x4.add(t1, v128.xor(d1, v128.and(x1, y1))), sum0(c1));
    x2 = v128.xor(c2, d2);
    t2 = half(g2, h2, a2, b2, v128.load32_splat(k, 56), v128.load(W + 256, 224));
    f2 = i32x4.add(f2, t2);
    b2 = i32x4.add(i32x4.add(t2, v128.xor(d2, v128.and(x2, y2))), sum0(c2));
    y1 = v128.xor(b1, c1);
    t1 = half(f1, g1, h1, a1, v128.load32_splat(k, 60), v128.load(W, 240));
    e1 = i32x4.add(e1, t1);
    a1 = i32x4.add(i32x4.add(t1, v128.xor(c1, v128.and(x1, y1))), sum0(b1));
    y2 = v128.xor(b2, c2);
    t2 = half(f2, g2, h2, a2, v128.load32_splat(k, 60), v128.load(W + 256, 240));
    e2 = i32x4.add(e2, t2);
    a2 = i32x4.add(i32x4.add(t2, v128.xor(c2, v128.and(x2, y2))), sum0(b2));
    for (k = K + 64; k < K + 256; k += 64) {
      x1 = v128.xor(a1, b1);
      t1 = half(e1, f1, g1, h1, v128.load32_splat(k, 0), extend(W, 0));
      d1 = i32x4.add(d1, t1);
      h1 = i32x4.add(i32x4.add(t1, v128.xor(b1, v128.and(x1, y1))), sum0(a1));
      x2 = v128.xor(a2, b2);
      t2 = half(e2, f2, g2, h2, v128.load32_splat(k, 0), extend(W + 256, 0));
      d2 = i32x4.add(d2, t2);
      h2 = i32x4.add(i32x4.add(t2, v128.xor(b2, v128.and(x2, y2))), sum0(a2));
      y1 = v128.xor(h1, a1);
      t1 = half(d1, e1, f1, g1, v128.load32_splat(k, 4), extend(W, 1));
      c1 = i32x4.add(c1, t1);
      g1 = i32x4.add(i32x4.add(t1, v128.xor(a1, v128.and(x1, y1))), sum0(h1));
      y2 = v128.xor(h2, a2);
      t2 = half(d2, e2, f2, g2, v128.load32_splat(k, 4), extend(W + 256, 1));
      c2 = i32x4.add(c2, t2);
      g2 = i32x4.add(i32x4.add(t2, v128.xor(a2, v128.and(x2, y2))), sum0(h2));
      x1 = v128.xor(g1, h1);
      t1 = half(c1, d1, e1, f1, v128.load32_splat(k, 8), extend(W, 2));
      b1 = i32x4.add(b1, t1);
      f1 = i32x4.add(i32x4.add(t1, v128.xor(h1, v128.and(x1, y1))), sum0(g1));
      x2 = v128.xor(g2, h2);
      t2 = half(c2, d2, e2, f2, v128.load32_splat(k, 8), extend(W + 256, 2));
      b2 = i32x4.add(b2, t2);
      f2 = i32x4.add(i32x4.add(t2, v128.xor(h2, v128.and(x2, y2))), sum0(g2));
      y1 = v128.xor(f1, g1);
      t1 = half(b1, c1, d1, e1, v128.load32_splat(k, 12), extend(W, 3));
      a1 = i32x4.add(a1, t1);
      e1 = i32x4.add(i32x4.add(t1, v128.xor(g1, v128.and(x1, y1))), sum0(f1));
      y2 = v128.xor(f2, g2);
      t2 = half(b2, c2, d2, e2, v128.load32_splat(k, 12), extend(W + 256, 3));
      a2 = i32x4.add(a2, t2);
      e2 = i32x4.add(i32x4.add(t2, v128.xor(g2, v128.and(x2, y2))), sum0(f2));
      x1 = v128.xor(e1, f1);
      t1 = half(a1, b1, c1, d1, v128.load32_splat(k, 16), extend(W, 4));
      h1 = i32x4.add(h1, t1);
      d1 = i32x4.add(i32x4.add(t1, v128.xor(f1, v128.and(x1, y1))), sum0(e1));
      x2 = v128.xor(e2, f2);
      t2 = half(a2, b2, c2, d2, v128.load32_splat(k, 16), extend(W + 256, 4));
      h2 = i32x4.add(h2, t2);
      d2 = i32x4.add(i32x4.add(t2, v128.xor(f2, v128.and(x2, y2))), sum0(e2));
      y1 = v128.xor(d1, e1);
      t1 = half(h1, a1, b1, c1, v128.load32_splat(k, 20), extend(W, 5));
      g1 = i32x4.add(g1, t1);
      c1 = i32x4.add(i32x4.add(t1, v128.xor(e1, v128.and(x1, y1))), sum0(d1));
      y2 = v128.xor(d2, e2);
      t2 = half(h2, a2, b2, c2, v128.load32_splat(k, 20), extend(W + 256, 5));
      g2 = i32x4.add(g2, t2);
      c2 = i32x4.add(i32x4.add(t2, v128.xor(e2, v128.and(x2, y2))), sum0(d2));
      x1 = v128.xor(c1, d1);
      t1 = half(g1, h1, a1, b1, v128.load32_splat(k, 24), extend(W, 6));
      f1 = i32x4.add(f1, t1);
      b1 = i32x4.add(i32x4.add(t1, v128.xor(d1, v128.and(x1, y1))), sum0(c1));
      x2 = v128.xor(c2, d2);
      t2 = half(g2, h2, a2, b2, v128.load32_splat(k, 24), extend(W + 256, 6));
      f2 = i32x4.add(f2, t2);
      b2 = i32x4.add(i32x4.add(t2, v128.xor(d2, v128.and(x2, y2))), sum0(c2));
      y1 = v128.xor(b1, c1);
      t1 = half(f1, g1, h1, a1, v128.load32_splat(k, 28), extend(W, 7));
      e1 = i32x4.add(e1, t1);
      a1 = i32x4.add(i32x4.add(t1, v128.xor(c1, v128.and(x1, y1))), sum0(b1));
      y2 = v128.xor(b2, c2);
      t2 = half(f2, g2, h2, a2, v128.load32_splat(k, 28), extend(W + 256, 7));
      e2 = i32x4.add(e2, t2);
      a2 = i32x4.add(i32x4.add(t2, v128.xor(c2, v128.and(x2, y2))), sum0(b2));
      x1 = v128.xor(a1, b1);
      t1 = half(e1, f1, g1, h1, v128.load32_splat(k, 32), extend(W, 8));
      d1 = i32x4.add(d1, t1);
      h1 = i32x4.add(i32x4.add(t1, v128.xor(b1, v128.and(x1, y1))), sum0(a1));
      x2 = v128.xor(a2, b2);
      t2 = half(e2, f2, g2, h2, v128.load32_splat(k, 32), extend(W + 256, 8));
      d2 = i32x4.add(d2, t2);
      h2 = i32x4.add(i32x4.add(t2, v128.xor(b2, v128.and(x2, y2))), sum0(a2));
      y1 = v128.xor(h1, a1);
      t1 = half(d1, e1, f1, g1, v128.load32_splat(k, 36), extend(W, 9));
      c1 = i32x4.add(c1, t1);
      g1 = i32x4.add(i32x4.add(t1, v128.xor(a1, v128.and(x1, y1))), sum0(h1));
      y2 = v128.xor(h2, a2);
      t2 = half(d2, e2, f2, g2, v128.load32_splat(k, 36), extend(W + 256, 9));
      c2 = i32x4.add(c2, t2);
      g2 = i32x4.add(i32x4.add(t2, v128.xor(a2, v128.and(x2, y2))), sum0(h2));
      x1 = v128.xor(g1, h1);
      t1 = half(c1, d1, e1, f1, v128.load32_splat(k, 40), extend(W, 10));
      b1 = i32x4.add(b1, t1);
      f1 = i32x4.add(i32x4.add(t1, v128.xor(h1, v128.and(x1, y1))), sum0(g1));
      x2 = v128.xor(g2, h2);
      t2 = half(c2, d2, e2, f2, v128.load32_splat(k, 40), extend(W + 256, 10));
      b2 = i32x4.add(b2, t2);
      f2 = i32x4.add(i32x4.add(t2, v128.xor(h2, v128.and(x2, y2))), sum0(g2));
      y1 = v128.xor(f1, g1);
      t1 = half(b1, c1, d1, e1, v128.load32_splat(k, 44), extend(W, 11));
      a1 = i32x4.add(a1, t1);
      e1 = i32x4.add(i32x4.add(t1, v128.xor(g1, v128.and(x1, y1))), sum0(f1));
      y2 = v128.xor(f2, g2);
      t2 = half(b2, c2, d2, e2, v128.load32_splat(k, 44), extend(W + 256, 11));
      a2 = i32x4.add(a2, t2);
      e2 = i32x4.add(i32x4.add(t2, v128.xor(g2, v128.and(x2, y2))), sum0(f2));
      x1 = v128.xor(e1, f1);
      t1 = half(a1, b1, c1, d1, v128.load32_splat(k, 48), extend(W, 12));
      h1 = i32x4.add(h1, t1);
      d1 = i32x4.add(i32x4.add(t1, v128.xor(f1, v128.and(x1, y1))), sum0(e1));
      x2 = v128.xor(e2, f2);
      t2 = half(a2, b2, c2, d2, v128.load32_splat(k, 48), extend(W + 256, 12));
      h2 = i32x4.add(h2, t2);
      d2 = i32x4.add(i32x4.add(t2, v128.xor(f2, v128.and(x2, y2))), sum0(e2));
      y1 = v128.xor(d1, e1);
      t1 = half(h1, a1, b1, c1, v128.load32_splat(k, 52), extend(W, 13));
      g1 = i32x4.add(g1, t1);
      c1 = i32x4.add(i32x4.add(t1, v128.xor(e1, v128.and(x1, y1))), sum0(d1));
      y2 = v128.xor(d2, e2);
      t2 = half(h2, a2, b2, c2, v128.load32_splat(k, 52), extend(W + 256, 13));
      g2 = i32x4.add(g2, t2);
      c2 = i32x4.add(i32x4.add(t2, v128.xor(e2, v128.and(x2, y2))), sum0(d2));
      x1 = v128.xor(c1, d1);
      t1 = half(g1, h1, a1, b1, v128.load32_splat(k, 56), extend(W, 14));
      f1 = i32x4.add(f1, t1);
      b1 = i32x4.add(i32x4.add(t1, v128.xor(d1, v128.and(x1, y1))), sum0(c1));
      x2 = v128.xor(c2, d2);
      t2 = half(g2, h2, a2, b2, v128.load32_splat(k, 56), extend(W + 256, 14));
      f2 = i32x4.add(f2, t2);
      b2 = i32x4.add(i32x4.add(t2, v128.xor(d2, v128.and(x2, y2))), sum0(c2));
      y1 = v128.xor(b1, c1);
      t1 = half(f1, g1, h1, a1, v128.load32_splat(k, 60), extend(W, 15));
      e1 = i32x4.add(e1, t1);
      a1 = i32x4.add(i32x4.add(t1, v128.xor(c1, v128.and(x1, y1))), sum0(b1));
      y2 = v128.xor(b2, c2);
      t2 = half(f2, g2, h2, a2, v128.load32_splat(k, 60), extend(W + 256, 15));
      e2 = i32x4.add(e2, t2);
      a2 = i32x4.add(i32x4.add(t2, v128.xor(c2, v128.and(x2, y2))), sum0(b2));
    }

    v128.store(state, i32x4.add(a1, v128.load(state)));
    v128.store(state, i32x4.add(b1, v128.load(state, 16)), 16);
    v128.store(state, i32x4.add(c1, v128.load(state, 32)), 32);
    v128.store(state, i32x4.add(d1, v128.load(state, 48)), 48);
    v128.store(state, i32x4.add(e1, v128.load(state, 64)), 64);
    v128.store(state, i32x4.add(f1, v128.load(state, 80)), 80);
    v128.store(state, i32x4.add(g1, v128.load(state, 96)), 96);
    v128.store(state, i32x4.add(h1, v128.load(state, 112)), 112);
    v128.store(state, i32x4.add(a2, v128.load(state, 128)), 128);
    v128.store(state, i32x4.add(b2, v128.load(state, 144)), 144);
    v128.store(state, i32x4.add(c2, v128.load(state, 160)), 160);
    v128.store(state, i32x4.add(d2, v128.load(state, 176)), 176);
    v128.store(state, i32x4.add(e2, v128.load(state, 192)), 192);
    v128.store(state, i32x4.add(f2, v128.load(state, 208)), 208);
    v128.store(state, i32x4.add(g2, v128.load(state, 224)), 224);
    v128.store(state, i32x4.add(h2, v128.load(state, 240)), 240);
  }

  /** Writes the eight digests of `state`, 32 bytes each, one behind the other. */
  static digests(state: usize, to: usize): void {
    for (let part: usize = 0; part < 4; part++) {
      const from = state + (part << 6);
      const r0 = turn(v128.load(from));
      const r1 = turn(v128.load(from, 16));
      const r2 = turn(v128.load(from, 32));
      const r3 = turn(v128.load(from, 48));
      const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      // Parts 0 and 1 are the halves of group 0, parts 2 and 3 those of group 1.
      const into = to + ((part & 1) << 4) + ((part >> 1) << 7);
      v128.store(into, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(into, v128.shuffle<i64>(a, b, 1, 3), 32);
      v128.store(into, v128.shuffle<i64>(c, d, 0, 2), 64);
      v128.store(into, v128.shuffle<i64>(c, d, 1, 3), 96);
    }
  }
}
