/** The sender of an oblivious programmable function: chooses its value at keys of its own. */
import type { Random } from '../../../bench/contract.ts';
import { AES_BYTES, Aes, xorBlocks } from '../aes/aes.ts';
import { ExpandConvolute } from '../expand-convolute/expand-convolute.ts';
import { FixedFactor } from '../gf128/gf128.ts';
import { SparseStore } from '../okvs/sparse/sparse.ts';
import { bringIntoOrder, type FreeColumns, restoreOrder } from '../okvs/store.ts';
import type { CotSenderRun } from '../ot/cot.ts';
import { type PublicKeys, publicKeys, SALT_BYTES } from '../vole/public-keys.ts';
import { FixedParty } from '../vole/vole.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { opprfKernel } from './kernel.ts';
import type { OpprfShape } from './shape.ts';

/** Bytes of the sender's answer: salt and message of the vector OLE. */
export const answerBytes = (shape: OpprfShape): number => SALT_BYTES + shape.vole.messageBytes;
/** Bytes of the hint: the key of its rows, then its columns. */
export const hintBytes = ({ hintColumns, bytes }: OpprfShape): number => AES_BYTES + hintColumns * bytes;

export class OpprfSender {
  readonly #memory: WorkingMemory;
  readonly #shape: OpprfShape;
  readonly #random: Random;
  readonly #salt: Uint8Array;
  readonly #keys: PublicKeys;
  readonly #fixed: FixedParty;
  readonly #vector: number;
  readonly #times: FixedFactor;
  readonly #chunk: number;
  #rowKey: Uint8Array = new Uint8Array(0);
  #valueKey: Uint8Array = new Uint8Array(0);

  /** Draws trees. @param delta Δ of the transfers. @param chunk most columns that {@link take} is given at once. */
  constructor(memory: WorkingMemory, shape: OpprfShape, delta: Uint8Array, random: Random, chunk: number) {
    this.#memory = memory;
    this.#shape = shape;
    this.#random = random;
    this.#salt = Uint8Array.from(random.bytes(SALT_BYTES));
    this.#keys = publicKeys(this.#salt);
    const code = new ExpandConvolute(memory, shape.vole.rows);
    this.#vector = memory.allocate(code.bytes);
    this.#fixed = new FixedParty({ memory, shape: shape.vole, code }, this.#keys.vole);
    this.#fixed.grow(random, this.#vector);
    const factor = memory.allocate(AES_BYTES);
    memory.bytes(factor, AES_BYTES).set(delta);
    this.#times = new FixedFactor(memory, factor);
    this.#chunk = memory.allocate(chunk * AES_BYTES);
  }

  /** The answer to the receiver's head: {@link answerBytes}. @param delta Δ of the transfers. */
  answer(head: Uint8Array, transfers: CotSenderRun, delta: Uint8Array): Uint8Array {
    const memory = this.#memory;
    const { vole } = this.#shape;
    this.#rowKey = head.slice(0, AES_BYTES);
    this.#valueKey = head.slice(AES_BYTES, 2 * AES_BYTES);
    const mark = memory.mark();
    const rows = memory.allocate(vole.transfers * AES_BYTES);
    transfers.extend(head.subarray(2 * AES_BYTES), vole.transfers, rows);
    const message = this.#fixed.message(rows, delta);
    memory.release(mark);
    return Buffer.concat([this.#salt, message]);
  }

  /** Takes the receiver's columns from number `first` on. */
  take(columns: Uint8Array, first: number): void {
    this.#memory.bytes(this.#chunk, columns.length).set(columns);
    const own = this.#vector + first * AES_BYTES;
    this.#times.multiplyAdd(this.#chunk, own, own, columns.length / AES_BYTES);
  }

  /**
   * All columns are there: the function as it is before programming, at `count` keys, to `out`.
   */
  evaluate(keys: number, count: number, out: number): void {
    const memory = this.#memory;
    const mark = memory.mark();
    const store = new SparseStore(memory, this.#shape.bins);
    const arranged = store.arrange(keys, count, this.#rowKey);
    const elements = memory.allocate(count * AES_BYTES);
    store.decode(arranged, this.#vector, elements);
    // Arranged keys are not needed any more: they become H_B of the keys.
    new Aes(memory, this.#valueKey).mmo(arranged.items, arranged.items, count);
    this.#times.multiplyAdd(arranged.items, elements, elements, count);
    new Aes(memory, this.#keys.output).mmo(elements, elements, count);
    restoreOrder(memory, arranged, elements, out);
    memory.release(mark);
  }

  /**
   * The hint, {@link hintBytes}, under which the function's value at each of the programmed keys is the target for it.
   * @param keys address of the keys, all different; they are hashed under a fresh key.
   * @param targets address of the targets, 16 bytes each, as good as random to the receiver; overwritten.
   * @param free what columns become that no key determines: anything but random shows which keys there are.
   */
  hint(keys: number, targets: number, free: FreeColumns = 'random'): Uint8Array {
    const memory = this.#memory;
    const { programmed, hintColumns, bytes } = this.#shape;
    const hintKey = Uint8Array.from(this.#random.bytes(AES_BYTES));
    const mark = memory.mark();
    const values = memory.allocate(programmed * AES_BYTES);
    this.evaluate(keys, programmed, values);
    xorBlocks(memory, values, targets, targets, programmed);
    const store = new SparseStore(memory, Math.max(1, programmed));
    const arranged = store.arrange(keys, programmed, hintKey);
    bringIntoOrder(memory, arranged, targets, values);
    // What lies behind the columns is written over when they are cut.
    const columns = memory.allocate((hintColumns + 1) * AES_BYTES);
    if (free === 'random') this.#random.fill(memory.bytes(columns, hintColumns * AES_BYTES));
    const encoding = store.encode(arranged, values, columns, free);
    if (!encoding.ok) {
      throw new Error(
        `the values could not be encoded (${encoding.reason}), which happens once in 2^40 runs: run again`,
      );
    }
    opprfKernel(memory).cut(columns, hintColumns, bytes, columns);
    const hint = Buffer.concat([hintKey, memory.bytes(columns, hintColumns * bytes)]);
    memory.release(mark);
    return hint;
  }
}
