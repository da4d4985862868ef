/** Sets read from CSV files: what is compared are key columns, normalised and joined. */

import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ItemSet } from '../bench/contract.ts';
import { nearest } from '../bench/words.ts';
import { DistinctItems } from './distinct-items.ts';
import { type CsvVisitor, type RowPlace, readCsv } from './reading/csv.ts';
import { delimiterName } from './reading/delimiter.ts';
import { readText } from './reading/source.ts';
import { type DataRole, DatasetError, type FileFormat, type FileSpec } from './spec.ts';
import { joinKey } from './values/linkage-key.ts';
import { DEFAULT_NORMALISATION, normaliser } from './values/normalise.ts';

/** What became of the rows of one party. */
export interface SetSize {
  /** Distinct items: what the protocols get. */
  readonly items: number;
  /** Rows of data: items + emptyKey + duplicates. */
  readonly rows: number;
  /** Rows dropped because a key column is empty. */
  readonly emptyKey: number;
  /** Rows dropped because an earlier row has the same key. */
  readonly duplicates: number;
}

/** The party's file. */
export function fileOf(spec: FileSpec, role: DataRole): string {
  return role === 'receiver' ? spec.receiverFile : spec.senderFile;
}

/** Names of the columns that are the party's key. */
export function keyOf(spec: FileSpec, role: DataRole): readonly string[] {
  return role === 'sender' ? (spec.senderKey ?? spec.key) : spec.key;
}

function formatOf(spec: FileSpec, role: DataRole): FileFormat {
  return (role === 'receiver' ? spec.receiverFormat : spec.senderFormat) ?? {};
}

/** The party's set, in shared memory, in the order of first occurrence, and what was dropped. */
export async function fileItems(spec: FileSpec, role: DataRole): Promise<{ items: ItemSet; size: SetSize }> {
  const items = new DistinctItems();
  const size = await readDistinct(spec, role, items);
  return { items: items.take(), size };
}

/** Counts of one party's file. */
export async function fileSize(spec: FileSpec, role: DataRole): Promise<SetSize> {
  return readDistinct(spec, role, new DistinctItems());
}

/** Indices of the receiver's items that are in the sender's file, ascending: by comparing bytes, one by one. */
export async function fileIntersection(spec: FileSpec): Promise<Uint32Array> {
  const own = new DistinctItems();
  await readDistinct(spec, 'receiver', own);
  const found = new Uint8Array(own.count);
  await readKeys(spec, 'sender', {
    key: (key) => {
      const index = own.indexOf(key);
      if (index >= 0) found[index] = 1;
    },
  });
  const indices = new Uint32Array(found.reduce((sum, hit) => sum + hit, 0));
  let count = 0;
  found.forEach((hit, index) => {
    if (hit === 1) indices[count++] = index;
  });
  return indices;
}

/**
 * Writes the receiver's rows that matched, under its header: the text of its file, unchanged, so that
 * quotes, white space and line ends stay as they were (in UTF-8, a byte order mark too). It is written as
 * UTF-8 and uncompressed, whatever the file was. Where several rows have one key, it is the first. The
 * file appears when it is complete.
 *
 * @param indices the receiver's result, strictly ascending.
 * @param outFile `-` is standard output.
 * @returns the number of rows written.
 * @throws {DatasetError} when an index has no row, or a file cannot be read or written.
 */
