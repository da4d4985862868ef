/**
 * The plain join of sorted digests: two fingers that walk along both lists once. Which one moves depends
 * on the digests, so whoever watches memory accesses learns how the two sets interleave.
 */
import type { Unsorted } from '../oblivious/oblivious.ts';
import { bitmapLength } from './bitmap.ts';

/** 32-bit words of a digest. */
const WORDS = 4;

/**
 * Which of the receiver's digests the sender has; arguments and result as those of `obliviousJoin`.
 * Both lists are checked to their ends, whatever the other holds.
 */
export function mergeJoin(receiver: Uint8Array, sender: Uint8Array): Uint8Array | Unsorted {
  const a = wordsOf(receiver);
  const b = wordsOf(sender);
  if (!isAscending(b)) return 'sender';
  if (!isAscending(a)) return 'receiver';
  const bitmap = new Uint8Array(bitmapLength(a.length / WORDS));
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const order = compare(a, i, b, j);
    if (order === 0) {
      const bit = i / WORDS;
      bitmap[bit >> 3]! |= 1 << (bit & 7);
    }
    if (order <= 0) i += WORDS;
    if (order >= 0) j += WORDS;
  }
  return bitmap;
}

function isAscending(words: Int32Array): boolean {
  for (let i = WORDS; i < words.length; i += WORDS) {
    if (compare(words, i - WORDS, words, i) >= 0) return false;
  }
  return true;
}

/** As two little-endian signed 64-bit integers: their upper words signed, their lower ones unsigned. */
function compare(a: Int32Array, i: number, b: Int32Array, j: number): number {
  if (a[i + 1]! !== b[j + 1]!) return a[i + 1]! < b[j + 1]! ? -1 : 1;
  if (a[i]! !== b[j]!) return a[i]! >>> 0 < b[j]! >>> 0 ? -1 : 1;
  if (a[i + 3]! !== b[j + 3]!) return a[i + 3]! < b[j + 3]! ? -1 : 1;
  if (a[i + 2]! !== b[j + 2]!) return a[i + 2]! >>> 0 < b[j + 2]! >>> 0 ? -1 : 1;
  return 0;
}

function wordsOf(digests: Uint8Array): Int32Array {
  const aligned = digests.byteOffset % 4 === 0 ? digests : new Uint8Array(digests);
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
