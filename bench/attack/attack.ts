/**
 * The dictionary attack on a transcript: does an image of a guessed item stand anywhere in what crossed the
 * wire? It is the same for every protocol: guesses are digested as hash comparison would digest them, and
 * looked up at every offset of every message.
 */

import { Digester } from '../../impls/primitives/digest/digest.ts';
import { tagLength } from '../../impls/primitives/digest/tag-length.ts';
import { itemAt } from '../../impls/primitives/items.ts';
import type { Message } from '../conformance/memory-channel.ts';
import { BATCH, type Dictionary } from './dictionary.ts';

/** No salt is longer; what is longer in setup is not tried as one. */
const MAX_SALT = 64;
/** Bits of the filter per window: one guess in 64 passes it by chance. */
const FILTER_BITS = 6;

/** What an attacker has made of a transcript. */
export interface Target {
  /** Bytes of an image. */
  readonly width: number;
  /** What may have been put before an item before it was digested: nothing, or a short message of setup. */
  readonly prefixes: readonly Uint8Array[];
  has(bytes: Uint8Array, at: number): boolean;
  /** How many places there are where an image might stand. */
  readonly windows: number;
}

/**
 * Prepares an attack on everything that was sent.
 * @param salted whether the attacker knows, from the protocol, that the first message is a salt; without,
 *   no salt and every short message of setup are tried
 */
export function makeTarget(
  transcript: readonly Message[],
  sizes: { readonly receiver: number; readonly sender: number },
  salted?: boolean,
): Target {
  const width = tagLength(sizes);
  const short = transcript.filter(
    ({ phase, bytes }) => phase === 'setup' && bytes.length > 0 && bytes.length <= MAX_SALT,
  );
  const none = new Uint8Array(0);
  const candidates = short.map(({ bytes }) => bytes);
  const prefixes = salted === undefined ? [none, ...candidates] : salted ? candidates.slice(0, 1) : [none];
  const windows = transcript.reduce((sum, { bytes }) => sum + Math.max(0, bytes.length - width + 1), 0);
  const bits = Math.min(27, Math.max(10, Math.ceil(Math.log2(windows + 1)) + FILTER_BITS));
  const filter = new Uint32Array(2 ** (bits - 5));
  const exact = new Set<string>();
  const place = (bytes: Uint8Array, at: number) =>
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> (32 - bits);
  const text = (bytes: Uint8Array, at: number) =>
    Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset + at, width).toString('latin1');
  for (const { bytes } of transcript) {
    for (let at = 0; at + width <= bytes.length; at++) {
      const bit = place(bytes, at);
      filter[bit >>> 5]! |= 1 << (bit & 31);
      exact.add(text(bytes, at));
    }
  }
  return {
    width,
    prefixes,
    windows,
    has(bytes, at) {
      const bit = place(bytes, at);
      return (filter[bit >>> 5]! & (1 << (bit & 31))) !== 0 && exact.has(text(bytes, at));
    },
  };
}

export interface AttackOutcome {
  /** Guesses that were tried, each under every prefix. */
  readonly guesses: number;
  /** Items whose image was found, in the order of the dictionary. */
  readonly found: readonly string[];
  readonly ms: number;
  /** The part of `ms` that the digest kernel took. */
  readonly digestMs: number;
}

/** Tries the first `guesses` guesses of `dictionary` against `target`; items in clear are seen as well. */
export function attack(target: Target, dictionary: Dictionary, guesses = dictionary.size): AttackOutcome {
  const { width, prefixes } = target;
  const digests = new Uint8Array(BATCH * width);
  const digesters = prefixes.map((prefix) => new Digester({ width, prefix }));
  const known = prefixes.length === 1;
  const found: string[] = [];
  let digestMs = 0;
  const started = performance.now();
  for (let from = 0; from < guesses; from += BATCH) {
    const count = Math.min(BATCH, guesses - from);
    const items = dictionary.batch(from, count);
    const hits = new Set<number>();
    for (const digester of digesters) {
      const before = performance.now();
      digester.range(items, 0, count, digests);
      digestMs += performance.now() - before;
      for (let i = 0, at = 0; i < count; i++, at += width) if (target.has(digests, at)) hits.add(i);
    }
    // Whoever knows that digests are sent does not look for items in clear.
    for (let i = 0; i < count && !known; i++) {
      const start = items.offsets[i]!;
      if (items.offsets[i + 1]! - start >= width && target.has(items.data, start)) hits.add(i);
    }
    for (const i of [...hits].sort((a, b) => a - b)) found.push(Buffer.from(itemAt(items, i)).toString());
  }
  return { guesses, found, ms: performance.now() - started, digestMs };
}
