/**
 * IKNP (Ishai, Kilian, Nissim, Petrank, CRYPTO 2003) for semi-honest parties. Column j of T is G(k_j^0), row i of the
 * message is u_i = t_i + (row i of the columns G(k_j^1)) + ρ_i·(1 … 1). The sender's column j is G(k_j^{Δ_j}), and its row
 * q_i = (row i of that) + (u_i ∧ Δ) = t_i + ρ_i·Δ. Rows travel, so a message has 16 bytes for each transfer.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import type { KeyPairs } from './base.ts';
import { Columns } from './columns.ts';
import { ColumnMatrix, checkChoices, checkExtension, forPieces, placed, rowKernel } from './rows.ts';
import type { CotReceiverRun, CotSenderRun, SenderRunInput } from './run.ts';

const ROW = 16;
const ONES = new Uint8Array(ROW).fill(0xff);

export class IknpReceiverRun implements CotReceiverRun {
  readonly #memory: WorkingMemory;
  readonly #zero: Columns;
  readonly #one: Columns;

  constructor(memory: WorkingMemory, keys: KeyPairs, run: number) {
    this.#memory = memory;
    this.#zero = new Columns(memory, keys.zero, run);
    this.#one = new Columns(memory, keys.one, run);
  }

  messageBytes(count: number): number {
    return count * ROW;
  }

  extend(choices: Uint8Array, count: number, rows: number): Uint8Array {
    checkChoices(choices, count);
    const message = new Uint8Array(this.messageBytes(count));
    const memory = this.#memory;
    const outer = memory.mark();
    const bits = placed(memory, choices);
    const ones = placed(memory, ONES);
    const mark = memory.mark();
    forPieces(count, (first, n) => {
      const matrix = new ColumnMatrix(memory, 128, n);
      const sums = memory.allocate(n * ROW);
      this.#zero.write(matrix.at, matrix.stride, matrix.bytes);
      matrix.writeRows(rows + first * ROW, ROW);
      this.#one.add(matrix.at, matrix.at, matrix.stride, matrix.bytes);
      matrix.writeRows(sums, ROW);
      rowKernel(memory).addWhere(sums, bits, first, 1, ones, n);
      message.set(memory.bytes(sums, n * ROW), first * ROW);
      memory.release(mark);
    });
    memory.release(outer);
    return message;
  }
}

export class IknpSenderRun implements CotSenderRun {
  readonly #memory: WorkingMemory;
  readonly #delta: Uint8Array;
  readonly #columns: Columns;
  readonly #peer: string;

  constructor({ memory, delta, keys, run, peer }: SenderRunInput) {
    this.#memory = memory;
    this.#delta = Uint8Array.from(delta);
    this.#columns = new Columns(memory, keys, run);
    this.#peer = peer;
  }

  messageBytes(count: number): number {
    return count * ROW;
  }

  extend(message: Uint8Array, count: number, rows: number): void {
    checkExtension(message, this.messageBytes(count), count, this.#peer);
    const memory = this.#memory;
    const mark = memory.mark();
    forPieces(count, (first, n) => {
      const matrix = new ColumnMatrix(memory, 128, n);
      this.#columns.write(matrix.at, matrix.stride, matrix.bytes);
      matrix.writeRows(rows + first * ROW, ROW);
      memory.release(mark);
    });
    rowKernel(memory).addMasked(rows, placed(memory, message), placed(memory, this.#delta), count);
    memory.release(mark);
  }
}
