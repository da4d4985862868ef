/**
 * Cuts blocks of 16 bytes to their first `width` bytes, 1 to 16, one behind the other. `to` may be `from`. Writes up
 * to 15 bytes beyond the end, as `to` is filled from its beginning.
 */
export function cut(from: usize, to: usize, width: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++, from += 16, to += width) v128.store(to, v128.load(from));
}
