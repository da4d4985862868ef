/** Reads a CSV file row by row, with `csv-parse`, and says precisely what is wrong with it. */
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { DatasetError, type FileFormat } from '../spec.ts';
import { detectDelimiter, separatorLine } from './delimiter.ts';
import { peek } from './encoding.ts';
import { readText } from './source.ts';

const MAX_ROW_BYTES = 2 ** 24;
/** From this much of a file's beginning its delimiter is known. */
const HEAD_BYTES = 2 ** 16;

/** What to read a file as. */
export interface Reading extends FileFormat {
  /** Columns that the header should have: they help to find the delimiter. */
  readonly columns?: readonly string[];
  /** Keep white space around values that are not in quotes. */
  readonly exact?: boolean;
}

/** Where a row stands in its file. */
export interface RowPlace {
  /** Line on which the row begins, the header's being 1. */
  readonly line: number;
  /** The row's bytes, its line end included: [start, end) of the file's text in UTF-8. */
  readonly start: number;
  readonly end: number;
}

/** Gets what the file holds, in order. Values come as they are, but for white space outside quotes. */
export interface CsvVisitor {
  header(names: string[], place: RowPlace): void;
  row(values: string[], place: RowPlace): void;
}

/**
 * Reads a CSV file (RFC 4180, but for its delimiter; compressed or not, in whatever encoding; LF, CRLF
 * or CR) as a stream. Blank lines are skipped, except where the file has a single column: there, they
 * are empty values. A line `sep=;` before the header says the delimiter, and counts as its beginning.
 * @throws {DatasetError} when the file cannot be read, is empty, is no text, or is malformed, naming
 *   file, line and reason. What the visitor throws comes through unchanged.
 */
export async function readCsv(file: string, visitor: CsvVisitor, reading: Reading = {}): Promise<void> {
  const { head, whole } = await peek(readText(file, reading.encoding), HEAD_BYTES);
  const announced = separatorLine(head);
  const skipped = announced?.bytes ?? 0;
  const delimiter =
    reading.delimiter ??
    announced?.delimiter ??
    detectDelimiter(head.subarray(skipped), reading.columns ?? []);
  let columns = 0;
  let lines = announced ? 1 : 0;
  let end = 0;
  const parser = parse({
    bom: true,
    delimiter,
    trim: !reading.exact,
    relax_quotes: holdsFormulas(head, delimiter),
    record_delimiter: ['\r\n', '\n', '\r'],
    // Checked below, where blank lines can be told from short rows.
    relax_column_count: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (values: string[], context: { lines: number; bytes: number }) => {
      const place = { line: lines + 1, start: end, end: context.bytes + skipped };
      lines = context.lines + Number(announced !== null);
      end = place.end;
      if (columns === 0) {
        if (isBlank(values)) return null;
        columns = values.length;
        visitor.header(values, announced ? { ...place, start: 0 } : place);
      } else if (values.length === columns) {
        visitor.row(values, place);
      } else if (!isBlank(values)) {
        throw new DatasetError(
          `"${file}", line ${place.line}: the row has ${values.length} values, the header has ${columns}`,
        );
      }
      // Nothing is passed on: the parser is the end of the stream.
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(without(whole, skipped), parser);
  } catch (error) {
    throw explain(file, lines + 1, error as Error);
  }
  if (columns === 0)
    throw new DatasetError(`"${file}" is empty: it needs a header with the names of its columns`);
}

/** Values such as ="00123", with which spreadsheets are kept from dropping zeros: quotes that are none. */
function holdsFormulas(head: Buffer, delimiter: string): boolean {
  const text = head.toString('utf8');
  return [delimiter, '\n', '\r'].some((before) => text.includes(`${before}="`)) || text.startsWith('="');
}

async function* without(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of source) {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

function isBlank(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === '';
}

function explain(file: string, line: number, error: Error): Error {
  if (!(error instanceof CsvError)) return error;
  return new DatasetError(
    `"${file}" is not well-formed CSV, in the row that begins on line ${line}: ${reasonOf(error)}`,
    { cause: error },
  );
}

function reasonOf(error: CsvError): string {
  // The parser notices an open quote only at the end of the file: where the row began helps more.
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and never closed';
  if (error.code === 'CSV_MAX_RECORD_SIZE') {
    return 'it is longer than 16 MiB: a quote that is never closed, line ends that are none, or no table';
  }
  return error.message;
}
