/** What a programmable function of keys does to arrays of 16-byte blocks. All memory is the caller's. */

/** Block i with its bin added (XOR) to the last four bytes: a key of the bin. */
// @ts-ignore: decorator
@inline
function key(block: usize, bin: u32): v128 {
  return v128.xor(v128.load(block), i32x4.replace_lane(i32x4.splat(0), 3, bin));
}

/** The keys of `n` items in each of their three bins, item by item; bins are words at `bins`. */
export function itemKeys(items: usize, bins: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++, items += 16, bins += 12, out += 48) {
    v128.store(out, key(items, load<u32>(bins)));
    v128.store(out, key(items, load<u32>(bins, 4)), 16);
    v128.store(out, key(items, load<u32>(bins, 8)), 32);
  }
}

/** The key of each bin of a cuckoo table (words: 3·item + hash); where `table` has `empty`, `out` stays as it is. */
export function tableKeys(items: usize, table: usize, bins: u32, empty: u32, out: usize): void {
  for (let bin: u32 = 0; bin < bins; bin++, table += 4, out += 16) {
    const entry = load<u32>(table);
    if (entry != empty) v128.store(out, key(items + (<usize>(entry / 3) << 4), bin));
  }
}

/** Block `numbers[i]` of `from`, for each of `n` words. */
export function pick(from: usize, numbers: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++, numbers += 4, out += 16) {
    v128.store(out, v128.load(from + (<usize>load<u32>(numbers) << 4)));
  }
}

/** The first `width` bytes (1 to 16) of each of `n` blocks, one behind the other. Up to 16 bytes more are written. */
export function cut(from: usize, n: u32, width: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++, from += 16, out += width) v128.store(out, v128.load(from));
}

/** Blocks from what `cut` has made, filled up with zeros. Up to 16 bytes more are read. */
export function spread(from: usize, n: u32, width: u32, out: usize): void {
  const bits = <u64>width << 3;
  const low: u64 = bits >= 64 ? u64.MAX_VALUE : (<u64>1 << bits) - 1;
  const high: u64 = bits >= 128 ? u64.MAX_VALUE : bits <= 64 ? 0 : (<u64>1 << (bits - 64)) - 1;
  const mask = i64x2.replace_lane(i64x2.splat(low), 1, high);
  for (let i: u32 = 0; i < n; i++, from += width, out += 16) {
    v128.store(out, v128.and(v128.load(from), mask));
  }
}

/**
 * The lowest `width` bits (up to 64) of `n` blocks, a byte each, XORed with `flip` (0 or 1): bit b of block i goes to
 * b·n + i.
 */
export function bits(blocks: usize, n: u32, width: u32, flip: u32, out: usize): void {
  // Bit by bit, so that what is written is in sequence: bytes n apart would share a few sets of the cache.
  for (let b: u32 = 0; b < width; b++) {
    const shift = <u64>b;
    for (let i: u32 = 0, at = blocks; i < n; i++, at += 16) {
      store<u8>(out++, (<u8>(load<u64>(at) >> shift) & 1) ^ <u8>flip);
    }
  }
}
