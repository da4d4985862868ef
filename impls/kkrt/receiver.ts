/** The receiver of the intersection: table, matrix, tags of its own, join. */

import type { ItemSet, ReceiverParty } from '../../bench/contract.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { largeTable } from '../primitives/cuckoo/large.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { Join } from '../primitives/join/join.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { agree } from '../primitives/ot/keeping.ts';
import type { Crew } from '../primitives/working-memory/crew.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type ReceiverBase, receiverBase } from './base.ts';
import { blocks, HASHES, hashItems, KEYS_BYTES, listMessages, loadKernels, RunFunctions } from './common.ts';
import type { OprfKernel } from './kernel.ts';
import type { KkrtSession } from './options.ts';
import { BLOCK_BINS, ROW_BYTES } from './parameters.ts';
import { type ReceiverPlan, ReceiverShare, TILE } from './receiver-share.ts';
import { allocateMatrix } from './share.ts';
import { Steps } from './steps.ts';
import { TagFilter } from './tag-filter.ts';
import { startCrew, Threads } from './threads.ts';

/** What `prepare` leaves for `online`. */
interface Prepared {
  readonly keys: Uint8Array;
  readonly items: number;
  readonly table: number;
}

/** The receiver's own tags: for each hash function a list, and which item each tag is of. */
interface OwnTags {
  readonly tags: Uint8Array;
  readonly items: Uint32Array;
}

export function kkrtReceiver(session: KkrtSession): ReceiverParty {
  loadKernels();
  const { sizes } = session;
  const empty = sizes.receiver === 0 || sizes.sender === 0;
  const bins = binsFor(sizes.receiver);
  const width = tagLength(sizes);
  const steps = new Steps(session);
  const kind = session.options.base;
  let base: { readonly state: ReceiverBase; readonly run: number } | undefined;
  let prepared: Prepared | undefined;
  const memory = new WorkingMemory();
  let crew: Crew | undefined;

  /** Makes and sends the matrix block by block; the tags of the own items fall off. */
  async function extend({ items, table, keys }: Prepared): Promise<OwnTags[]> {
    if (!base) throw new Error('"setup" must come first');
    const { state, run } = base;
    const kernel = memory.kernel<OprfKernel>('oprf');
    const flight = session.channel('sender').openFlight();
    let sent = flight.send(keys);
    sent.catch(() => {});
    const counts = memory.allocate(4 * HASHES);
    memory.words(counts, HASHES).fill(0);
    kernel.countPlaces(table, bins, counts);
    const filled = [...memory.words(counts, HASHES)];
    const starts = filled.map((_, i) => filled.slice(0, i).reduce((sum, count) => sum + count, 0));
    const cursors = memory.allocate(4 * HASHES);
    memory.words(cursors, HASHES).set(starts);
    const tags = memory.allocate(sizes.receiver * width);
    const places = memory.allocate(sizes.receiver * 4);

    const room = Math.min(BLOCK_BINS, Math.ceil(bins / 4) * 4);
    const hashes = memory.allocate(room * 16);
    // Two of them: one is on its way while the next is filled.
    const messages = [memory.allocate(room * ROW_BYTES), memory.allocate(room * ROW_BYTES)];
    const plan: ReceiverPlan = {
      role: 'receiver',
      run,
      runKeys: keys,
      ...state.keys,
      own: allocateMatrix(memory, room),
      sums: allocateMatrix(memory, room),
      items,
      table,
      hashes,
    };
    const threads = steps.time('generator', () => {
      return new Threads(crew, memory, plan, (part) => {
        return new ReceiverShare(memory, plan, part, (name, work) => steps.time(name, work));
      });
    });
    for (const [first, n] of blocks(bins, BLOCK_BINS)) {
      session.signal.throwIfAborted();
      const packed = messages[(first / BLOCK_BINS) & 1] ?? 0;
      threads.all({ do: 'columns', n });
      threads.run(threads.ranges(n, TILE).map(([from, to]) => [{ do: 'rows', first, from, to, packed }]));
      steps.time('hash', () => {
        for (const [at, count] of blocks(n, TILE)) {
          kernel.keepTags(table + 4 * (first + at), count, hashes + 16 * at, width, cursors, tags, places);
        }
      });
      // One message in the air: the peer works on one block while this party makes the next.
      await steps.wait('wire', () => sent);
      sent = flight.send(memory.bytes(packed, n * ROW_BYTES));
      sent.catch(() => {});
    }
    await steps.wait('wire', () => sent);
    return starts.map((start, i) => {
      const count = filled[i] ?? 0;
      return {
        tags: memory.bytes(tags + start * width, count * width),
        items: memory.words(places + start * 4, count),
      };
    });
  }

  /** Joins one of the sender's lists, as it comes, with the own tags of the same hash function. */
  async function joinList(own: OwnTags, number: number): Promise<Uint32Array> {
    const channel = session.channel('sender');
    const mark = memory.mark();
    const filter = steps.time('join', () => new TagFilter(memory, own.tags, width));
    const table = steps.time('join', () => new Join(own.tags, width));
    for (const [from, to] of listMessages(sizes.sender, width)) {
      const what = `the sender's tags ${from / width} to ${to / width} of list ${number}`;
      const message = await steps.wait('wire', () => receiveExactly(channel, to - from, what));
      steps.time('join', () => table.add(filter.likely(message)));
    }
    memory.release(mark);
    return steps.time('join', () => table.result().map((place) => own.items[place] ?? 0));
  }

  return {
    async setup() {
      if (empty) return;
      crew = await startCrew(memory, session.threads);
      base = await steps.wait('base transfers', () =>
        agree(
          { channel: session.channel('sender'), peer: 'sender', kept: session.kept },
          `kkrt ${kind}`,
          () => receiverBase(session, kind),
        ),
      );
      steps.report();
    },
    async prepare(items: ItemSet) {
      if (empty) return;
      const keys = session.random.bytes(KEYS_BYTES);
      const functions = new RunFunctions(memory, keys);
      const hashed = steps.time('item hash', () => hashItems(memory, items));
      const table = steps.time('table', () => {
        const at = memory.allocate(4 * bins);
        const mark = memory.mark();
        largeTable(memory, functions.candidates(hashed, items.count, bins), items.count, bins, at);
        memory.release(mark);
        return at;
      });
      prepared = { keys, items: hashed, table };
      steps.report();
    },
    async online() {
      if (empty) return new Uint32Array(0);
      if (!prepared) throw new Error('"prepare" must come first');
      const own = await extend(prepared);
      const found: Uint32Array[] = [];
      for (const [i, list] of own.entries()) found.push(await joinList(list, i));
      const result = new Uint32Array(found.reduce((sum, { length }) => sum + length, 0));
      let end = 0;
      for (const part of found) {
        result.set(part, end);
        end += part.length;
      }
      result.sort();
      steps.report();
      return result;
    },
    async close() {
      prepared = undefined;
      base = undefined;
      await crew?.close();
    },
  };
}
