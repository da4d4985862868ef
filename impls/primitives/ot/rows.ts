/** What both constructions do alike with rows of 128 bits that lie in a working memory, four words each. */
import { TRANSPOSE_SCRATCH_BYTES, transposeKernel } from '../transpose/transpose.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** Transfers that are worked on at once: 8 KiB of each column, 1 MiB of rows. */
const PIECE = 1 << 16;

/** Cuts `count` transfers into pieces, of which all but the last are multiples of 128. */
export function forPieces(count: number, work: (first: number, n: number) => void): void {
  for (let first = 0; first < count; first += PIECE) work(first, Math.min(PIECE, count - first));
}

/** A bit matrix by columns: where it is, and how far its columns are apart. */
export class ColumnMatrix {
  readonly at: number;
  readonly stride: number;
  /** Bytes of a column: whole blocks of 16. */
  readonly bytes: number;
  readonly #memory: WorkingMemory;
  readonly #columns: number;
  readonly #rows: number;
  readonly #scratch: number;

  /** Allocates it in `memory`. */
  constructor(memory: WorkingMemory, columns: number, rows: number) {
    this.#memory = memory;
    this.#columns = columns;
    this.#rows = rows;
    this.bytes = Math.ceil(rows / 128) * 16;
    // Not a multiple of 4,096: the transposition reads a line of every column in turn.
    this.stride = Math.ceil(this.bytes / 64) * 64 + 64;
    this.at = memory.allocate(columns * this.stride);
    this.#scratch = memory.allocate(TRANSPOSE_SCRATCH_BYTES);
  }

  /** Writes the matrix by rows: `rowBytes` (a multiple of 16) for each, to `to`. */
  writeRows(to: number, rowBytes: number): void {
    const kernel = transposeKernel(this.#memory);
    kernel.transpose(this.at, this.stride, this.#columns, this.#rows, to, rowBytes, this.#scratch);
  }
}

/** The kernel of this folder; what the functions do: `assembly/index.ts`. */
export interface RowKernel {
  addWhere(rows: number, bits: number, first: number, stride: number, mask: number, count: number): void;
  addMasked(rows: number, others: number, mask: number, count: number): void;
}

/** The kernel in `memory`. It keeps nothing there between calls. */
export function rowKernel(memory: WorkingMemory): RowKernel {
  return memory.kernel<RowKernel>('ot');
}

/** A copy of `bytes` in `memory`, until the caller's mark is released. */
export function placed(memory: WorkingMemory, bytes: Uint8Array): number {
  const address = memory.allocate(bytes.length);
  memory.bytes(address, bytes.length).set(bytes);
  return address;
}

/** Bit i of packed bits, least significant first. */
export function bitOf(bits: Uint8Array, i: number): number {
  return ((bits[i >> 3] ?? 0) >> (i & 7)) & 1;
}

/** @throws RangeError when there are fewer than `count` choice bits. */
export function checkChoices(choices: Uint8Array, count: number): void {
  if (choices.length < Math.ceil(count / 8)) {
    throw new RangeError(
      `"choices" must have ${Math.ceil(count / 8)} bytes for ${count} transfers, got ${choices.length}`,
    );
  }
}

/** @throws Error naming the peer when a message has another length. */
export function checkExtension(message: Uint8Array, expected: number, count: number, peer: string): void {
  if (message.length !== expected) {
    throw new Error(
      `the ${peer}'s message for ${count} correlated transfers must have ${expected} bytes, got ${message.length}: it plays another protocol`,
    );
  }
}
