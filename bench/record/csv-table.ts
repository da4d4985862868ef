/**
 * Tables of a record as CSV: typed columns, one line per row. Reading is strict: whatever is not as it
 * was written is refused with the place and what was expected.
 */

import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { UsageError } from '../errors.ts';

/** A record that cannot be read or continued. The message says which file, where, and what to do. */
export class RecordError extends UsageError {
  override name = 'RecordError';
}

/** How a value is written: `count` is a whole number ≥ 0, an array names all values that a text may have. */
export type ColumnType =
  | 'text'
  | 'count'
  | 'number'
  | 'flag'
  | 'steps'
  | 'optional number'
  | 'optional count'
  | readonly string[];

/**
 * `measured` columns are figures: they exist in rows whose column `outcome` says `ok` (or that have no
 * such column) and are empty in all others. `absent` gives the value in records from before the column was.
 */
export type Column = readonly [
  column: string,
  property: string,
  kind: ColumnType,
  measured?: 'measured' | undefined,
  absent?: (row: Readonly<Record<string, unknown>>) => unknown,
];

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
  /** Where the header and each row end in the file, in bytes. */
  readonly ends: readonly number[];
}

/**
 * Rows as CSV, each ended by a line break.
 * @throws {TypeError} when a value is not of its column's kind
 */
export function formatRows(columns: readonly Column[], rows: readonly object[]): string {
  return stringify(
    rows.map((row) => {
      const values = row as Readonly<Record<string, unknown>>;
      const failed = 'outcome' in row && row.outcome !== 'ok';
      return columns.map(([, property, kind, measured]) =>
        measured && failed ? '' : formatValue(values[property], kind, property),
      );
    }),
  );
}

function formatValue(value: unknown, kind: ColumnType, title: string): string {
  if (isOptional(kind) && value === null) return '';
  switch (kind) {
    case 'flag':
      if (typeof value !== 'boolean') throw new TypeError(`"${title}" expected a boolean, got ${value}`);
      return String(value);
    case 'steps':
      return Object.entries(value as Record<string, unknown>)
        .map(([name, ms]) => `${encodeURIComponent(name)}=${formatValue(ms, 'number', `${title}.${name}`)}`)
        .join(';');
    case 'count':
    case 'number':
    case 'optional count':
    case 'optional number':
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw new TypeError(`"${title}" expected a finite number, got ${value}`);
      }
      if (isCount(kind) && !(Number.isSafeInteger(value) && value >= 0)) {
        throw new TypeError(`"${title}" expected a whole number ≥ 0, got ${value}`);
      }
      return String(value);
    default:
      if (typeof value !== 'string') throw new TypeError(`"${title}" expected a string, got ${value}`);
      if (kind !== 'text' && !kind.includes(value)) {
        throw new TypeError(`"${title}" expected one of ${kind.join(', ')}, got ${value}`);
      }
      // A row is one line, also to the eye and to grep.
      return value.replace(/\s+/g, ' ').trim();
  }
}

function isOptional(kind: ColumnType): boolean {
  return kind === 'optional number' || kind === 'optional count';
}

function isCount(kind: ColumnType): boolean {
  return kind === 'count' || kind === 'optional count';
}

/**
 * Parses the text of `file`. Columns may be in any order, and there may be more of them. A last line
 * without a line break is left out, which is added to `warnings`.
 * @throws {RecordError} naming the line, when the text is anything that {@link formatRows} does not write
 */
export function parseTable(
  text: string,
  file: string,
  columns: readonly Column[],
  warnings: string[],
): Table {
  // A row is one line, so an unfinished row is what follows the last line break.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) {
    warnings.push(`${file}: the last line is unfinished and was left out (the run was interrupted)`);
  }
  const lines = whole.split('\n').slice(0, -1);
  const [header, ...table] = parseCsv(whole, file);
  if (header === undefined) throw new RecordError(`${file} is empty: it has not even a header`);
  const missing = columns.flatMap(([column, , , , absent]) =>
    absent || header.includes(column) ? [] : [column],
  );
  if (missing.length > 0) {
    throw new RecordError(`${file}: missing column ${missing.join(', ')}; it has ${header.join(', ')}`);
  }
  if (table.length !== lines.length - 1) {
    throw new RecordError(`${file}: rows that span lines or empty lines; every row is one line`);
  }
  const present = columns.filter(([column]) => header.includes(column));
  const readers = present.map(([column, property, kind, measured]) => {
    return { column, property, kind, measured, index: header.indexOf(column) };
  });
  const later = columns.filter(([column]) => !header.includes(column));
  const outcome = header.indexOf('outcome');
  let end = Buffer.byteLength(lines[0]!) + 1;
  const ends = [end];
  const rows = table.map((cells, i) => {
    const place = `${file}, line ${i + 2}`;
    if (cells.length !== header.length) {
      throw new RecordError(`${place}: ${cells.length} values, but the header names ${header.length}`);
    }
    const failed = outcome >= 0 && cells[outcome] !== 'ok';
    const row: Record<string, unknown> = {};
    for (const { column, property, kind, measured, index } of readers) {
      const text = cells[index]!;
      if (!(measured && failed)) row[property] = parseValue(text, kind, column, place);
      else if (text !== '') {
        throw new RecordError(`${place}: outcome ${cells[outcome]}, but ${column} has the figure ${text}`);
      }
    }
    for (const [, property, , measured, absent] of later) {
      if (!(measured && failed)) row[property] = absent?.(row);
    }
    end += Buffer.byteLength(lines[i + 1]!) + 1;
    ends.push(end);
    return row;
  });
  return { header, rows, ends };
}

function parseCsv(text: string, file: string): string[][] {
  try {
    return parse(text, { relax_column_count: true, bom: true });
  } catch (error) {
    throw new RecordError(`${file} is not CSV: ${(error as Error).message}`);
  }
}

function parseValue(text: string, kind: ColumnType, column: string, place: string): unknown {
  const wrong = (expected: string) =>
    new RecordError(`${place}: ${column} should be ${expected}, not "${text}"`);
  switch (kind) {
    case 'text':
      return text;
    case 'flag':
      if (text !== 'true' && text !== 'false') throw wrong('true or false');
      return text === 'true';
    case 'steps':
      return Object.fromEntries(
        text.split(';').flatMap((step) => {
          if (step === '') return [];
          const [, name, ms] = /^([^=]+)=([^=]+)$/.exec(step) ?? [];
          if (name === undefined || ms === undefined) throw wrong('name=ms;…');
          return [[decodeURIComponent(name), parseValue(ms, 'number', column, place)]];
        }),
      );
    case 'count':
    case 'number':
    case 'optional count':
    case 'optional number': {
      if (isOptional(kind) && text === '') return null;
      const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isFinite(value)) throw wrong('a number');
      if (isCount(kind) && !(Number.isSafeInteger(value) && value >= 0)) throw wrong('a whole number ≥ 0');
      return value;
    }
    default:
      if (!kind.includes(text)) throw wrong(`one of ${kind.join(', ')}`);
      return text;
  }
}
