/**
 * SoftSpoken (Roy, CRYPTO 2022, ePrint 2022/192) with k = 4 for semi-honest parties: a quarter of IKNP's bytes.
 *
 * Four base transfers make one of 32 blocks. In each the receiver has sixteen leaves of a tree and with them sixteen
 * columns G_x, x from 0 to 15; the sender has all but that whose label x is Δ_b, the block's four bits of Δ. Then
 *
 *     receiver   u = Σ_x G_x,   v_d = Σ_x x_d·G_x        (d = 0 … 3, x_d bit d of x)
 *     sender     w_d = Σ_{x ≠ Δ_b} (x_d + Δ_{b,d})·G_x = v_d + Δ_{b,d}·u
 *
 * since the term of the missing leaf has factor 0. The receiver sends u + ρ for each block, 32 bits a transfer, and
 * w_d + Δ_{b,d}·(u + ρ) = v_d + Δ_{b,d}·ρ. So column 4b + d of T is v_d.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import type { KeyPairs } from './base.ts';
import { Columns } from './columns.ts';
import { LEAVES, leavesByLabel, leavesExcept, TREE_BLOCKS, TREE_MESSAGE_BYTES } from './leaves.ts';
import { bitOf, ColumnMatrix, checkChoices, checkExtension, forPieces, placed, rowKernel } from './rows.ts';
import type { CotReceiverRun, CotSenderRun, SenderRunInput } from './run.ts';

const ROW = 16;
/** Bytes of a transfer in a message: one bit for each block. */
const SUM_BYTES = TREE_BLOCKS / 8;

/**
 * Sums of the columns of all blocks: for each block the columns lie at slots 0 … 15, and what remains is
 * column d of block b at 4b + d in `parts` and, where it is given, the sum of all in `totals`.
 */
function fold(memory: WorkingMemory, slots: ColumnMatrix, parts: ColumnMatrix, totals?: ColumnMatrix): void {
  const words = slots.bytes / 4;
  const column = (matrix: ColumnMatrix, j: number) => memory.words(matrix.at + j * matrix.stride, words);
  for (let block = 0; block < TREE_BLOCKS; block++) {
    for (let half = LEAVES / 2, d = 3; half >= 1; half >>= 1, d--) {
      // Slots below 2·half remain. Those with bit d set make part d; adding them to the others clears the bit.
      const part = column(parts, 4 * block + d).fill(0);
      for (let x = 0; x < half; x++) {
        const upper = column(slots, block * LEAVES + half + x);
        const lower = column(slots, block * LEAVES + x);
        for (let k = 0; k < words; k++) {
          const word = upper[k]!;
          part[k]! ^= word;
          lower[k]! ^= word;
        }
      }
    }
    if (totals) column(totals, block).set(column(slots, block * LEAVES));
  }
}

export class SoftSpokenReceiverRun implements CotReceiverRun {
  readonly #memory: WorkingMemory;
  readonly #columns: Columns;
  /** What lets the sender make its leaves: goes before the first message. */
  #trees: Uint8Array;

  constructor(memory: WorkingMemory, keys: KeyPairs, run: number) {
    this.#memory = memory;
    const { leaves, message } = leavesByLabel(keys, run);
    this.#columns = new Columns(memory, leaves, run);
    this.#trees = message;
  }

  messageBytes(count: number): number {
    return this.#trees.length + count * SUM_BYTES;
  }

  extend(choices: Uint8Array, count: number, rows: number): Uint8Array {
    checkChoices(choices, count);
    const message = new Uint8Array(this.messageBytes(count));
    message.set(this.#trees);
    const sums = new DataView(message.buffer, this.#trees.length);
    this.#trees = new Uint8Array(0);
    const memory = this.#memory;
    const mark = memory.mark();
    forPieces(count, (first, n) => {
      const slots = new ColumnMatrix(memory, TREE_BLOCKS * LEAVES, n);
      const parts = new ColumnMatrix(memory, 128, n);
      const totals = new ColumnMatrix(memory, TREE_BLOCKS, n);
      const totalRows = memory.allocate(n * ROW);
      this.#columns.write(slots.at, slots.stride, slots.bytes);
      fold(memory, slots, parts, totals);
      parts.writeRows(rows + first * ROW, ROW);
      totals.writeRows(totalRows, ROW);
      memory.words(totalRows, n * 4).forEach((word, at) => {
        // Of each row of 16 bytes the first four are the blocks' bits.
        if ((at & 3) !== 0) return;
        const i = first + (at >> 2);
        sums.setUint32(i * SUM_BYTES, word ^ -bitOf(choices, i), true);
      });
      memory.release(mark);
    });
    return message;
  }
}

export class SoftSpokenSenderRun implements CotSenderRun {
  readonly #input: SenderRunInput;
  readonly #delta: readonly Uint8Array[];
  #columns: Columns | undefined;

  constructor(input: SenderRunInput) {
    this.#input = input;
    // For each block a row that has the block's bits of Δ only.
    this.#delta = Array.from({ length: TREE_BLOCKS }, (_, block) =>
      input.delta.map((byte, i) => (i === block >> 1 ? byte & (block & 1 ? 0xf0 : 0x0f) : 0)),
    );
  }

  messageBytes(count: number): number {
    return (this.#columns ? 0 : TREE_MESSAGE_BYTES) + count * SUM_BYTES;
  }

  extend(message: Uint8Array, count: number, rows: number): void {
    const { memory, delta, keys, run, peer } = this.#input;
    checkExtension(message, this.messageBytes(count), count, peer);
    const trees = message.subarray(0, message.length - count * SUM_BYTES);
    // Slot x + Δ of a block: the missing one is slot 0, which no part contains and whose column may be anything.
    this.#columns ??= new Columns(memory, leavesExcept(keys, delta, trees, run), run);
    const columns = this.#columns;
    const mark = memory.mark();
    forPieces(count, (first, n) => {
      const slots = new ColumnMatrix(memory, TREE_BLOCKS * LEAVES, n);
      const parts = new ColumnMatrix(memory, 128, n);
      columns.write(slots.at, slots.stride, slots.bytes);
      fold(memory, slots, parts);
      parts.writeRows(rows + first * ROW, ROW);
      memory.release(mark);
    });
    const sums = placed(memory, message.subarray(trees.length));
    this.#delta.forEach((own, block) => {
      rowKernel(memory).addWhere(rows, sums, block, 8 * SUM_BYTES, placed(memory, own), count);
    });
    memory.release(mark);
  }
}
