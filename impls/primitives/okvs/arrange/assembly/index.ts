/**
 * Brings items into the order in which a store's columns lie: by counting sort on a key made of an item's
 * hash. All memory is the caller's.
 */

/** The key of each of `n` 16-byte hashes: its last 32 bits scaled to a number below `range`. */
export function keys(hashes: usize, n: u32, range: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++, hashes += 16, out += 4) {
    store<u32>(out, <u32>((<u64>load<u32>(hashes, 12) * range) >> 32));
  }
}

/** `places[d]` becomes the number of keys whose digit is below `d`: where the first of digit `d` goes. */
export function count(keysAt: usize, n: u32, shift: u32, bits: u32, places: usize): void {
  const mask: u32 = (1 << bits) - 1;
  memory.fill(places, 0, <usize>4 << bits);
  for (let i: u32 = 0; i < n; i++) {
    const at = places + (((load<u32>(keysAt + (i << 2)) >>> shift) & mask) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let sum: u32 = 0;
  for (let d: u32 = 0; d <= mask; d++) {
    const at = places + (d << 2);
    const here = load<u32>(at);
    store<u32>(at, sum);
    sum += here;
  }
}

/**
 * One stable pass: key `i` and its number go where `places` says. `numbers` is 0 when keys are still in their
 * first order. Afterwards `places[d]` is where digit `d` ends.
 */
export function pass(
  keysAt: usize,
  numbers: usize,
  n: u32,
  shift: u32,
  bits: u32,
  places: usize,
  outKeys: usize,
  outNumbers: usize,
): void {
  const mask: u32 = (1 << bits) - 1;
  for (let i: u32 = 0; i < n; i++) {
    const key = load<u32>(keysAt + (i << 2));
    const at = places + (((key >>> shift) & mask) << 2);
    const to = <usize>load<u32>(at) << 2;
    store<u32>(at, (<u32>to >>> 2) + 1);
    store<u32>(outKeys + to, key);
    store<u32>(outNumbers + to, numbers == 0 ? i : load<u32>(numbers + (i << 2)));
  }
}

/** Record `k` of `out` becomes the 16 bytes of record `numbers[k]`. */
export function gather(from: usize, numbers: usize, n: u32, out: usize): void {
  for (let k: u32 = 0; k < n; k++, out += 16) {
    v128.store(out, v128.load(from + (<usize>load<u32>(numbers + (k << 2)) << 4)));
  }
}

/** As `gather`, the other way: record `numbers[k]` of `out` becomes the 16 bytes of record `k`. */
export function scatter(from: usize, numbers: usize, n: u32, out: usize): void {
  for (let k: u32 = 0; k < n; k++, from += 16) {
    v128.store(out + (<usize>load<u32>(numbers + (k << 2)) << 4), v128.load(from));
  }
}
