/**
 * GF(2^128) = GF(2)[X] / (X^128 + X^7 + X^2 + X + 1): an element is 16 bytes, little-endian, bit i being the
 * coefficient of X^i. Everything lies in the memory that is imported.
 */

/** x·X. */
// @ts-ignore: decorator
@inline
function timesX(x: v128): v128 {
  // Bit 63 goes up into the high half; bit 127 comes back as X^7 + X^2 + X + 1. i32x4 shifts are native everywhere.
  const signs = v128.shr<i32>(x, 31);
  const carries = v128.and(v128.shuffle<i32>(signs, signs, 3, 3, 1, 1), i64x2(0x87, 1));
  return v128.xor(v128.shl<i64>(x, 1), carries);
}

/**
 * Tables of the factor at `factor` for {@link multiplyAdd}, 64 KiB at `tables`: entry b of table k is
 * b(X)·X^(8k)·factor.
 */
export function prepare(factor: usize, tables: usize): void {
  let power = v128.load(factor);
  for (let k: u32 = 0; k < 16; k++, tables += 4096) {
    v128.store(tables, i64x2(0, 0));
    for (let bit: u32 = 1; bit < 256; bit <<= 1) {
      for (let below: u32 = 0; below < bit; below++) {
        v128.store(
          tables + (<usize>(bit | below) << 4),
          v128.xor(v128.load(tables + (<usize>below << 4)), power),
        );
      }
      power = timesX(power);
    }
  }
}

// @ts-ignore: decorator
@inline
function entry(table: usize, word: u64, shift: u64): v128 {
  return v128.load(table + ((<usize>(word >> shift) & 255) << 4));
}

/** to[i] = add[i] + x[i]·factor for `count` elements; `to` may be `x` or `add`. */
export function multiplyAdd(tables: usize, x: usize, add: usize, to: usize, count: u32): void {
  for (const end = x + (<usize>count << 4); x != end; x += 16, add += 16, to += 16) {
    const low = load<u64>(x);
    const high = load<u64>(x, 8);
    let a = v128.xor(v128.load(add), v128.load(tables + (<usize>(low & 255) << 4)));
    let b = entry(tables + 0x1000, low, 8);
    a = v128.xor(a, entry(tables + 0x2000, low, 16));
    b = v128.xor(b, entry(tables + 0x3000, low, 24));
    a = v128.xor(a, entry(tables + 0x4000, low, 32));
    b = v128.xor(b, entry(tables + 0x5000, low, 40));
    a = v128.xor(a, entry(tables + 0x6000, low, 48));
    b = v128.xor(b, entry(tables + 0x7000, low, 56));
    a = v128.xor(a, entry(tables + 0x8000, high, 0));
    b = v128.xor(b, entry(tables + 0x9000, high, 8));
    a = v128.xor(a, entry(tables + 0xa000, high, 16));
    b = v128.xor(b, entry(tables + 0xb000, high, 24));
    a = v128.xor(a, entry(tables + 0xc000, high, 32));
    b = v128.xor(b, entry(tables + 0xd000, high, 40));
    a = v128.xor(a, entry(tables + 0xe000, high, 48));
    b = v128.xor(b, entry(tables + 0xf000, high, 56));
    v128.store(to, v128.xor(a, b));
  }
}

/** to[i] = sum over b < 128 of X^b·rows[128·i + b], for `count` i (Horner's rule). */
export function pack(rows: usize, to: usize, count: u32): void {
  for (const end = to + (<usize>count << 4); to != end; to += 16, rows += 2048) {
    let sum = v128.load(rows, 2032);
    for (let at = rows + 2016; at >= rows; at -= 16) sum = v128.xor(timesX(sum), v128.load(at));
    v128.store(to, sum);
  }
}
