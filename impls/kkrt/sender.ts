/** The sender: its rows as they come, the tags of its items, in three lists of random order. */

import type { ItemSet, SenderParty } from '../../bench/contract.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { randomOrder } from '../primitives/order/order.ts';
import { agree } from '../primitives/ot/keeping.ts';
import type { Crew } from '../primitives/working-memory/crew.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type SenderBase, senderBase } from './base.ts';
import {
  blocks,
  HASHES,
  hashItems,
  KEYS_BYTES,
  listMessages,
  loadKernels,
  ROW_ROOM,
  type RunFunctions,
} from './common.ts';
import type { OprfKernel } from './kernel.ts';
import type { KkrtSession } from './options.ts';
import { BLOCK_BINS, BLOCK_SHIFT, ROW_BYTES } from './parameters.ts';
import { PAIR_BYTES, type SenderOrder, type SenderPlan, SenderShare } from './sender-share.ts';
import { allocateMatrix } from './share.ts';
import { Steps } from './steps.ts';
import { startCrew, Threads } from './threads.ts';

/** What `prepare` leaves for `online`. */
interface Prepared {
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
  loadKernels();
  const { sizes } = session;
  const empty = sizes.receiver === 0 || sizes.sender === 0;
  const bins = binsFor(sizes.receiver);
  const width = tagLength(sizes);
  const steps = new Steps(session);
  const kind = session.options.base;
  let base: { readonly state: SenderBase; readonly run: number } | undefined;
  let prepared: Prepared | undefined;
  const memory = new WorkingMemory();
  let crew: Crew | undefined;

  function fileItems({ items }: Prepared, functions: RunFunctions): Buckets {
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
    const { items, orders } = work;
    const channel = session.channel('receiver');
    const keys = await steps.wait('wire', () =>
      receiveExactly(channel, KEYS_BYTES, "the receiver's keys of the run"),
    );
    const secret = memory.allocate(ROW_ROOM);
    memory.bytes(secret, ROW_ROOM).fill(0).set(state.secret);
    const lists = orders.map(() => memory.allocate(sizes.sender * width));
    const room = Math.min(BLOCK_BINS, bins);
    const packed = memory.allocate(room * ROW_BYTES + 8);
    const plan: SenderPlan = {
      role: 'sender',
      run,
      runKeys: keys,
      keys: state.keys,
      secret,
      matrix: allocateMatrix(memory, room),
      rows: memory.allocate(room * ROW_ROOM),
      packed,
      items,
      orders,
      lists,
      width,
    };
    const threads = steps.time('generator', () => {
      return new Threads(crew, memory, plan, (part) => {
        return new SenderShare(memory, plan, part, (name, work) => steps.time(name, work));
      });
    });
    const { pairs, starts } = steps.time('bins', () => fileItems(work, threads.mine.functions));

    let bucket = 0;
    for (const [first, n] of blocks(bins, BLOCK_BINS)) {
      const what = `the receiver's rows of bins ${first} to ${first + n}`;
      const parts = threads.ranges(n, 128);
      threads.all({ do: 'columns', n });
      threads.run(parts.map(([from, to]) => [{ do: 'transpose', from, to }]));
      const message = await steps.wait('wire', () => receiveExactly(channel, n * ROW_BYTES, what));
      session.signal.throwIfAborted();
      steps.time('rows', () => memory.bytes(packed, message.length).set(message));
      threads.run(parts.map(([from, to]) => [{ do: 'mask', from, to }]));
      const tags: SenderOrder[][] = Array.from({ length: threads.count }, () => []);
      for (let iota = 0; iota < HASHES; iota++, bucket++) {
        const [from = 0, to = 0] = [starts[bucket], starts[bucket + 1]];
        for (const [i, [begin, end]] of threads.ranges(to - from, 1).entries()) {
          tags[i]?.push({ do: 'tags', first, iota, at: pairs + (from + begin) * PAIR_BYTES, n: end - begin });
        }
      }
      threads.run(tags);
    }
    return lists;
  }

  return {
    async setup() {
      if (empty) return;
      crew = await startCrew(memory, session.threads);
      base = await steps.wait('base transfers', () =>
        agree(
          { channel: session.channel('receiver'), peer: 'receiver', kept: session.kept },
          `kkrt ${kind}`,
          () => senderBase(session, kind),
        ),
      );
      steps.report();
    },
    async prepare(items: ItemSet) {
      if (empty) return;
      const hashed = steps.time('item hash', () => hashItems(memory, items));
      const orders = steps.time('shuffle', () =>
        Array.from({ length: HASHES }, () => {
          const at = memory.allocate(items.count * 4);
          memory.words(at, items.count).set(randomOrder(items.count, session.random));
          return at;
        }),
      );
      prepared = { items: hashed, orders };
      steps.report();
    },
    async online() {
      if (empty) return;
      if (!prepared) throw new Error('"prepare" must come first');
      const lists = await answer(prepared);
      const flight = session.channel('receiver').openFlight();
      for (const list of lists) {
        for (const [from, to] of listMessages(sizes.sender, width)) {
          await steps.wait('wire', () => flight.send(memory.bytes(list + from, to - from)));
        }
      }
      steps.report();
    },
    async close() {
      prepared = undefined;
      base = undefined;
      await crew?.close();
    },
  };
}
