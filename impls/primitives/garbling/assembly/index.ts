/**
 * Half gates (Zahur, Rosulek, Evans, Eurocrypt 2015) on vectors of gates, without the AES between preparing
 * and finishing. Labels are 16 bytes; the lowest bit of the first byte is the permute bit, and that of the
 * offset gamma is 1. The hash of x for tweak j is AES_k(z) + z with z = sigma(x) + j, sigma(hi, lo) =
 * (hi + lo, hi) (Guo, Katz, Wang, Yu, S&P 2020); + is XOR. Gate g has the tweaks 2g and 2g + 1.
 *
 * `at` arguments are addresses; blocks go to the AES in the order in which `prepare` wrote them. All memory is
 * the caller's.
 */

// @ts-ignore: decorator
@inline
function sigma(x: v128): v128 {
  return v128.xor(v128.shuffle<u64>(x, x, 1, 0), v128.and(x, i64x2(0, -1)));
}

// @ts-ignore: decorator
@inline
function tweak(j: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(0), 0, j);
}

/** All ones when the label's permute bit is set, else zeros. */
// @ts-ignore: decorator
@inline
function permuted(label: v128): v128 {
  return i64x2.splat(-(i64x2.extract_lane(label, 0) & 1));
}

// @ts-ignore: decorator
@inline
function hashed(blocks: usize, encrypted: usize, offset: usize): v128 {
  return v128.xor(v128.load(blocks + offset), v128.load(encrypted + offset));
}

/** What is hashed of both labels of both inputs of `n` gates from number `first` on: four blocks each. */
export function garblePrepare(a: usize, b: usize, n: u32, first: f64, gammaAt: usize, blocks: usize): void {
  let gate = <u64>first;
  const gamma = sigma(v128.load(gammaAt));
  for (let i: u32 = 0; i < n; i++, a += 16, b += 16, blocks += 64, gate++) {
    const x = v128.xor(sigma(v128.load(a)), tweak(gate << 1));
    const y = v128.xor(sigma(v128.load(b)), tweak((gate << 1) | 1));
    v128.store(blocks, x);
    v128.store(blocks, v128.xor(x, gamma), 16);
    v128.store(blocks, y, 32);
    v128.store(blocks, v128.xor(y, gamma), 48);
  }
}

/** From blocks and their encryptions the tables (32 bytes a gate) and the zero labels of the outputs. */
export function garbleFinish(
  a: usize,
  b: usize,
  n: u32,
  gammaAt: usize,
  blocks: usize,
  encrypted: usize,
  tables: usize,
  out: usize,
): void {
  const gamma = v128.load(gammaAt);
  for (let i: u32 = 0; i < n; i++, a += 16, b += 16, blocks += 64, encrypted += 64, tables += 32, out += 16) {
    const a0 = v128.load(a);
    const b0 = v128.load(b);
    const pb = permuted(b0);
    const ha = hashed(blocks, encrypted, 0);
    const hb = hashed(blocks, encrypted, 32);
    const tg = v128.xor(v128.xor(ha, hashed(blocks, encrypted, 16)), v128.and(pb, gamma));
    const te = v128.xor(v128.xor(hb, hashed(blocks, encrypted, 48)), a0);
    const wg = v128.xor(ha, v128.and(permuted(a0), tg));
    const we = v128.xor(hb, v128.and(pb, v128.xor(te, a0)));
    v128.store(tables, tg);
    v128.store(tables, te, 16);
    v128.store(out, v128.xor(wg, we));
  }
}

/** What is hashed of the active labels of both inputs of `n` gates: two blocks each. */
export function evaluatePrepare(a: usize, b: usize, n: u32, first: f64, blocks: usize): void {
  let gate = <u64>first;
  for (let i: u32 = 0; i < n; i++, a += 16, b += 16, blocks += 32, gate++) {
    v128.store(blocks, v128.xor(sigma(v128.load(a)), tweak(gate << 1)));
    v128.store(blocks, v128.xor(sigma(v128.load(b)), tweak((gate << 1) | 1)), 16);
  }
}

/** The active labels of the outputs. */
export function evaluateFinish(
  a: usize,
  b: usize,
  n: u32,
  blocks: usize,
  encrypted: usize,
  tables: usize,
  out: usize,
): void {
  for (let i: u32 = 0; i < n; i++, a += 16, b += 16, blocks += 32, encrypted += 32, tables += 32, out += 16) {
    const x = v128.load(a);
    const wg = v128.xor(hashed(blocks, encrypted, 0), v128.and(permuted(x), v128.load(tables)));
    const te = v128.xor(v128.load(tables, 16), x);
    const we = v128.xor(hashed(blocks, encrypted, 16), v128.and(permuted(v128.load(b)), te));
    v128.store(out, v128.xor(wg, we));
  }
}

