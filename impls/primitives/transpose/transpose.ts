/**
 * Transposition of bit matrices by the WebAssembly kernel of `assembly/`. Oblivious transfer extension makes
 * its matrices column by column (a generator for each base transfer) and uses them row by row.
 *
 * Bit j of a row is bit j mod 8, least significant first, of its byte j div 8.
 */
import { kernelModule } from '../kernels/load.ts';

/** Addresses and strides are bytes in the memory that the kernel was made over; see `assembly/index.ts`. */
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

/** The kernel over `memory`. It keeps nothing there between calls. */
export function transposeKernel(memory: WebAssembly.Memory): TransposeKernel {
  const instance = new WebAssembly.Instance(kernelModule('transpose'), { env: { memory } });
  return instance.exports as unknown as TransposeKernel;
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
  const from = TRANSPOSE_SCRATCH_BYTES;
  const to = from + rows * fromStride;
  const memory = new WebAssembly.Memory({ initial: ((to + columns * toStride) >>> 16) + 1 });
  const bytes = new Uint8Array(memory.buffer);
  for (let i = 0; i < rows; i++) {
    bytes.set(matrix.subarray(i * rowBytes, (i + 1) * rowBytes), from + i * fromStride);
  }
  transposeKernel(memory).transpose(from, fromStride, rows, columns, to, toStride, 0);
  const out = new Uint8Array(columns * outBytes);
  for (let i = 0; i < columns; i++) {
    const start = to + i * toStride;
    out.set(bytes.subarray(start, start + outBytes), i * outBytes);
  }
  return out;
}

/** Bytes rounded up to whole vectors. */
function roomFor(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}
