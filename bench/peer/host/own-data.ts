/** A host's own file: it stays where it is, and the other host is told how much there is in it. */
import { type FileInspection, type FileSpec, formatNormalisation } from '../../../datasets/dataset.ts';
import { UsageError } from '../../errors.ts';
import { count, object, text } from '../wire/fields.ts';

/** What is told of it. Both sides must have prepared their keys alike. */
export interface OwnFacts {
  /** Distinct items: the size of the set. */
  readonly items: number;
  readonly emptyKey: number;
  readonly duplicates: number;
  /** How many columns make the key; their names are nobody's business. */
  readonly columns: number;
  /** How values are prepared, in words that are equal when the preparation is. */
  readonly normalisation: string;
}

export interface OwnData {
  /** For the party that plays with it: this host's file stands in the place of both. */
  readonly spec: FileSpec;
  readonly facts: OwnFacts;
  /**
   * Takes the result when the other host sends it: SHA-256 of every shared item, 32 bytes each. Resolves to
   * the number of rows written. null: the owner did not ask for it, and it is refused.
   */
  readonly takeResult: ((digests: Buffer) => Promise<number>) | null;
}

/** @throws ProtocolError naming the field that cannot be. */
export function parseOwnFacts(value: unknown): OwnFacts {
  const facts = object(value, 'own data');
  return {
    items: count(facts.items, 'items', 2 ** 32),
    emptyKey: count(facts.emptyKey, 'emptyKey', 2 ** 32),
    duplicates: count(facts.duplicates, 'duplicates', 2 ** 32),
    columns: count(facts.columns, 'columns', 1000),
    normalisation: text(facts.normalisation, 'normalisation', 2000),
  };
}

/** What the other host is told of a file. */
export function ownFacts(spec: FileSpec, { size }: FileInspection): OwnFacts {
  const { items, emptyKey, duplicates } = size;
  const { normalisation = { form: 'default' } } = spec;
  const missing = normalisation.missing?.toSorted() ?? [];
  return {
    items,
    emptyKey,
    duplicates,
    columns: spec.key.length,
    normalisation: [formatNormalisation(normalisation), ...missing.map((value) => `missing ${value}`)].join(
      '; ',
    ),
  };
}

/**
 * The sender's half, when it fits `mine`.
 * @throws UsageError when the other host has no file, or its keys cannot be compared with these
 */
export function fittingHalf(own: OwnFacts | null, mine: OwnFacts): OwnFacts {
  if (!own) {
    throw new UsageError("the sender's host has no file: start bench party there with --file and --key");
  }
  if (mine.columns !== own.columns) {
    throw new UsageError(`the key has ${mine.columns} columns here and ${own.columns} at the sender`);
  }
  if (mine.normalisation !== own.normalisation) {
    throw new UsageError(
      `keys are prepared differently: "${mine.normalisation}" here, "${own.normalisation}" at the sender`,
    );
  }
  return own;
}
