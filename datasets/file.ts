/** Sets read from CSV files: what is compared are key columns, normalised and joined. */

import { createReadStream, createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ItemSet } from '../bench/contract.ts';
import { nearest } from '../bench/did-you-mean.ts';
import { type RowPlace, readCsv } from './csv.ts';
import { DistinctItems } from './distinct-items.ts';
import { joinKey, normalize } from './linkage-key.ts';
import { type DataRole, DatasetError, type FileSpec } from './spec.ts';

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
  await readKeys(fileOf(spec, 'sender'), spec.key, {
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
 * Writes the receiver's rows that matched, under its header: the bytes of its file, unchanged, so that
 * quotes, white space and line ends stay as they were (a byte order mark too). Where several rows have
 * one key, it is the first. The file appears when it is complete.
 *
 * @param indices the receiver's result, strictly ascending.
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
  // A pipe or a terminal (/dev/stdout) cannot be renamed to.
  const direct = await stat(outFile).then(
    (found) => !found.isFile(),
    () => false,
  );
  const draft = direct ? outFile : `${outFile}.${process.pid}.partial`;
  try {
    await pipeline(slices(spec.receiverFile, ranges), createWriteStream(draft));
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
  await readKeys(spec.receiverFile, spec.key, {
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

/** The bytes of a file that lie in the ranges, read from front to back once. */
async function* slices(file: string, ranges: Float64Array): AsyncGenerator<Buffer> {
  let position = 0;
  let range = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
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

async function readDistinct(spec: FileSpec, role: DataRole, items: DistinctItems): Promise<SetSize> {
  let emptyKey = 0;
  let duplicates = 0;
  const file = fileOf(spec, role);
  try {
    await readKeys(file, spec.key, {
      key: (key) => {
        if (items.add(key) < 0) duplicates++;
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

interface KeyVisitor {
  header?(place: RowPlace): void;
  key(key: string, place: RowPlace): void;
  /** A row in which a key column is empty. */
  empty?(): void;
}

async function readKeys(file: string, key: readonly string[], visitor: KeyVisitor): Promise<void> {
  let columns: number[] = [];
  const fields = new Array<string>(key.length);
  await readCsv(file, {
    header: (names, place) => {
      columns = findColumns(file, names, key);
      visitor.header?.(place);
    },
    row: (values, place) => {
      for (let i = 0; i < columns.length; i++) {
        const field = normalize(values[columns[i]!]!);
        if (field === '') return visitor.empty?.();
        fields[i] = field;
      }
      visitor.key(joinKey(fields), place);
    },
  });
}

/** Positions of the key columns. Names are compared trimmed and NFC-normalised, case and all. */
function findColumns(file: string, header: readonly string[], key: readonly string[]): number[] {
  const tidy = (name: string) => name.normalize('NFC').trim();
  const names = header.map(tidy);
  return key.map((wanted) => {
    const name = tidy(wanted);
    const column = names.indexOf(name);
    if (column < 0) {
      const guess = nearest(name, names);
      const only = names.length === 1 ? /[;\t]/.exec(names[0]!)?.[0] : undefined;
      throw new DatasetError(
        `"${file}" has no column "${name}"${guess && !only ? `; did you mean "${guess}"?` : ''} ` +
          `Its columns are: ${names.map((known) => (known === '' ? '""' : known)).join(', ')}.` +
          (only
            ? ` Columns must be separated by commas, not by ${only === ';' ? 'semicolons' : 'tabs'}.`
            : ''),
      );
    }
    if (names.indexOf(name, column + 1) >= 0) {
      throw new DatasetError(`"${file}" has more than one column "${name}": it cannot be a key`);
    }
    return column;
  });
}
