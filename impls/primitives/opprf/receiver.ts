/**
 * The receiver of an oblivious programmable function: has one key for each bin and learns the function there. At keys
 * that the sender has programmed it is the value chosen for them, everywhere else it is random; the receiver cannot
 * tell which.
 */
import type { Random } from '../../../bench/contract.ts';
import { AES_BYTES, Aes, xorBlocks } from '../aes/aes.ts';
import { ExpandConvolute } from '../expand-convolute/expand-convolute.ts';
import { type ArrangedSparse, SparseStore } from '../okvs/sparse/sparse.ts';
import { restoreOrder } from '../okvs/store.ts';
import type { CotReceiverRun } from '../ot/cot.ts';
import { publicKeys, SALT_BYTES } from '../vole/public-keys.ts';
import { NoisyParty } from '../vole/vole.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { opprfKernel } from './kernel.ts';
import type { OpprfShape } from './shape.ts';

/** What the receiver sends first: two keys of hashes and its transfers. */
export function headBytes(shape: OpprfShape, transfers: { messageBytes(count: number): number }): number {
  return 2 * AES_BYTES + transfers.messageBytes(shape.vole.transfers);
}

export class OpprfReceiver {
  /** The first message, {@link headBytes}. */
  readonly head: Uint8Array;
  readonly #memory: WorkingMemory;
  readonly #shape: OpprfShape;
  readonly #keys: number;
  readonly #arranged: ArrangedSparse;
  readonly #store: SparseStore;
  readonly #noisy: NoisyParty;
  readonly #code: ExpandConvolute;
  readonly #vector: number;
  readonly #rows: number;

  /**
   * Hides the keys.
   * @param keys address of one key for each bin, 16 bytes, all different.
   */
  constructor(
    memory: WorkingMemory,
    shape: OpprfShape,
    keys: number,
    transfers: CotReceiverRun,
    random: Random,
  ) {
    const { bins, columns, vole } = shape;
    this.#memory = memory;
    this.#shape = shape;
    this.#keys = keys;
    this.#code = new ExpandConvolute(memory, vole.rows);
    this.#vector = memory.allocate(this.#code.bytes);
    this.#rows = memory.allocate(vole.transfers * AES_BYTES);
    // Drawn after the keys are fixed, as the proof asks.
    const drawn = random.bytes(2 * AES_BYTES);
    this.#store = new SparseStore(memory, bins);
    this.#arranged = this.#store.arrange(keys, bins, drawn.subarray(0, AES_BYTES));
    this.#noisy = new NoisyParty({ memory, shape: vole, code: this.#code }, random);

    const mark = memory.mark();
    const encoded = memory.allocate(columns * AES_BYTES);
    const values = memory.allocate(bins * AES_BYTES);
    new Aes(memory, drawn.slice(AES_BYTES)).mmo(this.#arranged.items, values, bins);
    const encoding = this.#store.encode(this.#arranged, values, encoded, 'zero');
    if (!encoding.ok) {
      throw new Error(
        `the keys could not be encoded (${encoding.reason}), which happens once in 2^40 runs: run again`,
      );
    }
    this.#noisy.noise(this.#vector);
    xorBlocks(memory, this.#vector, encoded, this.#vector, columns);
    memory.release(mark);
    const message = transfers.extend(this.#noisy.choices, vole.transfers, this.#rows);
    this.head = Buffer.concat([drawn, message]);
  }

  /** The hidden keys, to be sent after the head: 16 bytes for each column. */
  get columns(): Uint8Array {
    return this.#memory.bytes(this.#vector, this.#shape.columns * AES_BYTES);
  }

  /**
   * Takes the sender's answer (salt and message of the vector OLE) and computes the function as it is before programming,
   * in the order of the bins, to `out`. The columns must have been sent: they are overwritten.
   */
  answer(answer: Uint8Array, out: number): void {
    const memory = this.#memory;
    const keys = publicKeys(answer.slice(0, SALT_BYTES));
    this.#noisy.correlate(keys.vole, this.#rows, answer.subarray(SALT_BYTES), this.#vector);
    const mark = memory.mark();
    const elements = memory.allocate(this.#shape.bins * AES_BYTES);
    this.#store.decode(this.#arranged, this.#vector, elements);
    new Aes(memory, keys.output).mmo(elements, elements, this.#shape.bins);
    restoreOrder(memory, this.#arranged, elements, out);
    memory.release(mark);
  }

  /**
   * Adds what the hint says to the values at `values`.
   * @param hintKey of the hint's rows. @param columns address of its columns as they were sent, and 16 bytes more.
   */
  program(hintKey: Uint8Array, columns: number, values: number): void {
    const memory = this.#memory;
    const { bins, programmed, hintColumns, bytes } = this.#shape;
    const mark = memory.mark();
    const spread = memory.allocate(hintColumns * AES_BYTES);
    opprfKernel(memory).spread(columns, hintColumns, bytes, spread);
    const store = new SparseStore(memory, Math.max(1, programmed));
    const arranged = store.arrange(this.#keys, bins, hintKey);
    const decoded = memory.allocate(bins * AES_BYTES);
    store.decode(arranged, spread, decoded);
    const ordered = memory.allocate(bins * AES_BYTES);
    restoreOrder(memory, arranged, decoded, ordered);
    xorBlocks(memory, values, ordered, values, bins);
    memory.release(mark);
  }
}
