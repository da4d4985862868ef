/**
 * Synthetic patients: given name, surname, birth date, postcode, and a 9-digit identifier, with the
 * skew of real registers in all but the identifier. Every field of member n is computed from the seed
 * and n alone. Members are distinct because identifiers are: they come from a seeded permutation of
 * the 9-digit numbers.
 */
import { setImmediate } from 'node:timers/promises';
import type { ItemSet } from '../../bench/contract.ts';
import { mix32, Permutation, seedWords } from '../permutation.ts';
import { placement, sizeOf } from '../placement.ts';
import type { DataRole, GeneratedSpec } from '../spec.ts';
import { escapeField, SEPARATOR } from '../values/linkage-key.ts';
import { normalise } from '../values/normalise.ts';
import {
  AGE_PYRAMID,
  GIVEN_NAMES,
  RARE_GIVEN_NAMES,
  SURNAME_ENDINGS,
  SURNAME_ROOTS,
  SURNAMES,
} from './patient-tables.ts';

/** Columns of the CSV form; all of them, in this order, are the linkage key. */
export const PATIENT_COLUMNS = ['given_name', 'surname', 'birth_date', 'postcode', 'identifier'] as const;

const SLOTS = 2 ** 16;
const LAST_BIRTH_YEAR = 2024;
const OLDEST = 5 * AGE_PYRAMID.length - 1;
const FIRST_BIRTH_YEAR = LAST_BIRTH_YEAR - OLDEST;
/** First birth years of the second and the third generation of given names. */
const GENERATIONS = [1956, 1990] as const;
/** Of 2^16 birth dates, how many are 1 January because nobody knew the day. */
const UNKNOWN_DAY = 260;
const FIRST_IDENTIFIER = 100_000_000;
const IDENTIFIERS = 900_000_000;

/** Values (numbers below 2^16) by weight: 2^16 slots, each value owning a share of them. */
function slotTable(weights: readonly number[]): Uint16Array {
  const slots = new Uint16Array(SLOTS);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let cumulated = 0;
  let from = 0;
  weights.forEach((weight, value) => {
    cumulated += weight;
    const to = Math.round((cumulated / total) * SLOTS);
    slots.fill(value, from, to);
    from = to;
  });
  return slots;
}

/** Shares that fall like 1 / (rank + flatness) and sum up to `share` (Zipf–Mandelbrot with exponent 1). */
function zipf(count: number, flatness: number, share: number): number[] {
  const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + 1 + flatness));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * share) / total);
}

/** Names in both forms: as written, and as bytes of the linkage key. */
class NameList {
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;

  constructor(names: readonly string[]) {
    this.names = names;
    const keys = names.map((name) => Buffer.from(escapeField(normalise(name))));
    this.bytes = Buffer.concat(keys);
    this.offsets = new Uint32Array(names.length + 1);
    keys.forEach((key, i) => {
      this.offsets[i + 1] = this.offsets[i]! + key.length;
    });
  }

  keyLength(index: number): number {
    return this.offsets[index + 1]! - this.offsets[index]!;
  }

  /** Copies the key form of a name; returns the position after it. */
  copyKey(index: number, target: Uint8Array, position: number): number {
    let to = position;
    for (let from = this.offsets[index]!; from < this.offsets[index + 1]!; from++) {
      target[to++] = this.bytes[from]!;
    }
    return to;
  }
}

const RARE_START = GIVEN_NAMES.flat(2).length;
const givenNames = new NameList([...GIVEN_NAMES.flat(2), ...RARE_GIVEN_NAMES]);
const surnames = new NameList([
  ...SURNAMES,
  ...SURNAME_ROOTS.flatMap((root) => SURNAME_ENDINGS.map((ending) => root + ending)),
]);

/** One table for each generation and sex, over all given names; younger generations have more variety. */
const givenSlots = GIVEN_NAMES.flatMap((bySex, generation) =>
  bySex.map((own, sex) => {
    const weights = new Array<number>(givenNames.names.length).fill(0);
    const before = GIVEN_NAMES.flat()
      .slice(0, 2 * generation + sex)
      .flat().length;
    const rare = [0.1, 0.15, 0.3][generation]!;
    zipf(own.length, [5, 8, 15][generation]!, 1 - rare).forEach((weight, i) => {
      weights[before + i] = weight;
    });
    zipf(RARE_GIVEN_NAMES.length, 60, rare).forEach((weight, i) => {
      weights[RARE_START + i] = weight;
    });
    return slotTable(weights);
  }),
);

/** 45 % of people share the listed surnames, the others are spread over the composed ones. */
const surnameSlots = slotTable([
  ...zipf(SURNAMES.length, 12, 0.45),
  ...zipf(SURNAME_ROOTS.length, 10, 0.55).flatMap((share) => zipf(SURNAME_ENDINGS.length, 8, share)),
]);

const yearSlots = slotTable(
  Array.from({ length: OLDEST + 1 }, (_, i) => AGE_PYRAMID[Math.floor((OLDEST - i) / 5)]!),
);

/** Postcodes: 200 towns by size; a town owns a 3-digit prefix and, by its size, 2 to 100 codes. */
const postcodes: number[] = [];
const postcodeWeights: number[] = [];
zipf(200, 2, 1).forEach((town, t) => {
  const prefix = 100 + ((t * 389) % 900);
  const codes = Math.max(2, Math.floor(800 / (t + 8)));
  const crowding = Array.from({ length: codes }, (_, i) => 1 / Math.sqrt(i + 1));
  const total = crowding.reduce((sum, weight) => sum + weight, 0);
  crowding.forEach((weight, i) => {
    postcodes.push(prefix * 100 + ((i * 37) % 100));
    postcodeWeights.push((town * weight) / total);
  });
});
const postcodeSlots = slotTable(postcodeWeights);

