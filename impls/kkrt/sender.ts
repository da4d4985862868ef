/** The sender: its rows as they come, the tags of its items, in three lists of random order. */

import type { ItemSet, SenderParty } from '../../bench/contract.ts';
import { Blake3 } from '../primitives/blake3/blake3.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { randomOrder } from '../primitives/order/order.ts';
import { Columns } from '../primitives/ot/columns.ts';
import { ColumnMatrix } from '../primitives/ot/rows.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type SenderBase, senderBase } from './base.ts';
import {
  blocks,
  HASHES,
  hashItems,
  ITEM_BYTES,
  KEYS_BYTES,
  listMessages,
  ROW_ROOM,
  RunFunctions,
} from './common.ts';
import { agree } from './keeping.ts';
import type { OprfKernel } from './kernel.ts';
import type { KkrtSession } from './options.ts';
import { BLOCK_BINS, BLOCK_SHIFT, COLUMNS, ROW_BYTES } from './parameters.ts';
import { Steps } from './steps.ts';

/** Pairs that are worked on at once: their buffers stay in the second-level cache. */
const CHUNK = 4096;
const PAIR_BYTES = 8;

/** What `prepare` leaves for `online`. */
interface Prepared {
  readonly memory: WorkingMemory;
  readonly items: number;
  /** For each list, where each item's tag goes. */
  readonly orders: number[];
}

/** All pairs of an item and one of its bins, filed by block of bins and hash function. */
interface Buckets {
  readonly pairs: number;
  /** Where each bucket begins, and at last where the last one ends. */
  readonly starts: readonly number[];
}

export function kkrtSender(session: KkrtSession): SenderParty {
  const { sizes } = session;
  const empty = sizes.receiver === 0 || sizes.sender === 0;
  const bins = binsFor(sizes.receiver);
  const width = tagLength(sizes);
  const steps = new Steps(session);
  const kind = session.options.base;
  let base: { readonly state: SenderBase; readonly run: number } | undefined;
  let prepared: Prepared | undefined;

  function fileItems({ memory, items }: Prepared, functions: RunFunctions): Buckets {
    const kernel = memory.kernel<OprfKernel>('oprf');
    const buckets = Math.ceil(bins / BLOCK_BINS) * HASHES;
    const pairs = memory.allocate(sizes.sender * HASHES * PAIR_BYTES);
    const mark = memory.mark();
    const candidates = functions.candidates(items, sizes.sender, bins);
    const at = memory.allocate(4 * buckets);
    const counts = memory.words(at, buckets).fill(0);
    kernel.countPairs(candidates, sizes.sender, BLOCK_SHIFT, at);
    const starts = [0];
    let end = 0;
    for (const count of counts) {
      end += count;
      starts.push(end);
    }
    counts.set(starts.slice(0, buckets));
    kernel.placePairs(candidates, sizes.sender, BLOCK_SHIFT, at, pairs);
    memory.release(mark);
    return { pairs, starts };
  }

  /** Tags of all items, block of bins by block, each at its place of its list; where the lists are. */
  async function answer(work: Prepared): Promise<number[]> {
    if (!base) throw new Error('"setup" must come first');
    const { state, run } = base;
    const { memory, items, orders } = work;
    const channel = session.channel('receiver');
    const kernel = memory.kernel<OprfKernel>('oprf');
    const columns = steps.time('generator', () => new Columns(memory, state.keys, run));
    const keys = await steps.wait('wire', () =>
      receiveExactly(channel, KEYS_BYTES, "the receiver's keys of the run"),
    );
    const functions = new RunFunctions(memory, keys);
    const { pairs, starts } = steps.time('bins', () => fileItems(work, functions));

    const secret = memory.allocate(ROW_ROOM);
    memory.bytes(secret, ROW_ROOM).fill(0).set(state.secret);
    const lists = orders.map(() => memory.allocate(sizes.sender * width));
    const room = Math.min(BLOCK_BINS, bins);
    const rows = memory.allocate(room * ROW_ROOM);
    const packed = memory.allocate(room * ROW_BYTES + 8);
    const z = memory.allocate(CHUNK * ITEM_BYTES);
    const planes = memory.allocate(4 * CHUNK * ITEM_BYTES);
    const input = memory.allocate(CHUNK * ROW_ROOM);
    const hashes = memory.allocate(CHUNK * 16);
    const hash = new Blake3(memory);

    const tag = (first: number, iota: number, at: number, n: number) => {
      steps.time('code', () => {
        kernel.gatherPairs(at, n, items, z);
        functions.code(z, n, planes, CHUNK * ITEM_BYTES);
      });
      steps.time('rows', () =>
        kernel.pairBlocks(at, n, z, planes, CHUNK * ITEM_BYTES, rows, first, secret, iota, run, input),
      );
      steps.time('hash', () => hash.hash(input, n, ROW_ROOM, hashes, 16));
      const [order = 0, list = 0] = [orders[iota], lists[iota]];
      steps.time('shuffle', () => kernel.placeTags(at, n, hashes, order, width, list));
    };

    const mark = memory.mark();
    let bucket = 0;
    for (const [first, n] of blocks(bins, BLOCK_BINS)) {
      const matrix = new ColumnMatrix(memory, COLUMNS, n);
      steps.time('generator', () => columns.write(matrix.at, matrix.stride, matrix.bytes));
      steps.time('transposition', () => matrix.writeRows(rows, ROW_ROOM));
      memory.release(mark);
      const what = `the receiver's rows of bins ${first} to ${first + n}`;
      const message = await steps.wait('wire', () => receiveExactly(channel, n * ROW_BYTES, what));
      session.signal.throwIfAborted();
      steps.time('rows', () => {
        memory.bytes(packed, message.length).set(message);
        kernel.addMasked(rows, packed, n, secret);
      });
      for (let iota = 0; iota < HASHES; iota++, bucket++) {
        const [from = 0, to = 0] = [starts[bucket], starts[bucket + 1]];
        for (let at = from; at < to; at += CHUNK) {
          tag(first, iota, pairs + at * PAIR_BYTES, Math.min(CHUNK, to - at));
        }
      }
    }
    return lists;
  }

  return {
    async setup() {
      if (empty) return;
      base = await steps.wait('base transfers', () =>
        agree(session, `kkrt ${kind}`, () => senderBase(session, kind)),
      );
      steps.report();
    },
    async prepare(items: ItemSet) {
      if (empty) return;
      const memory = new WorkingMemory();
      const hashed = steps.time('item hash', () => hashItems(memory, items));
      const orders = steps.time('shuffle', () =>
        Array.from({ length: HASHES }, () => {
          const at = memory.allocate(items.count * 4);
          memory.words(at, items.count).set(randomOrder(items.count, session.random));
          return at;
        }),
      );
      prepared = { memory, items: hashed, orders };
      steps.report();
    },
    async online() {
      if (empty) return;
      if (!prepared) throw new Error('"prepare" must come first');
      const { memory } = prepared;
      const lists = await answer(prepared);
      const flight = session.channel('receiver').openFlight();
      for (const list of lists) {
        for (const [from, to] of listMessages(sizes.sender, width)) {
          await steps.wait('wire', () => flight.send(memory.bytes(list + from, to - from)));
        }
      }
      steps.report();
    },
    close() {
      prepared = undefined;
      base = undefined;
    },
  };
}
