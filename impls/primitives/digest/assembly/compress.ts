/** The compression function of SHA-256 (FIPS 180-4, section 6.2.2) on four blocks at once. */

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
/** The message schedule: a ring of 16 words, four lanes each. */
const W = memory.data(16 * 16, 16);
/** The state of the four messages in work: eight words, four lanes each. */
const STATE = memory.data(8 * 16, 16);

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

/** Word `i` of the ring becomes the schedule's word 16 places on, and is returned. */
// @ts-ignore: decorator
@inline
function extend(i: i32): v128 {
  const near = sigma0(v128.load(W + (((i + 1) & 15) << 4)));
  const far = sigma1(v128.load(W + (((i + 14) & 15) << 4)));
  const w = i32x4.add(v128.load(W + (i << 4)), v128.load(W + (((i + 9) & 15) << 4)));
  const next = i32x4.add(w, i32x4.add(near, far));
  v128.store(W + (i << 4), next);
  return next;
}

/** h + Σ1(e) + Ch(e, f, g) + K + W: the first half of a round. */
// @ts-ignore: decorator
@inline
function half(e: v128, f: v128, g: v128, h: v128, k: v128, w: v128): v128 {
  const choice = v128.xor(v128.and(v128.xor(f, g), e), g);
  return i32x4.add(i32x4.add(h, i32x4.add(w, k)), choice);
}

