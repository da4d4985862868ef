/** Words of 64 bits, of which only the low `width` bits are used, to a stream of bits and back. */

const DYNAMIC: usize = 0x10000;
/** Words, little-endian. */
export let words: usize = DYNAMIC;
/** The stream, least significant bit first. */
export let stream: usize = DYNAMIC;

/** Makes room for `count` words and their stream of at most as many bytes. @returns whether there is enough. */
export function layout(count: i32): bool {
  stream = words + (<usize>count << 3);
  // Reading the last word may touch eight bytes beyond the stream.
  const end = stream + (<usize>count << 3) + 8;
  const more = <i32>((end + 0xffff) >> 16) - memory.size();
  return more <= 0 || memory.grow(more) >= 0;
}

/** `count`·`width` must be a multiple of 64, and `width` at most 63. Higher bits of words must be 0. */
export function pack(first: i32, count: i32, width: u32, at: i32): void {
  let from = words + (<usize>first << 3);
  let to = stream + <usize>at;
  let rest: u64 = 0;
  let filled: u32 = 0;
  for (let i: i32 = 0; i < count; i++, from += 8) {
    const word = load<u64>(from);
    rest |= word << filled;
    filled += width;
    if (filled >= 64) {
      store<u64>(to, rest);
      to += 8;
      filled -= 64;
      rest = filled == 0 ? 0 : word >> (width - filled);
    }
  }
}

export function unpack(at: i32, count: i32, width: u32, first: i32): void {
  const mask: u64 = (<u64>1 << width) - 1;
  const from = stream + <usize>at;
  let to = words + (<usize>first << 3);
  let bit: u64 = 0;
  for (let i: i32 = 0; i < count; i++, to += 8) {
    const address = from + (<usize>(bit >> 6) << 3);
    const shift: u64 = bit & 63;
    let word = load<u64>(address) >> shift;
    if (shift + width > 64) word |= load<u64>(address, 8) << (64 - shift);
    store<u64>(to, word & mask);
    bit += width;
  }
}
