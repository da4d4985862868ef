/**
 * Implementations for tests of the harness: one that does nothing, and others that each fail in one
 * way. None is a protocol; none is ever listed. Load them by the path of this file.
 */
import type { Implementation, ItemSet, Session } from '../contract.ts';

/** Empty result, no message: right exactly where the sets share nothing. */
const idle: Implementation = {
  id: 'idle',
  title: 'Nothing (test)',
  summary: 'Does nothing: what remains is the cost of the harness.',
  references: ['bench/testing/faulty.ts'],
  version: '1',
  kind: 'cryptography',
  build: 'ts',
  security: {
    private: true,
    model: 'none: it computes nothing',
    trust: 'nobody',
    assumption: 'none',
    bits: null,
    postQuantum: true,
    learns: {},
    falsePositiveLog2: null,
  },
  options: {},
  available: async () => true,
  receiver: () => ({ online: async () => new Uint32Array(0) }),
  sender: () => ({ online: async () => {} }),
};

function variant(id: string, parts: Partial<Implementation>): Implementation {
  return { ...idle, id, title: `${id} (test)`, ...parts };
}

const forever = () => new Promise<never>(() => setInterval(() => {}, 1000));

/** Sends all items in the clear; right always. What the other rules of the harness are tried on. */
const clear = variant('clear', {
  receiver: ({ channel }: Session) => ({
    online: async (items: ItemSet) => {
      const theirs = new Set(
        Buffer.from(await channel('sender').receive())
          .toString('latin1')
          .split('\n'),
      );
      const found: number[] = [];
      for (let i = 0; i < items.count; i++) if (theirs.has(hex(items, i))) found.push(i);
      return Uint32Array.from(found);
    },
  }),
  sender: ({ channel }: Session) => ({
    online: async (items: ItemSet) => {
      const lines = Array.from({ length: items.count }, (_, i) => hex(items, i));
      await channel('receiver').send(Buffer.from(lines.join('\n')));
    },
  }),
  kind: 'open',
  security: { ...idle.security, private: false },
});

function hex(items: ItemSet, i: number): string {
  return Buffer.from(items.data.subarray(items.offsets[i], items.offsets[i + 1])).toString('hex');
}

export default [
  idle,
  clear,
  variant('wrong', {
    receiver: (session) => ({
      online: async (items) => ((await clear.receiver(session).online(items)) as Uint32Array).subarray(1),
    }),
    sender: clear.sender,
  }),
  variant('throws', {
    sender: () => ({ online: () => Promise.reject(new Error('the sender gave up on purpose')) }),
    receiver: ({ channel }) => ({ online: async () => new Uint32Array(await channel('sender').receive()) }),
  }),
  variant('exits', {
    sender: () => ({ online: async () => process.exit(9) }),
    receiver: ({ channel }) => ({ online: async () => new Uint32Array(await channel('sender').receive()) }),
  }),
  variant('stalls', { sender: () => ({ online: forever }) }),
  variant('greedy', {
    sender: () => ({
      online: async () => {
        // More than any machine that runs this has: the allocation itself fails.
        new Uint8Array(2 ** 46);
      },
    }),
  }),
  variant('unread', {
    sender: ({ channel }) => ({ online: () => channel('receiver').send(new Uint8Array(3)) }),
  }),
  variant('early', {
    sender: ({ channel }) => ({
      prepare: () => channel('receiver').send(new Uint8Array(3)),
      online: async () => {},
    }),
  }),
  variant('unavailable', { available: async () => 'needs a package that is not there: npm install it' }),
  variant('small', { limits: { receiver: 4, sender: 4 } }),
  variant('costly', { estimate: () => ({ wallMs: 3.6e6 }) }),
  variant('slow', {
    receiver: () => ({
      online: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return new Uint32Array(0);
      },
    }),
  }),
] satisfies Implementation[];
