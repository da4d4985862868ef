/** Dictionaries: the items that an attacker can think of, numbered, made in batches at the pace of the hash. */

import {
  GIVEN_NAMES,
  RARE_GIVEN_NAMES,
  SURNAME_ENDINGS,
  SURNAME_ROOTS,
  SURNAMES,
} from '../../datasets/patients/patient-tables.ts';
import { escapeField, SEPARATOR } from '../../datasets/values/linkage-key.ts';
import { normalise } from '../../datasets/values/normalise.ts';
import { packItems } from '../../impls/primitives/items.ts';
import type { ItemSet } from '../contract.ts';

/** A space of items. Guess `i` (0 to `size` − 1) is a function of `i` alone. */
export interface Dictionary {
  readonly id: string;
  readonly title: string;
  readonly size: number;
  /** Guesses `from` to `from + count`, at most {@link BATCH}; valid until the next call. */
  batch(from: number, count: number): ItemSet;
  /** The number of the guess that is `item`; −1 when the dictionary lacks it. */
  indexOf(item: string): number;
}

/** Most guesses made at once. */
export const BATCH = 2 ** 14;

const FIRST_IDENTIFIER = 100_000_000;
const IDENTIFIERS = 900_000_000;
/**
 * Guesses step through the space by this much, modulo its size: a number coprime to it, so that all of
 * them come once and every prefix of the sequence is an even sample. Times 9·10^8 it is below 2^53.
 */
const STEP = 7_368_787;

/** Every 9-digit number that does not begin with 0, in an order that samples them evenly. */
export function identifierDictionary(): Dictionary {
  const digits = 9;
  const data = new Uint8Array(BATCH * digits);
  const offsets = Uint32Array.from({ length: BATCH + 1 }, (_, i) => i * digits);
  const inverse = modularInverse(STEP, IDENTIFIERS);
  return {
    id: 'identifiers',
    title: 'all 9-digit identifiers',
    size: IDENTIFIERS,
    batch(from, count) {
      let value = (from * STEP) % IDENTIFIERS;
      for (let i = 0; i < count; i++) {
        let rest = FIRST_IDENTIFIER + value;
        for (let at = i * digits + digits - 1; at >= i * digits; at--) {
          const tenth = (rest / 10) | 0;
          data[at] = 48 + rest - 10 * tenth;
          rest = tenth;
        }
        value += STEP;
        if (value >= IDENTIFIERS) value -= IDENTIFIERS;
      }
      return { count, data, offsets: offsets.subarray(0, count + 1) };
    },
    indexOf(item) {
      if (!/^[1-9]\d{8}$/.test(item)) return -1;
      return Number((BigInt(Number(item) - FIRST_IDENTIFIER) * inverse) % BigInt(IDENTIFIERS));
    },
  };
}

