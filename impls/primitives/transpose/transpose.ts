/**
 * Transposition of bit matrices by the WebAssembly kernel of `assembly/`. Oblivious transfer extension makes
 * its matrices column by column (a generator for each base transfer) and uses them row by row.
 *
 * Bit j of a row is bit j mod 8, least significant first, of its byte j div 8.
 */
import { WorkingMemory } from '../working-memory/working-memory.ts';

/** Addresses and strides are bytes in the working memory; see `assembly/index.ts`. */
export interface TransposeKernel {
  /**
   * Writes the `columns` columns of a matrix of `rows` rows to `to`, one every `toStride` bytes.
   * Rows are read, and columns written, in whole 16 bytes: strides are multiples of 16 that leave room for
   * it, and the bits after a column's last one become 0.
   *
   * A `fromStride` that is a multiple of 4,096 puts all rows into one set of the cache: add 64.
   */
  transpose(
    from: number,
    fromStride: number,
    rows: number,
    columns: number,
    to: number,
    toStride: number,
    scratch: number,
  ): void;
  /** The same, but the columns are added (XOR) to what stands at `to`. */
  transposeXor: TransposeKernel['transpose'];
}

/** Bytes at `scratch` that a call overwrites; the address must be a multiple of 16. */
export const TRANSPOSE_SCRATCH_BYTES = 2048;

/** The kernel in `memory`. It keeps nothing there between calls. */
export function transposeKernel(memory: WorkingMemory): TransposeKernel {
  return memory.kernel<TransposeKernel>('transpose');
}

/**
 * The transpose of one matrix that lies anywhere, for small and rare ones.
 * @param matrix `rows` rows of ⌈columns / 8⌉ bytes, one behind the other.
 * @returns `columns` rows of ⌈rows / 8⌉ bytes; the bits after each row's last one are 0.
 * @throws RangeError when `matrix` has another length.
 */
export function transposeBits(matrix: Uint8Array, rows: number, columns: number): Uint8Array<ArrayBuffer> {
  const rowBytes = Math.ceil(columns / 8);
  if (matrix.length !== rows * rowBytes) {
    throw new RangeError(
      `"matrix" must have ${rows} rows of ${rowBytes} bytes, ${rows * rowBytes} in all, got ${matrix.length}`,
    );
  }
  const outBytes = Math.ceil(rows / 8);
  const fromStride = roomFor(rowBytes);
  const toStride = roomFor(outBytes);
  const memory = new WorkingMemory();
  const scratch = memory.allocate(TRANSPOSE_SCRATCH_BYTES);
  const from = memory.allocate(rows * fromStride);
  const to = memory.allocate(columns * toStride);
  for (let i = 0; i < rows; i++) {
    memory.bytes(from + i * fromStride, rowBytes).set(matrix.subarray(i * rowBytes, (i + 1) * rowBytes));
  }
  transposeKernel(memory).transpose(from, fromStride, rows, columns, to, toStride, scratch);
  const out = new Uint8Array(columns * outBytes);
  for (let i = 0; i < columns; i++) {
    out.set(memory.bytes(to + i * toStride, outBytes), i * outBytes);
  }
  return out;
}

/** Bytes rounded up to whole vectors. */
function roomFor(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}
