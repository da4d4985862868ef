/**
 * What KKRT does with rows between the generator, AES, the transposition and BLAKE3: all of it in the caller's memory,
 * nothing kept between calls. Rows have 448 bits in the first 56 of 64 bytes.
 *
 * A place is 3·item + the number of the hash function; an empty bin has all ones. A pair is (place, bin), two words.
 * Code words come as four planes of AES(z), `stride` bytes apart, to which z is added here; the number ι of
 * the hash function is folded in as a constant byte, in all bytes.
 */

const EMPTY: u32 = 0xffffffff;
const HASHES: u32 = 3;

/** What ι adds to a code word: of 0x00, 0x55, 0x33 in all bytes any two differ in 224 of 448 bits. */
// @ts-ignore: decorator
@inline
function constantOf(iota: u32): v128 {
  return i8x16.splat(<i8>(iota == 0 ? 0 : iota == 1 ? 0x55 : 0x33));
}

/** The last 8 bytes of a row are none of its bits. */
// @ts-ignore: decorator
@inline
function half(x: v128): v128 {
  return v128.and(x, i64x2(-1, 0));
}

// ---- receiver ----------------------------------------------------------------------------------

/** z of the items in `n` bins: their 16 bytes, zeros for an empty bin. */
export function gatherBins(table: usize, n: u32, items: usize, z: usize): void {
  for (let i: u32 = 0; i < n; i++, z += 16) {
    const place = load<u32>(table + (<usize>i << 2));
    v128.store(z, place == EMPTY ? i64x2.splat(0) : v128.load(items + (<usize>(place / HASHES) << 4)));
  }
}

/** Rows of code words for `n` bins; zeros for an empty one. */
export function codeRows(table: usize, n: u32, z: usize, codes: usize, stride: usize, rows: usize): void {
  for (let i: u32 = 0; i < n; i++, z += 16, codes += 16, rows += 64) {
    const place = load<u32>(table + (<usize>i << 2));
    if (place == EMPTY) {
      memory.fill(rows, 0, 64);
      continue;
    }
    const c = v128.xor(v128.load(z), constantOf(place % HASHES));
    v128.store(rows, v128.xor(v128.load(codes), c));
    v128.store(rows, v128.xor(v128.load(codes + stride), c), 16);
    v128.store(rows, v128.xor(v128.load(codes + 2 * stride), c), 32);
    v128.store(rows, half(v128.xor(v128.load(codes + 3 * stride), c)), 48);
  }
}

/** Rows to 56 bytes each. */
export function pack(rows: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++, rows += 64, out += 56) {
    v128.store(out, v128.load(rows));
    v128.store(out, v128.load(rows, 16), 16);
    v128.store(out, v128.load(rows, 32), 32);
    store<u64>(out, load<u64>(rows, 48), 48);
  }
}

/** Hash input for each of the `n` bins from bin `first` on that is not empty: row, bin, run. Returns how many. */
export function ownBlocks(table: usize, n: u32, rows: usize, first: u32, run: u32, out: usize): u32 {
  const start = out;
  for (let i: u32 = 0; i < n; i++, rows += 64) {
    if (load<u32>(table + (<usize>i << 2)) == EMPTY) continue;
    v128.store(out, v128.load(rows));
    v128.store(out, v128.load(rows, 16), 16);
    v128.store(out, v128.load(rows, 32), 32);
    store<u64>(out, load<u64>(rows, 48), 48);
    store<u32>(out, first + i, 56);
    store<u32>(out, run, 60);
    out += 64;
  }
  return <u32>((out - start) >> 6);
}

/**
 * Files the hashes of the non-empty ones of `n` bins: the first `width` bytes (5 to 16) to `tags`, the item to `items`, at
 * the number that the cursor of the bin's hash function has, which goes up.
 */
export function keepTags(
  table: usize, n: u32, hashes: usize, width: usize, cursors: usize, tags: usize, items: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    const place = load<u32>(table + (<usize>i << 2));
    if (place == EMPTY) continue;
    const cursor = cursors + (<usize>(place % HASHES) << 2);
    const number = load<u32>(cursor);
    store<u32>(cursor, number + 1);
    store<u32>(items + (<usize>number << 2), place / HASHES);
    copyTag(hashes, tags + <usize>number * width, width);
    hashes += 16;
  }
}

/** Two stores that overlap write any width from 4 to 16 without a loop. */
// @ts-ignore: decorator
@inline
function copyTag(from: usize, to: usize, width: usize): void {
  if (width >= 8) {
    const last = load<u64>(from + width - 8);
    store<u64>(to, load<u64>(from));
    store<u64>(to + width - 8, last);
  } else {
    const last = load<u32>(from + width - 4);
    store<u32>(to, load<u32>(from));
    store<u32>(to + width - 4, last);
  }
}

/** How many of `bins` bins each hash function has filled: three words. */
export function countPlaces(table: usize, bins: u32, counts: usize): void {
  for (let i: u32 = 0; i < bins; i++) {
    const place = load<u32>(table + (<usize>i << 2));
    if (place == EMPTY) continue;
    const count = counts + (<usize>(place % HASHES) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Sets, for each of `n` tags, the bit of `filter` that its first word names; the filter has `mask` + 1 bits. */
export function markTags(tags: usize, n: u32, width: usize, filter: usize, mask: u32): void {
  for (let i: u32 = 0; i < n; i++, tags += width) {
    const bit = load<u32>(tags) & mask;
    const at = filter + (bit >> 3);
    store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (bit & 7))));
  }
}

