/** Reads a CSV file row by row, with `csv-parse`, and says precisely what is wrong with it. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { DatasetError } from './spec.ts';

/** A longer row is a quote that nobody closed. */
const MAX_ROW_BYTES = 2 ** 24;

/** Where a row stands in its file. */
export interface RowPlace {
  /** Line on which the row begins, the header's being 1. */
  readonly line: number;
  /** The row's bytes, its line end included: [start, end) of the file. */
  readonly start: number;
  readonly end: number;
}

/** Gets what the file holds, in order. Values come as they are, but for white space outside quotes. */
export interface CsvVisitor {
  header(names: string[], place: RowPlace): void;
  row(values: string[], place: RowPlace): void;
}

/**
 * Reads a CSV file (RFC 4180; UTF-8 with or without a byte order mark; LF, CRLF or CR) as a stream.
 * Blank lines are skipped, except where the file has a single column: there, they are empty values.
 * @throws {DatasetError} when the file cannot be read, is empty, is not UTF-8, or is malformed, naming
 *   file, line and reason. What the visitor throws comes through unchanged.
 */
export async function readCsv(file: string, visitor: CsvVisitor): Promise<void> {
  let columns = 0;
  let lines = 0;
  let end = 0;
  const parser = parse({
    bom: true,
    trim: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    // Checked below, where blank lines can be told from short rows.
    relax_column_count: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (values: string[], context: { lines: number; bytes: number }) => {
      const place = { line: lines + 1, start: end, end: context.bytes };
      lines = context.lines;
      end = context.bytes;
      if (columns === 0) {
        if (isBlank(values)) return null;
        columns = values.length;
        visitor.header(values, place);
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
    await pipeline(
      createReadStream(file, { highWaterMark: 2 ** 18 }),
      (source) => checkUtf8(source, file),
      parser,
    );
  } catch (error) {
    throw explain(file, lines + 1, error as Error);
  }
  if (columns === 0)
    throw new DatasetError(`"${file}" is empty: it needs a header with the names of its columns`);
}

function isBlank(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === '';
}

function explain(file: string, line: number, error: Error): Error {
  if (error instanceof DatasetError) return error;
  if (error instanceof CsvError) {
    // The parser notices an open quote only at the end of the file: where the row began helps more.
    const reason =
      error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE'
        ? 'a quote is opened and never closed'
        : error.message;
    return new DatasetError(
      `"${file}" is not well-formed CSV, in the row that begins on line ${line}: ${reason}`,
      {
        cause: error,
      },
    );
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
  };
  return new DatasetError(`cannot read "${file}": ${reasons[code] ?? error.message}`, { cause: error });
}

/** Passes chunks on, cut between characters, once they have proved to be UTF-8. */
async function* checkUtf8(source: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let first = true;
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (
      first &&
      bytes.length >= 2 &&
      (bytes.readUInt16BE(0) === 0xfffe || bytes.readUInt16BE(0) === 0xfeff)
    ) {
      throw new DatasetError(`"${file}" is UTF-16: save it as UTF-8`);
    }
    first = false;
    const whole = bytes.subarray(0, lastBoundary(bytes));
    rest = bytes.subarray(whole.length);
    line = requireUtf8(whole, file, line);
    if (whole.length > 0) yield whole;
  }
  requireUtf8(rest, file, line);
}

/** Length without a character that may go on in the next chunk. */
function lastBoundary(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80) break;
  }
  return bytes.length;
}

/** Counts line feeds, so that an error can say where it is; returns the number of the last line. */
function requireUtf8(bytes: Buffer, file: string, firstLine: number): number {
  const valid = isUtf8(bytes);
  let line = firstLine;
  let start = 0;
  for (;;) {
    const feed = bytes.indexOf(10, start);
    if (!valid && !isUtf8(bytes.subarray(start, feed < 0 ? bytes.length : feed))) {
      throw new DatasetError(`"${file}", line ${line}: invalid UTF-8; save the file as UTF-8`);
    }
    if (feed < 0) return line;
    start = feed + 1;
    line++;
  }
}