/** Birth dates as text, ten bytes each, 366 to a year: place `366 · (year − first) + day`. */
const dates = Buffer.alloc((OLDEST + 1) * 366 * 10);
for (let year = FIRST_BIRTH_YEAR; year <= LAST_BIRTH_YEAR; year++) {
  let place = (year - FIRST_BIRTH_YEAR) * 366;
  for (let month = 1; month <= 12; month++) {
    const days = month === 2 ? (isLeap(year) ? 29 : 28) : month % 2 === (month < 8 ? 1 : 0) ? 31 : 30;
    for (let day = 1; day <= days; day++) {
      const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
      dates.write(text, 10 * place++, 'latin1');
    }
  }
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The population of one seed: member number → fields, each as an index or a number. */
export class Population {
  readonly #keys: Uint32Array;
  readonly #identifiers: Permutation;

  constructor(seed: string | number) {
    this.#keys = seedWords(seed, 'fields of patients', 8);
    this.#identifiers = new Permutation(IDENTIFIERS, seed, 'identifiers');
  }

  /** 32 bits for one field of one member. */
  #draw(member: number, field: number): number {
    return mix32(mix32(member ^ this.#keys[2 * field]!) + this.#keys[2 * field + 1]!);
  }

  /** Place of the birth date in the table of dates. */
  #date(member: number): number {
    const draw = this.#draw(member, 0);
    const yearIndex = yearSlots[draw >>> 16]!;
    const low = draw & 0xffff;
    if (low < UNKNOWN_DAY) return 366 * yearIndex;
    const days = isLeap(FIRST_BIRTH_YEAR + yearIndex) ? 366 : 365;
    return 366 * yearIndex + Math.floor(((low - UNKNOWN_DAY) * days) / (SLOTS - UNKNOWN_DAY));
  }

  #given(member: number, date: number): number {
    const year = FIRST_BIRTH_YEAR + Math.floor(date / 366);
    const generation = year < GENERATIONS[0] ? 0 : year < GENERATIONS[1] ? 1 : 2;
    const draw = this.#draw(member, 1);
    return givenSlots[2 * generation + (draw & 1)]![draw >>> 16]!;
  }

  #surname(member: number): number {
    return surnameSlots[this.#draw(member, 2) >>> 16]!;
  }

  #postcode(member: number): number {
    return postcodes[postcodeSlots[this.#draw(member, 3) >>> 16]!]!;
  }

  #identifier(member: number): number {
    return FIRST_IDENTIFIER + this.#identifiers.at(member);
  }

  /** Length of the member's linkage key in bytes: the names, 10 + 5 + 9 digits, four separators. */
  keyLength(member: number): number {
    const given = this.#given(member, this.#date(member));
    return givenNames.keyLength(given) + surnames.keyLength(this.#surname(member)) + 28;
  }

  /** Writes the member's linkage key at `position`; returns the position after it. */
  writeKey(member: number, target: Uint8Array, position: number): number {
    const separator = SEPARATOR.charCodeAt(0);
    const date = this.#date(member);
    let to = givenNames.copyKey(this.#given(member, date), target, position);
    target[to++] = separator;
    to = surnames.copyKey(this.#surname(member), target, to);
    target[to++] = separator;
    for (let i = 0; i < 10; i++) target[to++] = dates[10 * date + i]!;
    target[to++] = separator;
    to = writeDigits(this.#postcode(member), 5, target, to);
    target[to++] = separator;
    return writeDigits(this.#identifier(member), 9, target, to);
  }

  /** The member's fields as a person would write them, in the order of {@link PATIENT_COLUMNS}. */
  record(member: number): string[] {
    const date = this.#date(member);
    return [
      givenNames.names[this.#given(member, date)]!,
      surnames.names[this.#surname(member)]!,
      dates.toString('latin1', 10 * date, 10 * date + 10),
      String(this.#postcode(member)),
      String(this.#identifier(member)),
    ];
  }
}

function writeDigits(value: number, digits: number, target: Uint8Array, position: number): number {
  let rest = value;
  for (let i = position + digits - 1; i >= position; i--) {
    const tenth = Math.floor(rest / 10);
    target[i] = 48 + rest - 10 * tenth;
    rest = tenth;
  }
  return position + digits;
}

/** Items made before other work of the process gets a turn. */
const PIECE = 2 ** 15;

/** The party's set, in shared memory: a first sweep for the lengths, a second one for the bytes. */
export async function patientItems(spec: GeneratedSpec, role: DataRole): Promise<ItemSet> {
  const count = sizeOf(spec, role);
  const member = placement(spec, role);
  const population = new Population(spec.seed);
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (count + 1)));
  for (let i = 0; i < count; i++) {
    offsets[i + 1] = offsets[i]! + population.keyLength(member(i));
    if (i % PIECE === 0) await setImmediate();
  }
  const data = new Uint8Array(new SharedArrayBuffer(offsets[count]!));
  for (let i = 0; i < count; i++) {
    population.writeKey(member(i), data, offsets[i]!);
    if (i % PIECE === 0) await setImmediate();
  }
  return { count, data, offsets };
}
