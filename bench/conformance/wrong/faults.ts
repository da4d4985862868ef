/** Right until the peer misbehaves or the run ends. */
import { Worker } from 'node:worker_threads';
import type { Session } from '../../contract.ts';
import { bytesOf, type Wrong, withReading, withSending, wrong } from './parts.ts';
import { greet, join, receiveExactly, shuffle, TAG_BYTES, tagsOf } from './right.ts';

/** Waits for a message again and again, whatever happens. */
async function stubbornly(session: Session, bytes: number): Promise<Uint8Array> {
  for (;;) {
    try {
      return await receiveExactly(session.channel('sender'), bytes);
    } catch {
      if (session.signal.aborted) throw new Error('the run is over');
    }
  }
}

export const wrongFaults: readonly Wrong[] = [
  wrong('stubborn', 'fails clearly when its peer dies', /the receiver hangs/, { ...withReading(stubbornly) }),
  wrong('patient', 'fails clearly when its peer stalls', /the receiver hangs/, {
    ...withReading(stubbornly),
  }),
  wrong('resigned', 'fails clearly when its peer dies', /did not notice/, {
    ...withReading((session, bytes) =>
      receiveExactly(session.channel('sender'), bytes).catch(() => new Uint8Array(0)),
    ),
  }),
  wrong('takes-less', 'refuses truncated messages', /did not notice/, {
    ...withReading((session, bytes) => session.channel('sender').receive(bytes)),
  }),
  wrong('takes-more', 'refuses messages that are too long', /did not notice/, {
    ...withReading(async (session, bytes) =>
      (await session.channel('sender').receive(2 ** 22)).subarray(0, bytes),
    ),
  }),
  wrong('takes-anything', 'refuses garbage of another length', /did not notice/, {
    ...withReading((session) => session.channel('sender').receive(2 ** 22)),
  }),
  wrong('trusts-json', 'survives garbage: a clear error or a valid result', /SyntaxError/, {
    receiver: (session) => ({
      async online(items) {
        const message = await session.channel('sender').receive(2 ** 22);
        return join(tagsOf(items), bytesOf(JSON.parse(Buffer.from(message).toString())));
      },
    }),
    ...withSending((session, items) =>
      session.channel('receiver').send(Buffer.from(JSON.stringify(shuffle(tagsOf(items), session)))),
    ),
  }),
  wrong(
    'trusts-indices',
    'survives garbage: a clear error or a valid result',
    /there are 6 items|not ascending/,
    {
      receiver: (session) => ({
        async online(items) {
          const peer = session.channel('sender');
          await peer.send(bytesOf(tagsOf(items)));
          const flags = await receiveExactly(peer, items.count * 4);
          const found = new Uint32Array(Uint8Array.from(flags).buffer);
          return found.filter((index) => index !== 2 ** 31);
        },
      }),
      ...withSending(async (session, items) => {
        const peer = session.channel('receiver');
        const theirs = Buffer.from(await receiveExactly(peer, session.sizes.receiver * TAG_BYTES));
        const tags = theirs.toString('hex').match(/.{16}/g) ?? [];
        const padded = new Uint32Array(tags.length).fill(2 ** 31);
        padded.set(join(tags, bytesOf(tagsOf(items))));
        await peer.send(new Uint8Array(padded.buffer));
      }),
    },
  ),
  wrong('leaves-timer', 'leaves nothing running after a run or a failed one', /left running: Timeout/, {
    receiver: (session) => ({
      async setup() {
        setTimeout(() => {}, 4_000);
        await greet(session);
      },
    }),
  }),
  wrong('leaves-worker', 'leaves nothing running after a run or a failed one', /1 worker thread/, {
    receiver: (session) => ({
      async setup() {
        // Unreferenced, so that the tests can end.
        new Worker('setInterval(() => {}, 1_000)', { eval: true }).unref();
        await greet(session);
      },
    }),
  }),
];
