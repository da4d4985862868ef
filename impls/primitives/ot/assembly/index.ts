/** Sums over rows of 128 bits, in the memory that is imported. No branch and no address depends on a bit. */

/**
 * Row i += the block at `mask` where bit first + i·stride of `bits` is set (packed, least significant first), for
 * `count` rows.
 */
export function addWhere(rows: usize, bits: usize, first: u32, stride: u32, mask: usize, count: u32): void {
  const block = v128.load(mask);
  for (let at = first; count != 0; count--, at += stride, rows += 16) {
    const bit = (<u32>load<u8>(bits + (at >> 3)) >> (at & 7)) & 1;
    const chosen = v128.and(block, i32x4.splat(-<i32>bit));
    v128.store(rows, v128.xor(v128.load(rows), chosen));
  }
}

/** Row i += row i of `others`, as far as the block at `mask` has ones, for `count` rows. */
export function addMasked(rows: usize, others: usize, mask: usize, count: u32): void {
  const block = v128.load(mask);
  for (; count != 0; count--, rows += 16, others += 16) {
    v128.store(rows, v128.xor(v128.load(rows), v128.and(v128.load(others), block)));
  }
}
