/** The text of a file, decompressed and in UTF-8, whatever it is stored as. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DatasetError } from '../spec.ts';
import { peek, toUtf8 } from './encoding.ts';
import { foreignKind } from './file-kind.ts';

const CHUNK_BYTES = 2 ** 18;
/** Enough to know an office document by the names of its first members. */
const HEAD_BYTES = 4096;

/**
 * Reads a file of text as UTF-8; gzip is undone. Chunks end between characters.
 * @param encoding see {@link toUtf8}.
 * @throws {DatasetError} when it cannot be read, or is no text, named as what it is.
 */
export async function* readText(file: string, encoding?: string): AsyncGenerator<Buffer> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new DatasetError(`cannot read "${file}": it is a folder`);
    if (!found.isFile()) {
      throw new DatasetError(`cannot read "${file}" more than once, as is needed: it is not a regular file`);
    }
    const stored = await peek(createReadStream(file, { highWaterMark: CHUNK_BYTES }), HEAD_BYTES);
    const isGzip = stored.head[0] === 0x1f && stored.head[1] === 0x8b;
    const plain = isGzip ? await peek(gunzipped(stored.whole), HEAD_BYTES) : stored;
    refuseForeign(plain.head, file, isGzip);
    yield* toUtf8(plain.whole, file, encoding);
  } catch (error) {
    throw explained(error, file);
  }
}

/** Errors come out where the result is read. */
function gunzipped(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  pipeline(source, gunzip, () => {});
  return gunzip;
}

function refuseForeign(head: Buffer, file: string, isGzip: boolean): void {
  if (isGzip && head[0] === 0x1f && head[1] === 0x8b) {
    throw new DatasetError(`"${file}" is compressed with gzip twice: decompress it once`);
  }
  const foreign = foreignKind(head);
  if (foreign) {
    throw new DatasetError(
      `"${file}" is no CSV file but ${foreign.kind}${isGzip ? ', compressed with gzip' : ''}: ${foreign.advice}`,
    );
  }
}

function explained(error: unknown, file: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof DatasetError || code === undefined) return error;
  if (code === 'Z_BUF_ERROR') {
    return new DatasetError(`"${file}" is cut off: its gzip data end too early`, { cause: error });
  }
  if (code.startsWith('Z_')) {
    return new DatasetError(`"${file}" is damaged: its gzip data cannot be decompressed (${message})`, {
      cause: error,
    });
  }
  if (!/^E[A-Z]+$/.test(code)) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    EMFILE: 'this process may open no more files (see ulimit -n)',
  };
  return new DatasetError(`cannot read "${file}": ${reasons[code] ?? message}`, { cause: error });
}
