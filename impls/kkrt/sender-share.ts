/** A thread's share of the sender's work: columns of the generator, rows of Q, then tags of pairs. */
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

/** Pairs that are worked on at once: their buffers stay in the second-level cache. */
const CHUNK = 4096;
export const PAIR_BYTES = 8;

/** Where everything is. Numbers are addresses in the common memory. */
export interface SenderPlan {
  readonly role: 'sender';
  readonly run: number;
  readonly runKeys: Uint8Array;
  readonly keys: Uint8Array;
  /** s, in a row's room. */
  readonly secret: number;
  readonly matrix: MatrixPlace;
  /** Rows of one block, and what came for it. */
  readonly rows: number;
  readonly packed: number;
  readonly items: number;
  /** For each list the places of the items' tags, and the list. */
  readonly orders: readonly number[];
  readonly lists: readonly number[];
  readonly width: number;
}

export type SenderOrder =
  | { readonly do: 'columns'; readonly n: number }
  /** Bins `from` to `to` of the block: rows of Q without and then with what came. */
  | { readonly do: 'transpose' | 'mask'; readonly from: number; readonly to: number }
  /** The `n` pairs at `at`, of hash function `iota`; the block begins at bin `first`. */
  | {
      readonly do: 'tags';
      readonly first: number;
      readonly iota: number;
      readonly at: number;
      readonly n: number;
    };

export class SenderShare implements Share<SenderOrder> {
  readonly functions: RunFunctions;
  readonly #plan: SenderPlan;
  readonly #time: Timer;
  readonly #kernel: OprfKernel;
  readonly #hash: Blake3;
  readonly #transposer: Transposer;
  readonly #firstColumn: number;
  readonly #columns: Columns;
  readonly #z: number;
  readonly #planes: number;
  readonly #input: number;
  readonly #hashes: number;

  constructor(memory: WorkingMemory, plan: SenderPlan, part: Part, time: Timer) {
    this.#plan = plan;
    this.#time = time;
    this.#kernel = memory.kernel<OprfKernel>('oprf');
    this.functions = new RunFunctions(memory, plan.runKeys);
    this.#hash = new Blake3(memory);
    this.#transposer = new Transposer(memory);
    const [from, to] = columnsOf(part);
    this.#firstColumn = from;
    this.#columns = new Columns(memory, plan.keys.subarray(16 * from, 16 * to), plan.run);
    this.#z = memory.allocate(CHUNK * ITEM_BYTES);
    this.#planes = memory.allocate(4 * CHUNK * ITEM_BYTES);
    this.#input = memory.allocate(CHUNK * ROW_ROOM);
    this.#hashes = memory.allocate(CHUNK * 16);
  }

  do(order: SenderOrder): void {
    const { matrix, rows, packed, secret } = this.#plan;
    switch (order.do) {
      case 'columns':
        this.#time('generator', () => {
          const offset = this.#firstColumn * matrix.stride;
          this.#columns.write(matrix.at + offset, matrix.stride, columnBytes(order.n));
        });
        break;
      case 'transpose':
        this.#time('transposition', () => {
          this.#transposer.write(matrix, order.from, order.to - order.from, rows + order.from * ROW_ROOM);
        });
        break;
      case 'mask':
        this.#time('rows', () => {
          const [to, from] = [rows + order.from * ROW_ROOM, packed + order.from * ROW_BYTES];
          this.#kernel.addMasked(to, from, order.to - order.from, secret);
        });
        break;
      case 'tags':
        for (let i = 0; i < order.n; i += CHUNK) {
          this.#tags(order.first, order.iota, order.at + i * PAIR_BYTES, Math.min(CHUNK, order.n - i));
        }
    }
  }

  #tags(first: number, iota: number, at: number, n: number): void {
    const { items, rows, secret, run, orders, lists, width } = this.#plan;
    const stride = CHUNK * ITEM_BYTES;
    this.#time('code', () => {
      this.#kernel.gatherPairs(at, n, items, this.#z);
      this.functions.code(this.#z, n, this.#planes, stride);
    });
    this.#time('rows', () => {
      this.#kernel.pairBlocks(
        at,
        n,
        this.#z,
        this.#planes,
        stride,
        rows,
        first,
        secret,
        iota,
        run,
        this.#input,
      );
    });
    this.#time('hash', () => this.#hash.hash(this.#input, n, ROW_ROOM, this.#hashes, 16));
    const [order = 0, list = 0] = [orders[iota], lists[iota]];
    this.#time('shuffle', () => this.#kernel.placeTags(at, n, this.#hashes, order, width, list));
  }
}
