/** A thread's share of the receiver's work: columns of both generators, then rows of U and the hashes of T. */
import { Blake3 } from '../primitives/blake3/blake3.ts';
import { Columns } from '../primitives/ot/columns.ts';
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { ITEM_BYTES, ROW_ROOM, RunFunctions } from './common.ts';
import type { OprfKernel } from './kernel.ts';
import { ROW_BYTES } from './parameters.ts';
import {
  columnBytes,
  columnsOf,
  type MatrixPlace,
  type Part,
  type Share,
  type Timer,
  Transposer,
} from './share.ts';

/** Bins whose rows are made at once: they stay in the second-level cache. */
export const TILE = 4096;

/** Where everything is. Numbers are addresses in the common memory. */
export interface ReceiverPlan {
  readonly role: 'receiver';
  readonly run: number;
  readonly runKeys: Uint8Array;
  readonly zero: Uint8Array;
  readonly one: Uint8Array;
  /** T, and T plus the columns of the other keys, for one block. */
  readonly own: MatrixPlace;
  readonly sums: MatrixPlace;
  readonly items: number;
  readonly table: number;
  /** For each tile of the block, at 16 bytes for each of its bins, the hashes of its non-empty ones. */
  readonly hashes: number;
}

export type ReceiverOrder =
  | { readonly do: 'columns'; readonly n: number }
  /** Bins `from` to `to` of the block that begins at `first`; the block's rows go to `packed`. */
  | {
      readonly do: 'rows';
      readonly first: number;
      readonly from: number;
      readonly to: number;
      readonly packed: number;
    };

export class ReceiverShare implements Share<ReceiverOrder> {
  readonly #plan: ReceiverPlan;
  readonly #time: Timer;
  readonly #kernel: OprfKernel;
  readonly #functions: RunFunctions;
  readonly #hash: Blake3;
  readonly #transposer: Transposer;
  readonly #firstColumn: number;
  readonly #zero: Columns;
  readonly #one: Columns;
  readonly #z: number;
  readonly #planes: number;
  readonly #rows: number;
  readonly #masked: number;

  constructor(memory: WorkingMemory, plan: ReceiverPlan, part: Part, time: Timer) {
    this.#plan = plan;
    this.#time = time;
    this.#kernel = memory.kernel<OprfKernel>('oprf');
    this.#functions = new RunFunctions(memory, plan.runKeys);
    this.#hash = new Blake3(memory);
    this.#transposer = new Transposer(memory);
    const [from, to] = columnsOf(part);
    this.#firstColumn = from;
    this.#zero = new Columns(memory, plan.zero.subarray(16 * from, 16 * to), plan.run);
    this.#one = new Columns(memory, plan.one.subarray(16 * from, 16 * to), plan.run);
    this.#z = memory.allocate(TILE * ITEM_BYTES);
    this.#planes = memory.allocate(4 * TILE * ITEM_BYTES);
    this.#rows = memory.allocate(TILE * ROW_ROOM);
    this.#masked = memory.allocate(TILE * ROW_ROOM);
  }

  do(order: ReceiverOrder): void {
    if (order.do === 'columns') this.#columns(order.n);
    else {
      for (let at = order.from; at < order.to; at += TILE) {
        this.#tile(order.first + at, at, Math.min(TILE, order.to - at), order.packed + at * ROW_BYTES);
      }
    }
  }

  #columns(n: number): void {
    const { own, sums } = this.#plan;
    const offset = this.#firstColumn * own.stride;
    this.#time('generator', () => {
      this.#zero.write(own.at + offset, own.stride, columnBytes(n));
      this.#one.add(own.at + offset, sums.at + offset, own.stride, columnBytes(n));
    });
  }

  #tile(first: number, at: number, n: number, packed: number): void {
    const { own, sums, items, table, hashes, run } = this.#plan;
    const here = table + 4 * first;
    const stride = TILE * ITEM_BYTES;
    this.#time('code', () => {
      this.#kernel.gatherBins(here, n, items, this.#z);
      this.#functions.code(this.#z, n, this.#planes, stride);
      this.#kernel.codeRows(here, n, this.#z, this.#planes, stride, this.#masked);
    });
    this.#time('transposition', () => {
      this.#transposer.write(own, at, n, this.#rows);
      this.#transposer.add(sums, at, n, this.#masked);
    });
    this.#time('wire', () => this.#kernel.pack(this.#masked, n, packed));
    this.#time('hash', () => {
      // The rows of U are packed: their room is the hash's input.
      const count = this.#kernel.ownBlocks(here, n, this.#rows, first, run, this.#masked);
      this.#hash.hash(this.#masked, count, ROW_ROOM, hashes + at * 16, 16);
    });
  }
}
