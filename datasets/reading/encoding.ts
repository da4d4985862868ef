/** From the bytes of a text file, in whatever encoding, to UTF-8. */
import { isUtf8 } from 'node:buffer';
import { DatasetError } from '../spec.ts';

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The name under which the platform knows an encoding. As on the Web, `latin1` is Windows-1252, which
 * has everything that Latin-1 has but control characters nobody uses.
 * @throws {DatasetError} for names it does not know.
 */
export function canonicalEncoding(name: string): string {
  try {
    return new TextDecoder(name.trim()).encoding;
  } catch {
    throw new DatasetError(
      `no encoding is called "${name}": write it as utf-8, utf-16le, windows-1252, iso-8859-15, …`,
    );
  }
}

/** The encoding that a byte order mark announces. */
function markedEncoding(head: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | null {
  if (head.subarray(0, 3).equals(UTF8_MARK)) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return null;
}

/**
 * Passes text on as UTF-8, in chunks that end between characters.
 * @param encoding what it is in; undefined: what its byte order mark says, or UTF-8.
 * @throws {DatasetError} naming `file`, the line and the byte that is not of that encoding.
 */
export async function* toUtf8(
  source: AsyncIterable<Buffer>,
  file: string,
  encoding?: string,
): AsyncGenerator<Buffer> {
  const { head, whole } = await peek(source, 2 ** 16);
  const marked = markedEncoding(head);
  const declared = encoding === undefined ? undefined : canonicalEncoding(encoding);
  if (marked && declared && marked !== declared) {
    throw new DatasetError(
      `"${file}" begins with the byte order mark of ${marked}, but its encoding is said to be ${declared}`,
    );
  }
  const used = declared ?? marked ?? 'utf-8';
  if (!used.startsWith('utf-16')) refuseNul(head, file);
  if (used === 'utf-8') {
    yield* checkedUtf8(whole, file);
    return;
  }
  if (!used.startsWith('utf-16')) refuseUtf8(head, file, used);
  yield* transcoded(whole, file, used);
}

/** The first bytes of a stream, and the stream with them. */
export async function peek(
  source: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; whole: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const { value, done } = await iterator.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      for (const chunk of chunks.splice(0)) yield chunk;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(chunks).subarray(0, bytes), whole: whole() };
}

/** Text has no NUL; UTF-16 without a mark has one in every other byte. */
function refuseNul(head: Buffer, file: string): void {
  if (!head.includes(0)) return;
  const nuls = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) nuls[i % 2] = (nuls[i % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = nuls;
  const most = head.length / 4;
  const guess = odd > most && even === 0 ? 'utf-16le' : even > most && odd === 0 ? 'utf-16be' : null;
  throw new DatasetError(
    guess
      ? `"${file}" looks like UTF-16 without a byte order mark: say so with --encoding ${guess}, or save it as UTF-8`
      : `"${file}" holds NUL bytes: it is not a text file`,
  );
}

/** Read in a one-byte encoding, UTF-8 becomes other letters without a word. */
function refuseUtf8(head: Buffer, file: string, encoding: string): void {
  const text = head.subarray(0, lastBoundary(head));
  const beyondAscii = text.reduce((count, byte) => count + Number(byte >= 0xc0), 0);
  if (beyondAscii < 2 || !isUtf8(text)) return;
  throw new DatasetError(
    `"${file}" is UTF-8, but its encoding is said to be ${encoding}: leave that out, or say it of the other file only (--receiver-encoding, --sender-encoding)`,
  );
}

async function* transcoded(
  source: AsyncIterable<Buffer>,
  file: string,
  encoding: string,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  const decode = (chunk?: Buffer) => {
    try {
      return Buffer.from(chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode());
    } catch (error) {
      throw new DatasetError(`"${file}", on line ${line} or later: it is not valid ${encoding}`, {
        cause: error,
      });
    }
  };
  for await (const chunk of source) {
    const text = decode(chunk);
    for (let feed = text.indexOf(10); feed >= 0; feed = text.indexOf(10, feed + 1)) line++;
    if (text.length > 0) yield text;
  }
  const rest = decode();
  if (rest.length > 0) yield rest;
}

/** Passes chunks on, cut between characters, once they have proved to be UTF-8. */
async function* checkedUtf8(source: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
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
    const byte = bytes.readUInt8(bytes.length - back);
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
    const text = bytes.subarray(start, feed < 0 ? bytes.length : feed);
    if (!valid && !isUtf8(text)) throw notUtf8(text, file, line);
    if (feed < 0) return line;
    start = feed + 1;
    line++;
  }
}

function notUtf8(text: Buffer, file: string, line: number): DatasetError {
  let end = 1;
  while (end < text.length && (isUtf8(text.subarray(0, end)) || lastBoundary(text.subarray(0, end)) < end))
    end++;
  // The fault shows at the byte after which nothing can be right: the character began before it.
  let start = end - 1;
  while (start > 0 && !isUtf8(text.subarray(0, start))) start--;
  const byte = text.readUInt8(start);
  const letter = new TextDecoder('windows-1252').decode(text.subarray(start, start + 1));
  const guess = /\p{L}|[€‘’“”–—§°ºª]/u.test(letter)
    ? `; in Windows-1252, it is "${letter}"): say so with --encoding windows-1252, or save the file as UTF-8`
    : '): save the file as UTF-8';
  const hex = byte.toString(16).toUpperCase().padStart(2, '0');
  return new DatasetError(`"${file}", line ${line}: invalid UTF-8 (byte 0x${hex}${guess}`);
}
