/**
 * Implementations that try to look cheaper than they are: the baseline, each with one trick, and what it
 * gets for it. The suite kills those that show without a clock; the harness is tried on all of them
 * (`bench/run/tricks.test.ts`), in processes of their own. None is a protocol; none is ever listed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import type { Implementation, ItemSet, Session } from '../../contract.ts';
import { bytesOf, type Parts, type Wrong, withReading, withSending, wrong } from './parts.ts';
import { baselineReceiver, baselineSender, join, receiveExactly, TAG_BYTES, tagsOf } from './right.ts';

/** How long the hidden work takes. */
export const HIDDEN_MS = 150;

/** What comes of a trick in a measured run. */
export type Measured =
  /** The run is no right one: it has no figures. */
  | { readonly outcome: 'wrong' | 'broken' | 'timeout'; readonly says: RegExp }
  /** The cell is `broken` over a network with latency. */
  | { readonly overNetwork: RegExp }
  /** The run is right, and the work stands in this figure. */
  | { readonly charged: 'start' | 'prepare' | 'close' | 'cpu' }
  /** The run is right, and this is counted as it is. */
  | { readonly counted: 'children' | 'bytes' };

export interface Trick {
  readonly implementation: Implementation;
  /** Null where the suite, in which nothing is timed, cannot see it. */
  readonly killedBy: Omit<Wrong, 'implementation'> | null;
  readonly measured: Measured;
}

function trick(id: string, measured: Measured, killedBy: Trick['killedBy'], parts: Parts): Trick {
  const { check, says } = killedBy ?? { check: '', says: /^$/ };
  const { implementation } = wrong(id, check, says, { summary: 'Hides work from the harness.', ...parts });
  return { implementation, killedBy, measured };
}

const burn = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

/** A worker that computes for {@link HIDDEN_MS}; resolves when it has. */
function startWorker(): Promise<unknown> {
  const code = `for (const end = performance.now() + ${HIDDEN_MS}; performance.now() < end; );`;
  const worker = new Worker(code, { eval: true });
  return new Promise((resolve) => worker.once('exit', resolve));
}

/** What `leaves-a-child` has started in this process, for whoever plays it here. */
export const leftBehind: ChildProcess[] = [];

/** What stands for a set in the memory of `remembers`. */
const nameOf = ({ data, offsets }: ItemSet) =>
  Buffer.from(data.subarray(0, offsets.at(-1))).toString('latin1');
const sent = new Set<string>();
const found = new Map<string, Uint32Array>();

/** Messages that wait for one another, in one flight that is opened before the first of them. */
export const ROUNDS = 10;
async function pingPong({ role, channel }: Session): Promise<void> {
  const peer = channel(role === 'receiver' ? 'sender' : 'receiver');
  const flight = peer.openFlight();
  for (let i = 0; i < ROUNDS; i++) {
    if (role === 'receiver') await flight.send(new Uint8Array(1));
    await receiveExactly(peer, 1);
    if (role === 'sender') await flight.send(new Uint8Array(1));
  }
}