export async function writeFileMatches(
  spec: FileSpec,
  indices: Uint32Array,
  outFile: string,
): Promise<number> {
  const ranges = await rangesOf(spec, indices);
  for (const input of [spec.receiverFile, spec.senderFile]) {
    if (await isSameFile(input, outFile)) {
      throw new DatasetError(`"${outFile}" is an input: give the result another name`);
    }
  }
  if (outFile === '-') {
    await pipeline(matchingRows(spec, ranges), process.stdout, { end: false }).catch((error) => {
      // The reader has seen enough.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    });
    return indices.length;
  }
  // A pipe or a terminal (/dev/stdout) cannot be renamed to.
  const direct = await stat(outFile).then(
    (found) => !found.isFile(),
    () => false,
  );
  const draft = direct ? outFile : `${outFile}.${process.pid}.partial`;
  try {
    await pipeline(
      slices(readText(spec.receiverFile, spec.receiverFormat?.encoding), ranges),
      createWriteStream(draft),
    );
    if (!direct) await rename(draft, outFile);
  } catch (error) {
    if (!direct) await rm(draft, { force: true });
    const { message } = error as Error;
    throw new DatasetError(`cannot write the matching rows to "${outFile}": ${message}`, { cause: error });
  }
  return indices.length;
}

/** Byte ranges of header and matching rows: start and end, by turns, ascending. */
async function rangesOf(spec: FileSpec, indices: Uint32Array): Promise<Float64Array> {
  const ranges = new Float64Array(2 * indices.length + 2);
  const items = new DistinctItems();
  let next = 0;
  await readKeys(spec, 'receiver', {
    header: (place) => ranges.set([place.start, place.end]),
    key: (key, place) => {
      const index = items.add(key);
      if (index >= 0 && index === indices[next]) {
        ranges.set([place.start, place.end], 2 * ++next);
      }
    },
  });
  if (next < indices.length) {
    throw new DatasetError(
      `item ${indices[next]} has no row in "${spec.receiverFile}", which has ${items.count} items: indices must be ` +
        'ascending and the file must not change meanwhile',
    );
  }
  return ranges;
}

function matchingRows(spec: FileSpec, ranges: Float64Array): AsyncGenerator<Buffer> {
  return slices(readText(spec.receiverFile, spec.receiverFormat?.encoding), ranges);
}

/** The bytes of a text that lie in the ranges. */
async function* slices(text: AsyncIterable<Buffer>, ranges: Float64Array): AsyncGenerator<Buffer> {
  let position = 0;
  let range = 0;
  for await (const chunk of text) {
    const end = position + chunk.length;
    while (range < ranges.length && ranges[range]! < end) {
      yield chunk.subarray(Math.max(0, ranges[range]! - position), ranges[range + 1]! - position);
      if (ranges[range + 1]! > end) break;
      range += 2;
    }
    if (range >= ranges.length) return;
    position = end;
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([realpath(a).catch(() => a), realpath(b).catch(() => b)]);
  return first === second;
}

/**
 * Fills `items` with the party's set.
 * @param observe gets every row's values in the key columns as they stand in the file.
 */
export async function readDistinct(
  spec: FileSpec,
  role: DataRole,
  items: DistinctItems,
  observe?: RowObserver,
): Promise<SetSize> {
  let emptyKey = 0;
  let duplicates = 0;
  const file = fileOf(spec, role);
  try {
    await readKeys(spec, role, {
      ...(observe && { raw: observe.raw }),
      key: (key) => {
        if (items.add(key) >= 0) return;
        duplicates++;
        observe?.duplicate(key);
      },
      empty: () => {
        emptyKey++;
      },
    });
  } catch (error) {
    if (error instanceof DatasetError && !error.message.includes(file)) {
      throw new DatasetError(`"${file}": ${error.message}`, { cause: error });
    }
    throw error;
  }
  return { items: items.count, rows: items.count + emptyKey + duplicates, emptyKey, duplicates };
}

/** Sees a file's rows as they are read. */
export interface RowObserver {
  /** Values of the key columns, as they stand in the file; the array is reused. */
  raw(values: readonly string[]): void;
  /** A key that an earlier row has. */
  duplicate(key: string): void;
}

interface KeyVisitor {
  header?(place: RowPlace): void;
  raw?(values: readonly string[]): void;
  key(key: string, place: RowPlace): void;
  /** A row in which a key column is empty. */
  empty?(): void;
}

async function readKeys(spec: FileSpec, role: DataRole, visitor: KeyVisitor): Promise<void> {
  const file = fileOf(spec, role);
  const key = keyOf(spec, role);
  const normalisation = spec.normalisation ?? DEFAULT_NORMALISATION;
  const prepare = normaliser(normalisation);
  const format = formatOf(spec, role);
  let columns: number[] = [];
  const values = new Array<string>(key.length);
  const fields = new Array<string>(key.length);
  const visit: CsvVisitor = {
    header: (names, place) => {
      columns = findColumns(file, names, key, format.delimiter);
      visitor.header?.(place);
    },
    row: (row, place) => {
      let empty = false;
      for (const [i, column] of columns.entries()) {
        const value = row[column] ?? '';
        values[i] = value;
        const field = prepare(value);
        fields[i] = field;
        if (field === '') empty = true;
      }
      visitor.raw?.(values);
      if (empty) visitor.empty?.();
      else visitor.key(joinKey(fields), place);
    },
  };
  await readCsv(file, visit, { ...format, columns: key, exact: normalisation.form === 'exact' });
}

/** Positions of the key columns. Names are compared trimmed and NFC-normalised, case and all. */
function findColumns(
  file: string,
  header: readonly string[],
  key: readonly string[],
  delimiter?: string,
): number[] {
  const tidy = (name: string) => name.normalize('NFC').trim();
  const names = header.map(tidy);
  return key.map((wanted) => {
    const name = tidy(wanted);
    const column = names.indexOf(name);
    if (column < 0) throw noColumn(file, name, names, delimiter);
    if (names.indexOf(name, column + 1) >= 0) {
      throw new DatasetError(`"${file}" has more than one column "${name}": it cannot be a key`);
    }
    return column;
  });
}

function noColumn(file: string, name: string, names: readonly string[], delimiter?: string): DatasetError {
  const [only = ''] = names;
  const other = names.length === 1 && delimiter ? /[,;\t|]/.exec(only)?.[0] : undefined;
  const guess = other ? undefined : nearest(name, names);
  const numbers = names.filter((known) => /^\d{4,}$/.test(known)).length;
  return new DatasetError(
    `"${file}" has no column "${name}"${guess ? `; did you mean "${guess}"?` : ''} ` +
      `Its columns are: ${names.map((known) => (known === '' ? '""' : known)).join(', ')}.` +
      (other
        ? ` They seem to be separated by ${delimiterName(other)}, not by ${delimiterName(delimiter ?? ',')}.`
        : '') +
      (numbers > 0 ? ' The first line must name the columns; this one looks like data.' : ''),
  );
}
