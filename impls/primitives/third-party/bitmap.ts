/** Bit sets over item indices: bit `i` is bit `i % 8` of byte `i >> 3`. */

/** Bytes that `count` bits take. */
export function bitmapLength(count: number): number {
  return Math.ceil(count / 8);
}

/** The set bits below `count`, ascending. */
export function setBits(bitmap: Uint8Array, count: number): Uint32Array {
  const found = new Uint32Array(count);
  let used = 0;
  for (let at = 0; at < bitmap.length; at++) {
    for (let byte = bitmap[at]!; byte !== 0; byte &= byte - 1) {
      const bit = at * 8 + (31 - Math.clz32(byte & -byte));
      if (bit < count) found[used++] = bit;
    }
  }
  return found.slice(0, used);
}

/** The bitmap of `count` bits in which those at `indices` are set. */
export function bitmapOf(indices: Uint32Array, count: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapLength(count));
  for (const index of indices) bitmap[index >> 3]! |= 1 << (index & 7);
  return bitmap;
}