/** Moves those of `n` tags whose bit is set to the front, in place. Returns how many. */
export function filterTags(tags: usize, n: u32, width: usize, filter: usize, mask: u32): u32 {
  let to = tags;
  let kept: u32 = 0;
  for (let i: u32 = 0; i < n; i++, tags += width) {
    const bit = load<u32>(tags) & mask;
    // Always copied, and overwritten by the next one unless it is kept: a branch could not be predicted.
    copyTag(tags, to, width);
    const found = (<u32>load<u8>(filter + (bit >> 3)) >> (bit & 7)) & 1;
    to += found ? width : 0;
    kept += found;
  }
  return kept;
}

// ---- sender ------------------------------------------------------------------------------------

/** How many of the candidates of `count` items fall to each bucket: block of 2^shift bins, then hash function. */
export function countPairs(candidates: usize, count: u32, shift: u32, counts: usize): void {
  for (let i: u32 = 0; i < count; i++, candidates += 12) {
    for (let iota: u32 = 0; iota < HASHES; iota++) {
      const bin = load<u32>(candidates + (<usize>iota << 2));
      const at = counts + (<usize>((bin >> shift) * HASHES + iota) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}

/** Files the pairs (item, bin) of all candidates by bucket, items ascending: at the number that the bucket's cursor has. */
export function placePairs(candidates: usize, count: u32, shift: u32, cursors: usize, pairs: usize): void {
  for (let i: u32 = 0; i < count; i++, candidates += 12) {
    for (let iota: u32 = 0; iota < HASHES; iota++) {
      const bin = load<u32>(candidates + (<usize>iota << 2));
      const cursor = cursors + (<usize>((bin >> shift) * HASHES + iota) << 2);
      const number = load<u32>(cursor);
      store<u32>(cursor, number + 1);
      store<u64>(pairs + (<usize>number << 3), <u64>i | (<u64>bin << 32));
    }
  }
}

/** q = g + (u ∧ s): rows `g` of 64 bytes, `packed` u of 56; reads 8 bytes beyond. The last 8 bytes of s are zeros. */
export function addMasked(rows: usize, packed: usize, n: u32, secret: usize): void {
  const s0 = v128.load(secret);
  const s1 = v128.load(secret, 16);
  const s2 = v128.load(secret, 32);
  const s3 = v128.load(secret, 48);
  for (let i: u32 = 0; i < n; i++, rows += 64, packed += 56) {
    v128.store(rows, v128.xor(v128.load(rows), v128.and(v128.load(packed), s0)));
    v128.store(rows, v128.xor(v128.load(rows, 16), v128.and(v128.load(packed, 16), s1)), 16);
    v128.store(rows, v128.xor(v128.load(rows, 32), v128.and(v128.load(packed, 32), s2)), 32);
    v128.store(rows, v128.xor(v128.load(rows, 48), v128.and(v128.load(packed, 48), s3)), 48);
  }
}

/** z of the items of `n` pairs. */
export function gatherPairs(pairs: usize, n: u32, items: usize, z: usize): void {
  for (let i: u32 = 0; i < n; i++, pairs += 8, z += 16) {
    v128.store(z, v128.load(items + (<usize>load<u32>(pairs) << 4)));
  }
}

/** Hash input for each of `n` pairs of hash function `iota`: q of the bin + (C(z, iota) ∧ s), bin, run. */
export function pairBlocks(
  pairs: usize, n: u32, z: usize, codes: usize, stride: usize, rows: usize, first: u32, secret: usize, iota: u32,
  run: u32, out: usize,
): void {
  const s0 = v128.load(secret);
  const s1 = v128.load(secret, 16);
  const s2 = v128.load(secret, 32);
  const s3 = v128.load(secret, 48);
  const constant = constantOf(iota);
  for (let i: u32 = 0; i < n; i++, pairs += 8, z += 16, codes += 16, out += 64) {
    const bin = load<u32>(pairs, 4);
    const row = rows + (<usize>(bin - first) << 6);
    const c = v128.xor(v128.load(z), constant);
    v128.store(out, v128.xor(v128.load(row), v128.and(v128.xor(v128.load(codes), c), s0)));
    v128.store(out, v128.xor(v128.load(row, 16), v128.and(v128.xor(v128.load(codes + stride), c), s1)), 16);
    v128.store(out, v128.xor(v128.load(row, 32), v128.and(v128.xor(v128.load(codes + 2 * stride), c), s2)), 32);
    const last = v128.xor(v128.load(row, 48), v128.and(v128.xor(v128.load(codes + 3 * stride), c), s3));
    v128.store(out, i64x2.replace_lane(last, 1, <u64>bin | (<u64>run << 32)), 48);
  }
}

/** Puts the first `width` bytes of the hashes of `n` pairs to their items' places, `order`[item], of a list. */
export function placeTags(pairs: usize, n: u32, hashes: usize, order: usize, width: usize, list: usize): void {
  for (let i: u32 = 0; i < n; i++, pairs += 8, hashes += 16) {
    const place = load<u32>(order + (<usize>load<u32>(pairs) << 2));
    copyTag(hashes, list + <usize>place * width, width);
  }
}
