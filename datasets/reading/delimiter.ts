/** Which character stands between the values of a CSV file. */
import { parse } from 'csv-parse/sync';
import { DatasetError } from '../spec.ts';

/** What is looked for, by the names that the command line has for them. */
const NAMED: Readonly<Record<string, string>> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' };
const CANDIDATES = Object.values(NAMED);
const EXAMINED_ROWS = 20;

/** A delimiter for people: `semicolon`, or the character in quotes. */
export function delimiterName(delimiter: string): string {
  return Object.entries(NAMED).find(([, character]) => character === delimiter)?.[0] ?? `"${delimiter}"`;
}

/**
 * Reads a delimiter: a character, `\t`, or a name (comma, semicolon, tab, pipe).
 * @throws {DatasetError} for anything else, and for characters that have another meaning in CSV.
 */
export function parseDelimiter(text: string): string {
  const character = NAMED[text.trim().toLowerCase()] ?? (text === '\\t' ? '\t' : text);
  if ([...character].length !== 1 || /["\r\n]/.test(character)) {
    throw new DatasetError(
      `invalid delimiter "${text}": write one character, or ${Object.keys(NAMED).join(', ')}`,
    );
  }
  return character;
}

/** The line `sep=;` with which Excel is told the delimiter: its character, and its length in bytes. */
export function separatorLine(head: Buffer): { readonly delimiter: string; readonly bytes: number } | null {
  const found = /^(\ufeff?)"?sep=(.)"?(?:\r\n|\n|\r)/i.exec(head.subarray(0, 32).toString('utf8'));
  if (!found?.[2]) return null;
  return { delimiter: found[2], bytes: Buffer.byteLength(found[0]) };
}

/**
 * The delimiter under which the beginning of a file reads as a table: one whose header has the columns
 * that are looked for, whose rows are as long as the header, and that makes more columns. A comma where
 * nothing is decided, as in a single column.
 */
export function detectDelimiter(head: Buffer, columns: readonly string[]): string {
  const wanted = columns.map((name) => name.normalize('NFC').trim());
  let best = ',';
  let most = [-1, -1, -1];
  for (const delimiter of CANDIDATES) {
    const [header = [], ...rows] = firstRows(head, delimiter);
    if (header.length < 2) continue;
    const names = new Set(header.map((name) => name.normalize('NFC').trim()));
    const regular = rows.filter((row) => row.length === header.length).length;
    const score = [
      Number(wanted.every((name) => names.has(name))),
      rows.length === 0 ? 0 : regular / rows.length,
      header.length,
    ];
    if (isMore(score, most)) [best, most] = [delimiter, score];
  }
  const alone = firstRows(head, ',')[0] ?? [];
  // A name that holds the characters: a single column is what was looked for.
  return most[0] !== 1 && alone.length === 1 && wanted.includes(alone[0]?.trim() ?? '') ? ',' : best;
}

function isMore(score: readonly number[], than: readonly number[]): boolean {
  for (const [i, value] of score.entries()) if (value !== than[i]) return value > (than[i] ?? 0);
  return false;
}

/** The first rows, as far as they can be read; the last may be cut off, and is left out. */
function firstRows(head: Buffer, delimiter: string): string[][] {
  const rows: string[][] = [];
  try {
    parse(head, {
      ...{ bom: true, delimiter, trim: true, relax_quotes: true, relax_column_count: true },
      ...{ skip_empty_lines: true, to: EXAMINED_ROWS + 1 },
      record_delimiter: ['\r\n', '\n', '\r'],
      on_record: (row: string[]) => {
        rows.push(row);
        return null;
      },
    });
  } catch {
    // An end in the middle of quotes: what came before counts.
  }
  return rows.length > 2 ? rows.slice(0, -1) : rows;
}