/** Tweaked blocks of both labels of `n` wires, two each: for gates whose other input the garbler knows, and outputs. */
export function garbleHalfPrepare(a: usize, n: u32, first: f64, gammaAt: usize, blocks: usize): void {
  let gate = <u64>first;
  const gamma = sigma(v128.load(gammaAt));
  for (let i: u32 = 0; i < n; i++, a += 16, blocks += 32, gate++) {
    const x = v128.xor(sigma(v128.load(a)), tweak(gate << 1));
    v128.store(blocks, x);
    v128.store(blocks, v128.xor(x, gamma), 16);
  }
}

/**
 * Gates whose second input is the garbler's secret bit: byte (first + i) mod period of `bits` for gate i.
 * Tables of 16 bytes and the zero labels of the outputs.
 */
export function garbleHalfFinish(
  a: usize,
  bits: usize,
  first: u32,
  period: u32,
  n: u32,
  gammaAt: usize,
  blocks: usize,
  encrypted: usize,
  tables: usize,
  out: usize,
): void {
  const gamma = v128.load(gammaAt);
  let at = first % period;
  for (let i: u32 = 0; i < n; i++, a += 16, blocks += 32, encrypted += 32, tables += 16, out += 16) {
    const known = i64x2.splat(-(<i64>load<u8>(bits + at)));
    if (++at == period) at = 0;
    const h = hashed(blocks, encrypted, 0);
    const tg = v128.xor(v128.xor(h, hashed(blocks, encrypted, 16)), v128.and(known, gamma));
    v128.store(tables, tg);
    v128.store(out, v128.xor(h, v128.and(permuted(v128.load(a)), tg)));
  }
}

/** Tweaked blocks of the active labels of `n` wires. */
export function evaluateHalfPrepare(a: usize, n: u32, first: f64, blocks: usize): void {
  let gate = <u64>first;
  for (let i: u32 = 0; i < n; i++, a += 16, blocks += 16, gate++) {
    v128.store(blocks, v128.xor(sigma(v128.load(a)), tweak(gate << 1)));
  }
}

/** The active labels of the outputs of gates whose second input only the garbler knows. */
export function evaluateHalfFinish(
  a: usize,
  n: u32,
  blocks: usize,
  encrypted: usize,
  tables: usize,
  out: usize,
): void {
  for (let i: u32 = 0; i < n; i++, a += 16, blocks += 16, encrypted += 16, tables += 16, out += 16) {
    const masked = v128.and(permuted(v128.load(a)), v128.load(tables));
    v128.store(out, v128.xor(hashed(blocks, encrypted, 0), masked));
  }
}

/** Decoding of `n` outputs: 8 bytes of the hash of the zero label, then of the one label. */
export function decoding(n: u32, blocks: usize, encrypted: usize, out: usize): void {
  for (let i: u32 = 0; i < n; i++, blocks += 32, encrypted += 32, out += 16) {
    store<u64>(out, load<u64>(blocks) ^ load<u64>(encrypted));
    store<u64>(out, load<u64>(blocks, 16) ^ load<u64>(encrypted, 16), 8);
  }
}

/** The bits of `n` outputs, one byte each: 0, 1, or 2 for a label that is neither. */
export function decode(n: u32, blocks: usize, encrypted: usize, decodings: usize, bits: usize): void {
  for (let i: u32 = 0; i < n; i++, blocks += 16, encrypted += 16, decodings += 16) {
    const hash = load<u64>(blocks) ^ load<u64>(encrypted);
    store<u8>(bits + i, hash == load<u64>(decodings) ? 0 : hash == load<u64>(decodings, 8) ? 1 : 2);
  }
}

/** Active labels of `n` inputs of the garbler's: the zero label, plus gamma where the bit (a byte each) is set. */
export function choose(zero: usize, bits: usize, n: u32, gammaAt: usize, out: usize): void {
  const gamma = v128.load(gammaAt);
  for (let i: u32 = 0; i < n; i++, zero += 16, out += 16) {
    const chosen = i64x2.splat(-(<i64>load<u8>(bits + i)));
    v128.store(out, v128.xor(v128.load(zero), v128.and(chosen, gamma)));
  }
}

/** XOR of `n` labels each. */
export function xor(a: usize, b: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++, a += 16, b += 16, out += 16) {
    v128.store(out, v128.xor(v128.load(a), v128.load(b)));
  }
}

/** Adds the one label at `constant` to `n` labels. */
export function add(a: usize, constant: usize, n: u32, out: usize): void {
  const c = v128.load(constant);
  for (let i: u32 = 0; i < n; i++, a += 16, out += 16) v128.store(out, v128.xor(v128.load(a), c));
}

/** Copies `rows` times `count` labels; strides in labels, between labels and between rows. */
export function copy(
  from: usize,
  fromStep: u32,
  fromRow: u32,
  to: usize,
  toStep: u32,
  toRow: u32,
  rows: u32,
  count: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    let source = from + ((<usize>row * fromRow) << 4);
    let target = to + ((<usize>row * toRow) << 4);
    for (let i: u32 = 0; i < count; i++) {
      v128.store(target, v128.load(source));
      source += <usize>fromStep << 4;
      target += <usize>toStep << 4;
    }
  }
}
