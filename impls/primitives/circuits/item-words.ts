/**
 * Items as words of a circuit that sorts and compares them: numbers as short as 40 bits of statistical security
 * allow, and lists filled up to a power of two with words that no item has.
 */

/** How items become words: follows from the set sizes. */
export interface ItemDomain {
  /** Words in either list: a power of two. */
  readonly lanes: number;
  /** Bits of a word. */
  readonly bits: number;
}

/** Statistical security: no two different items of the parties have one word, but with probability 2^-40. */
const SECURITY = 40;

/**
 * Room for n_r + n_s items. Of 2^bits words, 0 stands for none, the next `lanes` ones fill up the receiver's list, the
 * last `lanes` ones the sender's; items have the words between. Words of all pairs of items are to be different,
 * those of one party too (sorting takes them for distinct): pairs / words ≤ 2^-40.
 */
export function itemDomain({ receiver, sender }: { receiver: number; sender: number }): ItemDomain {
  const largest = Math.max(receiver, sender, 1);
  let lanes = 1;
  while (lanes < largest) lanes *= 2;
  const items = receiver + sender;
  const pairs = (items * (items - 1)) / 2;
  let bits = 1;
  while (wordsBetween(lanes, bits) < BigInt(Math.max(1, pairs)) << BigInt(SECURITY)) bits++;
  return { lanes, bits };
}

/** How many words items can have. */
function wordsBetween(lanes: number, bits: number): bigint {
  return (1n << BigInt(bits)) - 2n * BigInt(lanes) - 1n;
}

/** The words of digests of 16 bytes, as good as uniform: digest · words / 2^128, moved past the reserved ones. */
export function itemWords({ lanes, bits }: ItemDomain, digests: Uint8Array): bigint[] {
  const range = wordsBetween(lanes, bits);
  const view = new DataView(digests.buffer, digests.byteOffset, digests.length);
  return Array.from({ length: digests.length / 16 }, (_, i) => {
    const digest = (view.getBigUint64(16 * i + 8, true) << 64n) | view.getBigUint64(16 * i, true);
    return BigInt(lanes) + 1n + ((digest * range) >> 128n);
  });
}

/** The receiver's list, filled up and ascending. */
export function receiverList({ lanes }: ItemDomain, words: readonly bigint[]): bigint[] {
  const fill = Array.from({ length: lanes - words.length }, (_, i) => BigInt(i + 1));
  return [...fill, ...[...words].sort(ascending)];
}

/** The sender's list, filled up and descending. */
export function senderList({ lanes, bits }: ItemDomain, words: readonly bigint[]): bigint[] {
  const top = (1n << BigInt(bits)) - 1n;
  const fill = Array.from({ length: lanes - words.length }, (_, i) => top - BigInt(i));
  return [...fill, ...[...words].sort((a, b) => -ascending(a, b))];
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Bits of words, a byte each, in the order of a {@link Word}: bit b of lane i at b · lanes + i. */
export function bitsOfWords(words: readonly bigint[], bits: number): Uint8Array<ArrayBuffer> {
  const lanes = words.length;
  const out = new Uint8Array(lanes * bits);
  words.forEach((word, lane) => {
    let rest = word;
    for (let first = 0; first < bits; first += 32) {
      const part = Number(rest & 0xffffffffn);
      rest >>= 32n;
      for (let b = first; b < Math.min(bits, first + 32); b++)
        out[b * lanes + lane] = (part >>> (b - first)) & 1;
    }
  });
  return out;
}

/** The opposite of {@link bitsOfWords}. */
export function wordsOfBits(out: Uint8Array, lanes: number): bigint[] {
  const bits = out.length / lanes;
  return Array.from({ length: lanes }, (_, lane) => {
    let word = 0n;
    for (let first = 0; first < bits; first += 32) {
      let part = 0;
      for (let b = first; b < Math.min(bits, first + 32); b++) {
        part += (out[b * lanes + lane] ?? 0) * 2 ** (b - first);
      }
      word |= BigInt(part) << BigInt(first);
    }
    return word;
  });
}
