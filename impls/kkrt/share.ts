/**
 * What a thread does of a party's work on a block of bins: a share of the columns, then of the rows or tags, in the
 * memory that all threads have in common. The main thread has one too; with one thread it is all of the work.
 */
import {
  TRANSPOSE_SCRATCH_BYTES,
  type TransposeKernel,
  transposeKernel,
} from '../primitives/transpose/transpose.ts';
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { COLUMNS } from './parameters.ts';

/** Does `work`, and may time it under `name`. */
export type Timer = <T>(name: string, work: () => T) => T;

/** Which of how many threads. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** A thread's share of some work that has been cut up: orders that only its own kind of share understands. */
export interface Share<Order> {
  do(order: Order): void;
}

/** Bytes of working memory that a share takes at most. */
export const SHARE_BYTES = 2 << 20;

/** A matrix by columns, in the common memory. */
export interface MatrixPlace {
  readonly at: number;
  readonly stride: number;
}

/** Allocates a matrix for `bins` bins. */
export function allocateMatrix(memory: WorkingMemory, bins: number): MatrixPlace {
  // Not a multiple of 4,096: the transposition reads a line of every column in turn.
  const stride = Math.ceil(columnBytes(bins) / 64) * 64 + 64;
  return { at: memory.allocate(COLUMNS * stride), stride };
}

/** Bytes of a column of `bins` bins: whole blocks of AES. */
export function columnBytes(bins: number): number {
  return Math.ceil(bins / 128) * 16;
}

/** The columns of a part: from the first to before the last. */
export function columnsOf({ index, of }: Part): readonly [from: number, to: number] {
  return [Math.floor((COLUMNS * index) / of), Math.floor((COLUMNS * (index + 1)) / of)];
}

/** Transposes parts of matrices, with scratch of its own. */
export class Transposer {
  readonly #kernel: TransposeKernel;
  readonly #scratch: number;

  constructor(memory: WorkingMemory) {
    this.#kernel = transposeKernel(memory);
    this.#scratch = memory.allocate(TRANSPOSE_SCRATCH_BYTES);
  }

  /** Rows `from` to `from + n` of the matrix, 64 bytes each, to `to`. `from` is a multiple of 128. */
  write({ at, stride }: MatrixPlace, from: number, n: number, to: number): void {
    this.#kernel.transpose(at + from / 8, stride, COLUMNS, n, to, 64, this.#scratch);
  }

  /** Adds them (XOR) to what is at `to`. */
  add({ at, stride }: MatrixPlace, from: number, n: number, to: number): void {
    this.#kernel.transposeXor(at + from / 8, stride, COLUMNS, n, to, 64, this.#scratch);
  }
}
