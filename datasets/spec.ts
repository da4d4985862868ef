import type { Role } from '../bench/contract.ts';
import { UsageError } from '../bench/errors.ts';
import { MAX_ITEMS } from '../bench/terms.ts';
import { nearest } from '../bench/words.ts';

/** A set made from a seed: `random` or `patients`. */
export interface GeneratedSpec {
  readonly kind: 'random' | 'patients';
  /** Items of the receiver, 0 to 2^24. */
  readonly receiverSize: number;
  /** Items of the sender, 0 to 2^24. */
  readonly senderSize: number;
  /** How many items both have: at most the smaller size. */
  readonly overlap: number;
  /** Any text or safe integer; `7` and `'7'` are the same seed. */
  readonly seed: string | number;
}

/** How a file is stored; what is not said is found out. */
export interface FileFormat {
  /** One character. */
  readonly delimiter?: string;
  /** A name that `TextDecoder` knows. */
  readonly encoding?: string;
}

/** How values of key columns are prepared. Plain JSON; both parties must use the same. */
export interface Normalisation {
  /** `default`: folded as `normalise.ts` says. `exact`: what is there is compared, byte for byte. */
  readonly form: 'default' | 'exact';
  /** Accents and other marks over, under and through letters are dropped. */
  readonly dropAccents?: boolean;
  /** Zeros before another digit at a value's beginning are dropped. */
  readonly dropLeadingZeros?: boolean;
  /** Nothing but decimal digits is kept, written as 0 to 9. */
  readonly digitsOnly?: boolean;
  /** Values that stand for "not known", compared once normalised: as if they were empty. */
  readonly missing?: readonly string[];
}

/** Two CSV files, joined by the columns in `key`. */
export interface FileSpec {
  readonly kind: 'file';
  readonly receiverFile: string;
  readonly senderFile: string;
  /** Names of the columns that make the linkage key, in order. */
  readonly key: readonly string[];
  /** Their names in the sender's file, in the same order, where they differ. */
  readonly senderKey?: readonly string[];
  /** How the files are stored; what is not said is found out. */
  readonly receiverFormat?: FileFormat;
  readonly senderFormat?: FileFormat;
  /** How values are prepared before they are compared; the default form without it. */
  readonly normalisation?: Normalisation;
}

/** What a data set is made of. Plain JSON: it travels to child processes. */
export type DatasetSpec = GeneratedSpec | FileSpec;

/** The roles that have items. */
export type DataRole = Exclude<Role, 'helper'>;

/** Something is wrong with the data set that was asked for, not with the program. */
export class DatasetError extends UsageError {
  override name = 'DatasetError';
}

const KINDS = ['random', 'patients', 'file'] as const;

/**
 * Checks a specification, wherever it came from.
 * @throws {DatasetError} naming the field, its value, and what is allowed.
 */
export function validateSpec(spec: DatasetSpec): void {
  if (typeof spec !== 'object' || spec === null) throw new DatasetError('a data set must be an object');
  if (spec.kind === 'file') {
    validateFileSpec(spec);
    return;
  }
  if (spec.kind !== 'random' && spec.kind !== 'patients') {
    const kind = String((spec as { kind?: unknown }).kind);
    const guess = nearest(kind, KINDS);
    throw new DatasetError(
      `unknown data set "${kind}"${guess ? `; did you mean "${guess}"?` : ''} (there are ${KINDS.join(', ')})`,
    );
  }
  count(spec.receiverSize, 'receiver size', MAX_ITEMS, '2^24');
  count(spec.senderSize, 'sender size', MAX_ITEMS, '2^24');
  const smaller = Math.min(spec.receiverSize, spec.senderSize);
  count(spec.overlap, 'overlap', smaller, `${smaller}, the size of the smaller set`);
  if (typeof spec.seed !== 'string' && !Number.isSafeInteger(spec.seed)) {
    throw new DatasetError(`seed must be text or a safe integer, got ${String(spec.seed)}`);
  }
}

function validateFileSpec(spec: FileSpec): void {
  for (const field of ['receiverFile', 'senderFile'] as const) {
    if (typeof spec[field] !== 'string' || spec[field] === '') {
      throw new DatasetError(
        `data set "file" needs a ${field === 'receiverFile' ? 'receiver' : 'sender'} file`,
      );
    }
  }
  validateKey(spec.key);
  if (spec.senderKey === undefined) return;
  validateKey(spec.senderKey);
  if (spec.senderKey.length !== spec.key.length) {
    throw new DatasetError(
      `the receiver's key has ${columns(spec.key)}, the sender's ${columns(spec.senderKey)}: they are compared one by one, in their order`,
    );
  }
}

function columns(key: readonly string[]): string {
  return `${key.length} ${key.length === 1 ? 'column' : 'columns'} (${key.join(', ')})`;
}

function validateKey(key: readonly string[]): void {
  if (!Array.isArray(key) || key.length === 0) {
    throw new DatasetError('data set "file" needs a key: the names of one or more columns');
  }
  const seen = new Set<string>();
  for (const column of key) {
    if (typeof column !== 'string' || column.trim() === '') {
      throw new DatasetError(`the key ${JSON.stringify(key)} has an empty column name`);
    }
    if (seen.has(column.trim())) throw new DatasetError(`the key names column "${column.trim()}" twice`);
    seen.add(column.trim());
  }
}

function count(value: unknown, title: string, max: number, maxText: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new DatasetError(`${title} must be a whole number from 0 on, got ${String(value)}`);
  }
  if ((value as number) > max) {
    throw new DatasetError(`${title} must be at most ${maxText}, got ${String(value)}`);
  }
}