export const tricks: readonly Trick[] = [
  trick(
    'fills-later',
    { outcome: 'wrong', says: /0 items where 4 are shared/ },
    { check: 'finds everything in equal sets, more than ten items', says: /0 were found/ },
    {
      receiver: (session) => {
        const buffer = new ArrayBuffer(0, { maxByteLength: 4 * session.sizes.receiver });
        const result = new Uint32Array(buffer);
        let work = (): Uint32Array => new Uint32Array(0);
        return {
          online: async (items) => {
            const tags = await receiveExactly(session.channel('sender'), session.sizes.sender * TAG_BYTES);
            work = () => join(tagsOf(items), tags);
            return result;
          },
          // The same view, longer and full when somebody looks at it after the clock has stopped.
          close: () => {
            const indices = work();
            buffer.resize(indices.byteLength);
            result.set(indices);
          },
        };
      },
    },
  ),
  trick('works-when-made', { charged: 'start' }, null, {
    receiver: () => {
      burn(HIDDEN_MS);
      return {};
    },
  }),
  trick('works-in-close', { charged: 'close' }, null, { receiver: () => ({ close: () => burn(HIDDEN_MS) }) }),
  trick('works-in-background', { charged: 'prepare' }, null, {
    receiver: (session) => {
      let work: Promise<unknown> | undefined;
      return {
        prepare: async () => {
          work = startWorker();
        },
        online: async (items) => {
          await work;
          return baselineReceiver(session).online(items);
        },
      };
    },
  }),
  trick(
    'remembers',
    { counted: 'bytes' },
    { check: 'gives the same transcript for the same seed', says: /same seed differ/ },
    {
      ...withSending(async (session, items) => {
        const known = sent.has(nameOf(items));
        sent.add(nameOf(items));
        if (known) await session.channel('receiver').send(new Uint8Array(0));
        else await baselineSender(session).online(items);
      }),
      receiver: (session) => ({
        online: async (items) => {
          const tags = await session.channel('sender').receive(session.sizes.sender * TAG_BYTES);
          const known = tags.length === 0 ? found.get(nameOf(items)) : undefined;
          const result = known ?? join(tagsOf(items), tags);
          found.set(nameOf(items), result);
          return result;
        },
      }),
    },
  ),
  trick(
    'leaves-a-child',
    { counted: 'children' },
    { check: 'leaves nothing running after a run or a failed one', says: /left running: .*process/i },
    {
      ...withSending(async (session, items) => {
        const child = spawn('sleep', ['300'], { stdio: 'ignore' });
        child.unref();
        leftBehind.push(child);
        await baselineSender(session).online(items);
      }),
    },
  ),
  trick('works-in-a-child', { charged: 'cpu' }, null, {
    ...withSending(async (session, items) => {
      const code = `while (process.cpuUsage().user < ${HIDDEN_MS * 2000}) for (let i = 0; i < 1e6; i++);`;
      const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
      await new Promise((resolve) => child.once('exit', resolve));
      await baselineSender(session).online(items);
    }),
  }),
  trick(
    'odd-step',
    { outcome: 'broken', says: /step\("odd", NaN\) expects a name and a time in ms/ },
    { check: 'handles sets of one item', says: /step\("odd", NaN\) expects a name and a time in ms/ },
    {
      ...withReading(async (session, bytes) => {
        session.step('odd', Number.NaN);
        return receiveExactly(session.channel('sender'), bytes);
      }),
    },
  ),
  trick(
    'odd-usage',
    { outcome: 'broken', says: /a whole number of bytes, got 1 and 0\.5/ },
    { check: 'handles sets of one item', says: /a whole number of bytes, got 1 and 0\.5/ },
    {
      ...withReading(async (session, bytes) => {
        session.addUsage({ cpuMs: 1, peakBytes: 0.5 });
        return receiveExactly(session.channel('sender'), bytes);
      }),
    },
  ),
  // The suite plays all parties in one process: such a loop would be its own end.
  trick('never-yields', { outcome: 'timeout', says: /online/ }, null, {
    receiver: () => ({
      online: async () => {
        for (;;);
      },
    }),
  }),
  trick(
    'one-flight-for-all',
    { overNetwork: /each of \d+ runs waited at least \d+ ms/ },
    {
      check: 'tells flights of all messages that wait for others',
      says: /is of flight 1 .* when one of flight 1 had/,
    },
    {
      receiver: (session) => ({
        online: async (items) => {
          await pingPong(session);
          return baselineReceiver(session).online(items);
        },
      }),
      ...withSending(async (session, items) => {
        await pingPong(session);
        await session.channel('receiver').send(bytesOf(tagsOf(items)));
      }),
    },
  ),
];

/** What a party's process loads, by the path of this file. */
export default tricks.map(({ implementation }) => implementation);
