/**
 * Implementations that try to look cheaper than they are, each by one trick. They are what the harness
 * is tried on: every trick must be caught, or counted. Where the sets share nothing their results are
 * right. None is a protocol; none is ever listed.
 */
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import type { Implementation, ItemSet, Session } from '../contract.ts';

/** How long the hidden work takes. */
export const HIDDEN_MS = 150;

const burn = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};
const nothing = { online: async () => {} };
const none = { online: async () => new Uint32Array(0) };

function trick(id: string, parts: Partial<Implementation>): Implementation {
  return {
    id,
    title: `${id} (test)`,
    summary: 'Hides work from the harness.',
    references: ['bench/testing/tricks.ts'],
    version: '1',
    kind: 'open',
    build: 'ts',
    security: {
      private: false,
      model: 'none',
      trust: 'nobody',
      assumption: 'none',
      bits: null,
      postQuantum: true,
      learns: {},
      falsePositiveLog2: null,
    },
    options: {},
    available: async () => true,
    receiver: () => none,
    sender: () => nothing,
    ...parts,
  };
}

const first = ({ data, offsets }: ItemSet) => Buffer.from(data.subarray(0, offsets[1])).toString('hex');
const remembered = new Set<string>();

/** A worker that computes for {@link HIDDEN_MS}; resolves when it has. */
function startWorker(): Promise<unknown> {
  const code = `for (const end = performance.now() + ${HIDDEN_MS}; performance.now() < end; );`;
  const worker = new Worker(code, { eval: true });
  return new Promise((resolve) => worker.once('exit', resolve));
}

/** Messages that wait for one another, sent in one flight that is opened before the first of them. */
const ROUNDS = 10;
function pingPong({ role, channel }: Session) {
  return async () => {
    const peer = channel(role === 'receiver' ? 'sender' : 'receiver');
    const flight = peer.openFlight();
    for (let i = 0; i < ROUNDS; i++) {
      if (role === 'receiver') await flight.send(new Uint8Array(1));
      await peer.receive(1);
      if (role === 'sender') await flight.send(new Uint8Array(1));
    }
  };
}

export default [
  trick('fills-later', {
    receiver: () => {
      const result = new Uint32Array(1).fill(7);
      return {
        online: async () => result,
        close: () => {
          burn(HIDDEN_MS);
          result.fill(0);
        },
      };
    },
  }),
  trick('works-when-made', {
    receiver: () => {
      burn(HIDDEN_MS);
      return none;
    },
  }),
  trick('works-in-close', { receiver: () => ({ ...none, close: () => burn(HIDDEN_MS) }) }),
  trick('works-in-background', {
    receiver: () => {
      let work: Promise<unknown> | undefined;
      return {
        prepare: async () => {
          work = startWorker();
        },
        online: async () => {
          await work;
          return new Uint32Array(0);
        },
      };
    },
  }),
  trick('remembers', {
    sender: ({ channel }) => ({
      online: async (items) => {
        const known = remembered.has(first(items));
        remembered.add(first(items));
        await channel('receiver').send(new Uint8Array(known ? 0 : 1000));
      },
    }),
    receiver: ({ channel }) => ({
      online: async () => {
        await channel('sender').receive(1000);
        return new Uint32Array(0);
      },
    }),
  }),
  trick('leaves-a-child', {
    sender: () => ({
      online: async () => void spawn('sleep', ['300'], { stdio: 'ignore' }),
    }),
  }),
  trick('works-in-a-child', {
    sender: () => ({
      online: async () => {
        const code = `while (process.cpuUsage().user < ${HIDDEN_MS * 2000});`;
        const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
        await new Promise((resolve) => child.once('exit', resolve));
      },
    }),
  }),
  trick('odd-step', {
    receiver: ({ step }) => ({
      online: async () => {
        step('odd', Number.NaN);
        return new Uint32Array(0);
      },
    }),
  }),
  trick('odd-usage', {
    receiver: ({ addUsage }) => ({
      online: async () => {
        addUsage({ cpuMs: 1, peakBytes: 0.5 });
        return new Uint32Array(0);
      },
    }),
  }),
  trick('never-yields', {
    receiver: () => ({
      online: async () => {
        for (;;);
      },
    }),
  }),
  trick('one-flight-for-all', {
    receiver: (session) => ({
      online: async () => {
        await pingPong(session)();
        return new Uint32Array(0);
      },
    }),
    sender: (session) => ({ online: pingPong(session) }),
  }),
] satisfies Implementation[];