/** Four words of four blocks, from rows (one block each) to lanes, big-endian words turned. */
// @ts-ignore: decorator
@inline
function gather(p0: usize, p1: usize, p2: usize, p3: usize, word: i32): void {
  const r0 = v128.load(p0 + (word << 2));
  const r1 = v128.load(p1 + (word << 2));
  const r2 = v128.load(p2 + (word << 2));
  const r3 = v128.load(p3 + (word << 2));
  const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  const to = W + (word << 4);
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

export class Compressor {
  /** Eight words in four lanes. */
  static readonly state: usize = STATE;

  /** Sets `state` to H(0) in all lanes. */
  static reset(state: usize): void {
    for (let i: usize = 0; i < 8; i++) v128.store(state + (i << 4), v128.load32_splat(H0 + (i << 2)));
  }

  /** Compresses one block per lane, `p0` … `p3`, into `state`. */
  static block(state: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
    gather(p0, p1, p2, p3, 0);
    gather(p0, p1, p2, p3, 4);
    gather(p0, p1, p2, p3, 8);
    gather(p0, p1, p2, p3, 12);

    let a = v128.load(state);
    let b = v128.load(state, 16);
    let c = v128.load(state, 32);
    let d = v128.load(state, 48);
    let e = v128.load(state, 64);
    let f = v128.load(state, 80);
    let g = v128.load(state, 96);
    let h = v128.load(state, 112);
    // Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and b ^ c is the a ^ b of the round before.
    let y = v128.xor(b, c);
    let x: v128;
    let t: v128;
    let s: v128;

let k: usize = K;
    x = v128.xor(a, b);
    t = half(e, f, g, h, v128.load32_splat(k, 0), v128.load(W, 0));
    s = sum1(e);
    d = i32x4.add(i32x4.add(d, t), s);
    t = i32x4.add(t, s);
    h = i32x4.add(i32x4.add(t, v128.xor(b, v128.and(x, y))), sum0(a));
    y = v128.xor(h, a);
    t = half(d, e, f, g, v128.load32_splat(k, 4), v128.load(W, 16));
    s = sum1(d);
    c = i32x4.add(i32x4.add(c, t), s);
    t = i32x4.add(t, s);
    g = i32x4.add(i32x4.add(t, v128.xor(a, v128.and(x, y))), sum0(h));
    x = v128.xor(g, h);
    t = half(c, d, e, f, v128.load32_splat(k, 8), v128.load(W, 32));
    s = sum1(c);
    b = i32x4.add(i32x4.add(b, t), s);
    t = i32x4.add(t, s);
    f = i32x4.add(i32x4.add(t, v128.xor(h, v128.and(x, y))), sum0(g));
    y = v128.xor(f, g);
    t = half(b, c, d, e, v128.load32_splat(k, 12), v128.load(W, 48));
    s = sum1(b);
    a = i32x4.add(i32x4.add(a, t), s);
    t = i32x4.add(t, s);
    e = i32x4.add(i32x4.add(t, v128.xor(g, v128.and(x, y))), sum0(f));
    x = v128.xor(e, f);
    t = half(a, b, c, d, v128.load32_splat(k, 16), v128.load(W, 64));
    s = sum1(a);
    h = i32x4.add(i32x4.add(h, t), s);
    t = i32x4.add(t, s);
    d = i32x4.add(i32x4.add(t, v128.xor(f, v128.and(x, y))), sum0(e));
    y = v128.xor(d, e);
    t = half(h, a, b, c, v128.load32_splat(k, 20), v128.load(W, 80));
    s = sum1(h);
    g = i32x4.add(i32x4.add(g, t), s);
    t = i32x4.add(t, s);
    c = i32x4.add(i32x4.add(t, v128.xor(e, v128.and(x, y))), sum0(d));
    x = v128.xor(c, d);
    t = half(g, h, a, b, v128.load32_splat(k, 24), v128.load(W, 96));
    s = sum1(g);
    f = i32x4.add(i32x4.add(f, t), s);
    t = i32x4.add(t, s);
    b = i32x4.add(i32x4.add(t, v128.xor(d, v128.and(x, y))), sum0(c));
    y = v128.xor(b, c);
    t = half(f, g, h, a, v128.load32_splat(k, 28), v128.load(W, 112));
    s = sum1(f);
    e = i32x4.add(i32x4.add(e, t), s);
    t = i32x4.add(t, s);
    a = i32x4.add(i32x4.add(t, v128.xor(c, v128.and(x, y))), sum0(b));
    x = v128.xor(a, b);
    t = half(e, f, g, h, v128.load32_splat(k, 32), v128.load(W, 128));
    s = sum1(e);
    d = i32x4.add(i32x4.add(d, t), s);
    t = i32x4.add(t, s);
    h = i32x4.add(i32x4.add(t, v128.xor(b, v128.and(x, y))), sum0(a));
    y = v128.xor(h, a);
    t = half(d, e, f, g, v128.load32_splat(k, 36), v128.load(W, 144));
    s = sum1(d);
    c = i32x4.add(i32x4.add(c, t), s);
    t = i32x4.add(t, s);
    g = i32x4.add(i32x4.add(t, v128.xor(a, v128.and(x, y))), sum0(h));
    x = v128.xor(g, h);
    t = half(c, d, e, f, v128.load32_splat(k, 40), v128.load(W, 160));
    s = sum1(c);
    b = i32x4.add(i32x4.add(b, t), s);
    t = i32x4.add(t, s);
    f = i32x4.add(i32x4.add(t, v128.xor(h, v128.and(x, y))), sum0(g));
    y = v128.xor(f, g);
    t = half(b, c, d, e, v128.load32_splat(k, 44), v128.load(W, 176));
    s = sum1(b);
    a = i32x4.add(i32x4.add(a, t), s);
    t = i32x4.add(t, s);
    e = i32x4.add(i32x4.add(t, v128.xor(g, v128.and(x, y))), sum0(f));
    x = v128.xor(e, f);
    t = half(a, b, c, d, v128.load32_splat(k, 48), v128.load(W, 192));
    s = sum1(a);
    h = i32x4.add(i32x4.add(h, t), s);
    t = i32x4.add(t, s);
    d = i32x4.add(i32x4.add(t, v128.xor(f, v128.and(x, y))), sum0(e));
    y = v128.xor(d, e);
    t = half(h, a, b, c, v128.load32_splat(k, 52), v128.load(W, 208));
    s = sum1(h);
    g = i32x4.add(i32x4.add(g, t), s);
    t = i32x4.add(t, s);
    c = i32x4.add(i32x4.add(t, v128.xor(e, v128.and(x, y))), sum0(d));
    x = v128.xor(c, d);
    t = half(g, h, a, b, v128.load32_splat(k, 56), v128.load(W, 224));
    s = sum1(g);
    f = i32x4.add(i32x4.add(f, t), s);
    t = i32x4.add(t, s);
    b = i32x4.add(i32x4.add(t, v128.xor(d, v128.and(x, y))), sum0(c));
    y = v128.xor(b, c);
    t = half(f, g, h, a, v128.load32_splat(k, 60), v128.load(W, 240));
    s = sum1(f);
    e = i32x4.add(i32x4.add(e, t), s);
    t = i32x4.add(t, s);
    a = i32x4.add(i32x4.add(t, v128.xor(c, v128.and(x, y))), sum0(b));
    for (k = K + 64; k < K + 256; k += 64) {
      x = v128.xor(a, b);
      t = half(e, f, g, h, v128.load32_splat(k, 0), extend(0));
      s = sum1(e);
      d = i32x4.add(i32x4.add(d, t), s);
      t = i32x4.add(t, s);
      h = i32x4.add(i32x4.add(t, v128.xor(b, v128.and(x, y))), sum0(a));
      y = v128.xor(h, a);
      t = half(d, e, f, g, v128.load32_splat(k, 4), extend(1));
      s = sum1(d);
      c = i32x4.add(i32x4.add(c, t), s);
      t = i32x4.add(t, s);
      g = i32x4.add(i32x4.add(t, v128.xor(a, v128.and(x, y))), sum0(h));
      x = v128.xor(g, h);
      t = half(c, d, e, f, v128.load32_splat(k, 8), extend(2));
      s = sum1(c);
      b = i32x4.add(i32x4.add(b, t), s);
      t = i32x4.add(t, s);
      f = i32x4.add(i32x4.add(t, v128.xor(h, v128.and(x, y))), sum0(g));
      y = v128.xor(f, g);
      t = half(b, c, d, e, v128.load32_splat(k, 12), extend(3));
      s = sum1(b);
      a = i32x4.add(i32x4.add(a, t), s);
      t = i32x4.add(t, s);
      e = i32x4.add(i32x4.add(t, v128.xor(g, v128.and(x, y))), sum0(f));
      x = v128.xor(e, f);
      t = half(a, b, c, d, v128.load32_splat(k, 16), extend(4));
      s = sum1(a);
      h = i32x4.add(i32x4.add(h, t), s);
      t = i32x4.add(t, s);
      d = i32x4.add(i32x4.add(t, v128.xor(f, v128.and(x, y))), sum0(e));
      y = v128.xor(d, e);
      t = half(h, a, b, c, v128.load32_splat(k, 20), extend(5));
      s = sum1(h);
      g = i32x4.add(i32x4.add(g, t), s);
      t = i32x4.add(t, s);
      c = i32x4.add(i32x4.add(t, v128.xor(e, v128.and(x, y))), sum0(d));
      x = v128.xor(c, d);
      t = half(g, h, a, b, v128.load32_splat(k, 24), extend(6));
      s = sum1(g);
      f = i32x4.add(i32x4.add(f, t), s);
      t = i32x4.add(t, s);
      b = i32x4.add(i32x4.add(t, v128.xor(d, v128.and(x, y))), sum0(c));
      y = v128.xor(b, c);
      t = half(f, g, h, a, v128.load32_splat(k, 28), extend(7));
      s = sum1(f);
      e = i32x4.add(i32x4.add(e, t), s);
      t = i32x4.add(t, s);
      a = i32x4.add(i32x4.add(t, v128.xor(c, v128.and(x, y))), sum0(b));
      x = v128.xor(a, b);
      t = half(e, f, g, h, v128.load32_splat(k, 32), extend(8));
      s = sum1(e);
      d = i32x4.add(i32x4.add(d, t), s);
      t = i32x4.add(t, s);
      h = i32x4.add(i32x4.add(t, v128.xor(b, v128.and(x, y))), sum0(a));
      y = v128.xor(h, a);
      t = half(d, e, f, g, v128.load32_splat(k, 36), extend(9));
      s = sum1(d);
      c = i32x4.add(i32x4.add(c, t), s);
      t = i32x4.add(t, s);
      g = i32x4.add(i32x4.add(t, v128.xor(a, v128.and(x, y))), sum0(h));
      x = v128.xor(g, h);
      t = half(c, d, e, f, v128.load32_splat(k, 40), extend(10));
      s = sum1(c);
      b = i32x4.add(i32x4.add(b, t), s);
      t = i32x4.add(t, s);
      f = i32x4.add(i32x4.add(t, v128.xor(h, v128.and(x, y))), sum0(g));
      y = v128.xor(f, g);
      t = half(b, c, d, e, v128.load32_splat(k, 44), extend(11));
      s = sum1(b);
      a = i32x4.add(i32x4.add(a, t), s);
      t = i32x4.add(t, s);
      e = i32x4.add(i32x4.add(t, v128.xor(g, v128.and(x, y))), sum0(f));
      x = v128.xor(e, f);
      t = half(a, b, c, d, v128.load32_splat(k, 48), extend(12));
      s = sum1(a);
      h = i32x4.add(i32x4.add(h, t), s);
      t = i32x4.add(t, s);
      d = i32x4.add(i32x4.add(t, v128.xor(f, v128.and(x, y))), sum0(e));
      y = v128.xor(d, e);
      t = half(h, a, b, c, v128.load32_splat(k, 52), extend(13));
      s = sum1(h);
      g = i32x4.add(i32x4.add(g, t), s);
      t = i32x4.add(t, s);
      c = i32x4.add(i32x4.add(t, v128.xor(e, v128.and(x, y))), sum0(d));
      x = v128.xor(c, d);
      t = half(g, h, a, b, v128.load32_splat(k, 56), extend(14));
      s = sum1(g);
      f = i32x4.add(i32x4.add(f, t), s);
      t = i32x4.add(t, s);
      b = i32x4.add(i32x4.add(t, v128.xor(d, v128.and(x, y))), sum0(c));
      y = v128.xor(b, c);
      t = half(f, g, h, a, v128.load32_splat(k, 60), extend(15));
      s = sum1(f);
      e = i32x4.add(i32x4.add(e, t), s);
      t = i32x4.add(t, s);
      a = i32x4.add(i32x4.add(t, v128.xor(c, v128.and(x, y))), sum0(b));
    }

    v128.store(state, i32x4.add(a, v128.load(state)));
    v128.store(state, i32x4.add(b, v128.load(state, 16)), 16);
    v128.store(state, i32x4.add(c, v128.load(state, 32)), 32);
    v128.store(state, i32x4.add(d, v128.load(state, 48)), 48);
    v128.store(state, i32x4.add(e, v128.load(state, 64)), 64);
    v128.store(state, i32x4.add(f, v128.load(state, 80)), 80);
    v128.store(state, i32x4.add(g, v128.load(state, 96)), 96);
    v128.store(state, i32x4.add(h, v128.load(state, 112)), 112);
  }

  /** Writes the four digests of `state`, 32 bytes each, one behind the other. */
  static digests(state: usize, to: usize): void {
    for (let part: usize = 0; part < 2; part++) {
      const from = state + (part << 6);
      const r0 = turn(v128.load(from));
      const r1 = turn(v128.load(from, 16));
      const r2 = turn(v128.load(from, 32));
      const r3 = turn(v128.load(from, 48));
      const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      const into = to + (part << 4);
      v128.store(into, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(into, v128.shuffle<i64>(a, b, 1, 3), 32);
      v128.store(into, v128.shuffle<i64>(c, d, 0, 2), 64);
      v128.store(into, v128.shuffle<i64>(c, d, 1, 3), 96);
    }
  }
}