function modularInverse(value: number, modulus: number): bigint {
  let [a, b, x, y] = [BigInt(value), BigInt(modulus), 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return ((x % BigInt(modulus)) + BigInt(modulus)) % BigInt(modulus);
}

const FIRST_YEAR = 1900;
const LAST_YEAR = 2024;

/**
 * Names with every birth date from 1900 to 2024, the commonest pairs of names first: public name lists in
 * falling frequency, pairs by the product of their ranks.
 */
export function nameDictionary(): Dictionary {
  names ??= makeNameDictionary();
  return names;
}

/** Made once: to put a million pairs in order takes a while. */
let names: Dictionary | undefined;

function makeNameDictionary(): Dictionary {
  const given = distinctKeys([...byRank(GIVEN_NAMES.flat()), ...RARE_GIVEN_NAMES]);
  const surnames = distinctKeys([
    ...SURNAMES,
    ...SURNAME_ROOTS.flatMap((root) => SURNAME_ENDINGS.map((ending) => root + ending)),
  ]);
  const dates = allDates();
  const dateBytes = new TextEncoder().encode(dates.join(''));
  const pairs = orderByRanks(given.length, surnames.length);
  const longest = 10 + 2 + Math.max(...given.map(bytesOf)) + Math.max(...surnames.map(bytesOf));
  const data = new Uint8Array(BATCH * longest);
  const offsets = new Uint32Array(BATCH + 1);
  const prefixOf = (pair: number) => {
    const at = pairs[pair]!;
    const name = `${given[Math.floor(at / surnames.length)]}${SEPARATOR}${surnames[at % surnames.length]}`;
    return new TextEncoder().encode(name + SEPARATOR);
  };
  /** Writes one guess per date, from position `end` and item `item` on; returns the position after them. */
  const writeDated = (prefix: Uint8Array, days: Uint8Array, end: number, item: number) => {
    const length = prefix.length + 10;
    const count = days.length / 10;
    const start = end;
    data.set(prefix, start);
    for (let i = 0; i < count; i++, end += length) {
      // A copy of the guess before, with another date.
      if (i > 0) for (let k = end; k < end + prefix.length; k++) data[k] = data[k - length]!;
      const at = end + prefix.length;
      for (let k = 0; k < 10; k++) data[at + k] = days[10 * i + k]!;
      offsets[item + i + 1] = end + length;
    }
    return end;
  };
  let rankOf: Uint32Array | undefined;
  return {
    id: 'names',
    title: 'common names × birth dates',
    size: pairs.length * dates.length,
    batch(from, count) {
      let end = 0;
      for (let i = 0; i < count; ) {
        const pair = Math.floor((from + i) / dates.length);
        const first = (from + i) % dates.length;
        const dated = Math.min(count - i, dates.length - first);
        end = writeDated(prefixOf(pair), dateBytes.subarray(10 * first, 10 * (first + dated)), end, i);
        i += dated;
      }
      return { count, data, offsets: offsets.subarray(0, count + 1) };
    },
    indexOf(item) {
      const [first, last, date, ...rest] = item.split(SEPARATOR);
      const [row, column] = [given.indexOf(first ?? ''), surnames.indexOf(last ?? '')];
      const day = dates.indexOf(date ?? '');
      if (Math.min(row, column, day) < 0 || rest.length > 0) return -1;
      rankOf ??= invert(pairs);
      return rankOf[row * surnames.length + column]! * dates.length + day;
    },
  };
}

/** The inverse of a permutation. */
function invert(order: Uint32Array): Uint32Array {
  const inverse = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) inverse[order[i]!] = i;
  return inverse;
}

/** Takes turns between lists: first the commonest of each, then the second of each. */
function byRank(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, rank) => lists.flatMap((list) => list[rank] ?? [])).flat();
}

function distinctKeys(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => escapeField(normalise(name))))];
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

/** Pairs (row · columns + column) by the product of their ranks, ties in order of the rows. */
function orderByRanks(rows: number, columns: number): Uint32Array {
  const weight = (pair: number) => (Math.floor(pair / columns) + 1) * ((pair % columns) + 1);
  const weights = Float64Array.from({ length: rows * columns }, (_, pair) => weight(pair) * 2 ** 24 + pair);
  return Uint32Array.from(weights.sort(), (value) => value % 2 ** 24);
}

function allDates(): string[] {
  const dates: string[] = [];
  const day = 86_400_000;
  const end = Date.UTC(LAST_YEAR, 11, 31);
  for (let at = Date.UTC(FIRST_YEAR, 0, 1); at <= end; at += day) {
    dates.push(new Date(at).toISOString().slice(0, 10));
  }
  return dates;
}

/** A leaked register: a list of items that the attacker holds. */
export function listDictionary(items: readonly string[]): Dictionary {
  const positions = new Map(items.map((item, i) => [item, i]));
  const packed = packItems(items);
  return {
    id: 'register',
    title: 'a leaked register that lists them all',
    size: items.length,
    batch(from, count) {
      const start = packed.offsets[from]!;
      const offsets = packed.offsets.subarray(from, from + count + 1).map((end) => end - start);
      return { count, data: packed.data.subarray(start), offsets };
    },
    indexOf: (item) => positions.get(item) ?? -1,
  };
}
