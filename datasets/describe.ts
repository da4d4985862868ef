import type { ItemSet } from '../bench/contract.ts';
import { fileIntersection, fileItems, type SetSize } from './file.ts';
import { PATIENT_COLUMNS, patientItems } from './patients/patients.ts';
import { RANDOM_BYTES, randomItems } from './random.ts';
import { type DataRole, type DatasetSpec, validateSpec } from './spec.ts';
import { splitKey } from './values/linkage-key.ts';

const SAMPLES = 5;
/** Rows of the receiver from which the skew of fields is taken. */
const EXAMINED = 2 ** 16;

/** One party's set in numbers. Lengths are in bytes, `null` for the empty set. */
export interface SetDescription extends SetSize {
  readonly bytes: number;
  readonly minBytes: number | null;
  readonly meanBytes: number | null;
  readonly maxBytes: number | null;
  /** The first items; those that are no text in hexadecimal. */
  readonly samples: readonly string[];
}

/** How the values of one field of the key are spread over the rows examined. */
export interface FieldSkew {
  readonly field: string;
  readonly distinct: number;
  /** Shannon entropy of the observed values. With few rows it is lower than the source's. */
  readonly entropyBits: number;
  readonly commonest: string;
  /** Share of rows with the commonest value, 0 to 1. */
  readonly commonestShare: number;
}

export interface DatasetDescription {
  readonly kind: DatasetSpec['kind'];
  readonly receiver: SetDescription;
  readonly sender: SetDescription;
  readonly overlap: number;
  /** Rows of the receiver that `fields` was taken from. */
  readonly examined: number;
  readonly fields: readonly FieldSkew[];
  readonly notes: readonly string[];
}

/**
 * Loads both sets, one after the other, and describes them.
 * @throws {DatasetError} when the specification is wrong or a file cannot be used.
 */
export async function describeDataset(spec: DatasetSpec): Promise<DatasetDescription> {
  validateSpec(spec);
  const overlap = spec.kind === 'file' ? (await fileIntersection(spec)).length : spec.overlap;
  const sender = describeSet(spec, await load(spec, 'sender'));
  const own = await load(spec, 'receiver');
  const receiver = describeSet(spec, own);
  const examined = spec.kind === 'random' ? 0 : Math.min(EXAMINED, own.items.count);
  const names = spec.kind === 'file' ? spec.key : PATIENT_COLUMNS;
  const fields = examined === 0 ? [] : names.map((name, i) => skewOf(name, i, own.items, examined));
  return { kind: spec.kind, receiver, sender, overlap, examined, fields, notes: notesOn(spec) };
}

/** The description as lines of text. */
export function formatDescription(description: DatasetDescription): string {
  const lines = [`data set ${description.kind}: ${description.overlap} items are in both sets`];
  for (const role of ['receiver', 'sender'] as const) {
    const set = description[role];
    lines.push(`${role}: ${set.items} items, ${set.bytes} bytes`);
    if (set.meanBytes !== null) {
      lines.push(`  bytes per item: ${set.minBytes} to ${set.maxBytes}, mean ${set.meanBytes.toFixed(1)}`);
    }
    if (description.kind === 'file') {
      lines.push(
        `  of ${set.rows} rows, dropped: ${set.emptyKey} with an empty key, ${set.duplicates} duplicates`,
      );
    }
    for (const sample of set.samples) lines.push(`  ${sample}`);
  }
  if (description.fields.length > 0) {
    lines.push(`fields of the key, over ${description.examined} items of the receiver:`);
    for (const field of description.fields) {
      // Entropy of values that all differ is the logarithm of their number, and says nothing.
      const spread =
        field.distinct === description.examined
          ? 'all different'
          : `${field.distinct} values, ${field.entropyBits.toFixed(1)} bits of entropy, ` +
            `commonest "${field.commonest}" (${(100 * field.commonestShare).toFixed(2)} %)`;
      lines.push(`  ${field.field}: ${spread}`);
    }
  }
  return `${[...lines, ...description.notes].join('\n')}\n`;
}

interface Loaded {
  readonly items: ItemSet;
  readonly size: SetSize;
}

async function load(spec: DatasetSpec, role: DataRole): Promise<Loaded> {
  if (spec.kind === 'file') return fileItems(spec, role);
  const items = await (spec.kind === 'random' ? randomItems(spec, role) : patientItems(spec, role));
  return { items, size: { items: items.count, rows: items.count, emptyKey: 0, duplicates: 0 } };
}

function describeSet(spec: DatasetSpec, { items, size }: Loaded): SetDescription {
  const { count, offsets } = items;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let i = 0; i < count; i++) {
    const length = offsets[i + 1]! - offsets[i]!;
    if (length < min) min = length;
    if (length > max) max = length;
  }
  const samples = Array.from({ length: Math.min(SAMPLES, count) }, (_, i) =>
    bytesOf(items, i).toString(spec.kind === 'random' ? 'hex' : 'utf8'),
  );
  const bytes = offsets[count]!;
  const empty = count === 0;
  return {
    ...size,
    bytes,
    minBytes: empty ? null : min,
    meanBytes: empty ? null : bytes / count,
    maxBytes: empty ? null : max,
    samples,
  };
}

function bytesOf({ data, offsets }: ItemSet, index: number): Buffer {
  const start = offsets[index]!;
  return Buffer.from(data.buffer, data.byteOffset + start, offsets[index + 1]! - start);
}

function skewOf(field: string, position: number, items: ItemSet, examined: number): FieldSkew {
  const counts = new Map<string, number>();
  for (let i = 0; i < examined; i++) {
    const value = splitKey(bytesOf(items, i).toString('utf8'))[position]!;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let commonest = '';
  let most = 0;
  let entropyBits = 0;
  for (const [value, count] of counts) {
    if (count > most) {
      commonest = value;
      most = count;
    }
    entropyBits -= (count / examined) * Math.log2(count / examined);
  }
  return { field, distinct: counts.size, entropyBits, commonest, commonestShare: most / examined };
}

function notesOn(spec: DatasetSpec): string[] {
  if (spec.kind === 'random') {
    return [
      `Items are ${RANDOM_BYTES} pseudo-random bytes: nobody can guess one, so comparing hashes would hide them. Real identifiers are not like that.`,
    ];
  }
  if (spec.kind === 'patients') {
    return [
      'An identifier alone is one of 900,000,000: whoever sees its unkeyed hash finds it by trying all of them. Names, birth dates and postcodes are skewed.',
    ];
  }
  return ['Guessing an item costs no more than trying the combinations of its fields, the commonest first.'];
}
