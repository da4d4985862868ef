/** The small steps of silent vector OLE between trees, transfers and code: blocks of 16 bytes in the memory that is imported. */

/**
 * What the hash of transfers encrypts: sigma(row + offset) with the number of the transfer added, for `count` rows
 * numbered from `first`. sigma(high, low) = (high + low, high).
 */
export function hashInput(rows: usize, offset: usize, to: usize, count: u32, first: u32): void {
  const add = v128.load(offset);
  for (let i: u32 = 0; i < count; i++, rows += 16, to += 16) {
    const row = v128.xor(v128.load(rows), add);
    const swapped = v128.shuffle<i64>(row, row, 1, 0);
    // (low, high) becomes (high, high + low): lanes count from the low end.
    const sigma = v128.xor(swapped, v128.and(row, i64x2(0, -1)));
    v128.store(to, v128.xor(sigma, i64x2.replace_lane(i64x2(0, 0), 0, <i64>(first + i))));
  }
}

/** Adds their numbers to `count` blocks numbered from `first`. */
export function addNumbers(at: usize, count: u32, first: u32): void {
  for (let i: u32 = 0; i < count; i++, at += 16) store<u64>(at, load<u64>(at) ^ <u64>(first + i));
}

/** to[2i] = sums[2i] + zero[i], to[2i + 1] = sums[2i + 1] + one[i]. */
export function cover(sums: usize, zero: usize, one: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++, sums += 32, to += 32, zero += 16, one += 16) {
    v128.store(to, v128.xor(v128.load(sums), v128.load(zero)));
    v128.store(to, v128.xor(v128.load(sums, 16), v128.load(one)), 16);
  }
}

/** to[i] = covered[2i + the bit of `choices`] + hashes[i], without a branch or an address that depends on the bit. */
export function uncover(covered: usize, hashes: usize, choices: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++, covered += 32, hashes += 16, to += 16) {
    const bit = (<u32>load<u8>(choices + (i >> 3)) >> (i & 7)) & 1;
    const chosen = v128.bitselect(v128.load(covered, 16), v128.load(covered), i32x4.splat(-<i32>bit));
    v128.store(to, v128.xor(chosen, v128.load(hashes)));
  }
}

/** to[i] = add[i] + pairs[2i] + pairs[2i + 1]; `to` may be `add`. */
export function addPairs(pairs: usize, add: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++, pairs += 32, add += 16, to += 16) {
    v128.store(to, v128.xor(v128.load(add), v128.xor(v128.load(pairs), v128.load(pairs, 16))));
  }
}

/** Writes values[i] to place `places[i]` of block i, of `size` elements. */
export function plant(values: usize, places: usize, to: usize, size: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++, values += 16, places += 4, to += <usize>size << 4) {
    v128.store(to + (<usize>load<u32>(places) << 4), v128.load(values));
  }
}
