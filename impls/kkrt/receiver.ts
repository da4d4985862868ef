/** The receiver of the intersection: table, matrix, tags of its own, join. */

import type { ItemSet, ReceiverParty } from '../../bench/contract.ts';
import { Blake3 } from '../primitives/blake3/blake3.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { largeTable } from '../primitives/cuckoo/large.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { Join } from '../primitives/join/join.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { Columns } from '../primitives/ot/columns.ts';
import { ColumnMatrix } from '../primitives/ot/rows.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type ReceiverBase, receiverBase } from './base.ts';
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
import { BLOCK_BINS, COLUMNS, ROW_BYTES } from './parameters.ts';
import { Steps } from './steps.ts';
import { TagFilter } from './tag-filter.ts';

/** What `prepare` leaves for `online`. */
interface Prepared {
  readonly memory: WorkingMemory;
  readonly keys: Uint8Array;
  readonly functions: RunFunctions;
  readonly items: number;
  readonly table: number;
}

/** The receiver's own tags: for each hash function a list, and which item each tag is of. */
interface OwnTags {
  readonly tags: Uint8Array;
  readonly items: Uint32Array;
}

export function kkrtReceiver(session: KkrtSession): ReceiverParty {
  const { sizes } = session;
  const empty = sizes.receiver === 0 || sizes.sender === 0;
  const bins = binsFor(sizes.receiver);
  const width = tagLength(sizes);
  const steps = new Steps(session);
  const kind = session.options.base;
  let base: { readonly state: ReceiverBase; readonly run: number } | undefined;
  let prepared: Prepared | undefined;

  /** Makes and sends the matrix block by block; the tags of the own items fall off. */
  async function extend({ memory, functions, items, table, keys }: Prepared): Promise<OwnTags[]> {
    if (!base) throw new Error('"setup" must come first');
    const { state, run } = base;
    const kernel = memory.kernel<OprfKernel>('oprf');
    const flight = session.channel('sender').openFlight();
    let sent = flight.send(keys);
    sent.catch(() => {});
    const zero = steps.time('generator', () => new Columns(memory, state.keys.zero, run));
    const one = steps.time('generator', () => new Columns(memory, state.keys.one, run));

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
    const z = memory.allocate(room * ITEM_BYTES);
    const planes = memory.allocate(4 * room * ITEM_BYTES);
    const own = memory.allocate(room * ROW_ROOM);
    const masked = memory.allocate(room * ROW_ROOM);
    // Two of them: one is on its way while the next is filled.
    const messages = [memory.allocate(room * ROW_BYTES + 8), memory.allocate(room * ROW_BYTES + 8)];
    const hash = new Blake3(memory);
    const mark = memory.mark();
    for (const [first, n] of blocks(bins, BLOCK_BINS)) {
      session.signal.throwIfAborted();
      const here = table + 4 * first;
      steps.time('code', () => {
        kernel.gatherBins(here, n, items, z);
        functions.code(z, n, planes, room * ITEM_BYTES);
        kernel.codeRows(here, n, z, planes, room * ITEM_BYTES, masked);
      });
      const matrix = new ColumnMatrix(memory, COLUMNS, n);
      steps.time('generator', () => zero.write(matrix.at, matrix.stride, matrix.bytes));
      steps.time('transposition', () => matrix.writeRows(own, ROW_ROOM));
      steps.time('generator', () => one.add(matrix.at, matrix.stride, matrix.bytes));
      steps.time('transposition', () => matrix.addRows(masked, ROW_ROOM));
      memory.release(mark);
      const packed = messages[(first / BLOCK_BINS) & 1] ?? 0;
      steps.time('wire', () => kernel.pack(masked, n, packed));
      steps.time('hash', () => {
        // The code's rows have left: their room is the hash's input, z that of its output.
        const count = kernel.ownBlocks(here, n, own, first, run, masked);
        hash.hash(masked, count, ROW_ROOM, z, 16);
        kernel.keepTags(here, n, z, width, cursors, tags, places);
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
  async function joinList({ memory }: Prepared, own: OwnTags, number: number): Promise<Uint32Array> {
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
      base = await steps.wait('base transfers', () =>
        agree(session, `kkrt ${kind}`, () => receiverBase(session, kind)),
      );
      steps.report();
    },
    async prepare(items: ItemSet) {
      if (empty) return;
      const memory = new WorkingMemory();
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
      prepared = { memory, keys, functions, items: hashed, table };
      steps.report();
    },
    async online() {
      if (empty) return new Uint32Array(0);
      if (!prepared) throw new Error('"prepare" must come first');
      const own = await extend(prepared);
      const found: Uint32Array[] = [];
      for (const [i, list] of own.entries()) found.push(await joinList(prepared, list, i));
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
    close() {
      prepared = undefined;
      base = undefined;
    },
  };
}
