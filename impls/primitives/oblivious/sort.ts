/**
 * Puts digests in order, before they go to an oblivious join. Done by their owner: its memory accesses
 * depend on the digests, which the owner knows anyway.
 */
import { DIGEST_BYTES } from './oblivious.ts';

/** Digests in ascending order, and where each came from: `sorted[k]` was number `order[k]`. */
export interface SortedDigests {
  readonly sorted: Uint8Array;
  readonly order: Uint32Array;
}

/**
 * Sorts `n` digests of 16 bytes, ascending in the order of {@link compareDigests}. They should be evenly
 * spread, as digests are: it distributes them by their leading bits and sorts the few of each bucket.
 */
export function sortDigests(digests: Uint8Array): SortedDigests {
  const count = digests.length / DIGEST_BYTES;
  // Copied, so that they are aligned (a Buffer's own `slice` would not copy); as four 32-bit words each, little-endian as the kernel reads them.
  const words = new Uint32Array(new Uint8Array(digests).buffer);
  const bits = Math.min(24, Math.max(1, 32 - Math.clz32(count >>> 2)));
  const shift = 32 - bits;
  // Bit 63 of the first integer is a sign: flipped, the leading word sorts as unsigned.
  const bucketOf = (i: number) => (words[4 * i + 1]! ^ 0x80000000) >>> shift;

  const ends = new Uint32Array(2 ** bits);
  for (let i = 0; i < count; i++) ends[bucketOf(i)]!++;
  for (let b = 1; b < ends.length; b++) ends[b]! += ends[b - 1]!;
  const order = new Uint32Array(count);
  for (let i = count - 1; i >= 0; i--) order[--ends[bucketOf(i)]!] = i;

  // `ends` now holds the beginnings.
  for (let b = 0; b < ends.length; b++) {
    const start = ends[b]!;
    const end = b + 1 < ends.length ? ends[b + 1]! : count;
    for (let k = start + 1; k < end; k++) {
      const moving = order[k]!;
      let at = k;
      while (at > start && isBelow(words, moving, order[at - 1]!)) {
        order[at] = order[at - 1]!;
        at--;
      }
      order[at] = moving;
    }
  }
  const sorted = new Uint32Array(words.length);
  for (let k = 0; k < count; k++) {
    const from = 4 * order[k]!;
    sorted[4 * k] = words[from]!;
    sorted[4 * k + 1] = words[from + 1]!;
    sorted[4 * k + 2] = words[from + 2]!;
    sorted[4 * k + 3] = words[from + 3]!;
  }
  return { sorted: new Uint8Array(sorted.buffer), order };
}

/** The order of digests: as two little-endian signed 64-bit integers, the first one first. */
export function compareDigests(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [view(a), view(b)];
  for (const at of [0, 8]) {
    const [p, q] = [x.getBigInt64(at, true), y.getBigInt64(at, true)];
    if (p !== q) return p < q ? -1 : 1;
  }
  return 0;
}

function isBelow(words: Uint32Array, i: number, j: number): boolean {
  const [a, b] = [4 * i, 4 * j];
  for (const [offset, sign] of LEADING_FIRST) {
    const [p, q] = [(words[a + offset]! ^ sign) >>> 0, (words[b + offset]! ^ sign) >>> 0];
    if (p !== q) return p < q;
  }
  return false;
}

/** The 32-bit words of a digest, most significant first, and what turns signed into unsigned order. */
const LEADING_FIRST = [
  [1, 0x80000000],
  [0, 0],
  [3, 0x80000000],
  [2, 0],
] as const;

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
