/**
 * Seeded pseudo-randomness with random access: the n-th value without the ones before it, in integer
 * arithmetic alone, so that every platform makes the same data. Not cryptography: it need only look
 * random, and the seed is public.
 */
import { createHash } from 'node:crypto';

/** `count` 32-bit words for one purpose, from SHA-256 of the seed; other purposes get unrelated words. */
export function seedWords(seed: string | number, purpose: string, count: number): Uint32Array {
  const words = new Uint32Array(count);
  for (let block = 0; block * 8 < count; block++) {
    const digest = createHash('sha256')
      .update(JSON.stringify(['psi-bench data set 1', String(seed), purpose, block]))
      .digest();
    for (let i = 0; i < 8 && block * 8 + i < count; i++) words[block * 8 + i] = digest.readUInt32LE(4 * i);
  }
  return words;
}

/** The finaliser of MurmurHash3: a bijection of 32-bit words that flips each bit with probability near 1/2. */
export function mix32(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Maps a 32-bit word to 0 … bound − 1 by its high bits; exact for bounds up to 2^21. */
export function scale(word: number, bound: number): number {
  return Math.floor((word * bound) / 2 ** 32);
}

const ROUNDS = 8;

/**
 * A seeded permutation of 0 … size − 1 in constant memory: a Feistel network whose halves count to
 * about √size (the generalised Feistel cipher of Black and Rogaway, "Ciphers with Arbitrary Finite
 * Domains", CT-RSA 2002), walked until it falls into the range.
 */
export class Permutation {
  readonly size: number;
  readonly #low: number;
  readonly #high: number;
  readonly #keys: Uint32Array;

  /** @param size 1 to 2^31 − 1 to be of use; with 0 there is nothing to ask for. */
  constructor(size: number, seed: string | number, purpose: string) {
    this.size = size;
    this.#low = Math.max(1, Math.ceil(Math.sqrt(size)));
    this.#high = Math.max(1, Math.ceil(size / this.#low));
    this.#keys = seedWords(seed, `permutation of ${purpose}`, ROUNDS);
  }

  /** Where `index` (0 … size − 1) goes. */
  at(index: number): number {
    const lows = this.#low;
    const highs = this.#high;
    const keys = this.#keys;
    let x = index;
    do {
      let high = Math.floor(x / lows);
      let low = x - high * lows;
      for (let round = 0; round < ROUNDS; round += 2) {
        low += scale(mix32(high ^ keys[round]!), lows);
        if (low >= lows) low -= lows;
        high += scale(mix32(low ^ keys[round + 1]!), highs);
        if (high >= highs) high -= highs;
      }
      x = high * lows + low;
    } while (x >= this.size);
    return x;
  }
}
