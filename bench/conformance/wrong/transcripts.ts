/** Right results over a wire that gives something away, or is not used as agreed. */
import { randomBytes } from 'node:crypto';
import type { Session } from '../../contract.ts';
import {
  bytesOf,
  hmac,
  type Parts,
  PRIVATE,
  type Wrong,
  withImage,
  withReading,
  withSending,
  wrong,
} from './parts.ts';
import { baselineReceiver, baselineSender, join, receiveExactly, TAG_BYTES, tagsOf } from './right.ts';

/** Tags under a salt that `makeSalt` gives, sent first. */
function salted(makeSalt: (session: Session) => Uint8Array): Pick<Parts, 'receiver' | 'sender'> {
  return {
    receiver: (session) => ({
      async online(items) {
        const salt = await receiveExactly(session.channel('sender'), 16);
        const tags = await receiveExactly(session.channel('sender'), session.sizes.sender * TAG_BYTES);
        return join(
          tagsOf(items, (item) => hmac(salt, item)),
          tags,
        );
      },
    }),
    ...withSending(async (session, items) => {
      const salt = makeSalt(session);
      await session.channel('receiver').send(salt);
      await session.channel('receiver').send(bytesOf(tagsOf(items, (item) => hmac(salt, item)).sort()));
    }),
  };
}

export const wrongTranscripts: readonly Wrong[] = [
  wrong('hasty', 'sends and receives nothing in prepare', /sent a message to the receiver in prepare/, {
    sender: (session) => ({ prepare: () => session.channel('receiver').send(new Uint8Array(1)) }),
  }),
  wrong(
    'chatty',
    'leaves no message unread at the end of a phase',
    /left 1 message\(s\) from the sender unread/,
    {
      ...withSending(async (session, items) => {
        await baselineSender(session).online(items);
        await session.channel('receiver').send(new Uint8Array(1));
      }),
    },
  ),
  wrong(
    'reuses-buffer',
    'uses channels as agreed: buffers unchanged until sent, one receive at a time',
    /changed a message/,
    {
      ...withSending(async (session, items) => {
        const buffer = bytesOf(tagsOf(items));
        const sending = session.channel('receiver').send(buffer);
        buffer.fill(0);
        await sending;
      }),
    },
  ),
  wrong('unlimited', 'says how long a message it expects may be', /no limit/, {
    ...withReading(async (session, bytes) => {
      const message = await session.channel('sender').receive();
      if (message.length !== bytes) throw new Error(`expected ${bytes} bytes, got ${message.length}`);
      return message;
    }),
  }),
  wrong('both-send-first', 'does not need the wire to hold what it sends', /hangs in online/, {
    receiver: (session) => ({
      async online(items) {
        await session.channel('sender').send(bytesOf(tagsOf(items)));
        return baselineReceiver(session).online(items);
      },
    }),
    ...withSending(async (session, items) => {
      await baselineSender(session).online(items);
      await receiveExactly(session.channel('receiver'), session.sizes.receiver * TAG_BYTES);
    }),
  }),
  wrong('own-randomness', 'gives the same transcript for the same seed', /same seed differ/, {
    ...salted(() => randomBytes(16)),
  }),
  wrong('no-randomness', 'gives another transcript for another seed', /nothing in it is random/, {
    security: PRIVATE,
    receiver: () => ({ setup: async () => {} }),
    sender: (session) => ({
      setup: async () => {},
      online: (items) => session.channel('receiver').send(bytesOf(tagsOf(items))),
    }),
  }),
  wrong('answers-hits', 'sends messages whose sizes do not depend on the overlap', /bytes long in one run/, {
    receiver: (session) => ({
      async online(items) {
        const peer = session.channel('sender');
        await peer.send(bytesOf(tagsOf(items)));
        return join(tagsOf(items), await peer.receive(items.count * TAG_BYTES));
      },
    }),
    ...withSending(async (session, items) => {
      const peer = session.channel('receiver');
      const theirs = await receiveExactly(peer, session.sizes.receiver * TAG_BYTES);
      const mine = tagsOf(items);
      await peer.send(bytesOf([...join(mine, theirs)].map((index) => mine[index]!)));
    }),
  }),
  wrong(
    'sends-lengths',
    'sends messages whose sizes do not depend on the length of items',
    /8 and of 200 bytes/,
    {
      ...withReading(async (session, bytes) => {
        await session.channel('sender').receive(2 ** 20);
        return receiveExactly(session.channel('sender'), bytes);
      }),
      ...withSending(async (session, items) => {
        await session.channel('receiver').send(new Uint8Array(items.data.length));
        await baselineSender(session).online(items);
      }),
    },
  ),
  wrong(
    'racy-flights',
    'counts the same flights whatever the timing',
    /flight 1 in one run, of flight 2|flight 2 in one run, of flight 1/,
    {
      // The greeting and the tags cross, and which comes first decides the flight of the tags.
      receiver: (session) => ({
        async online(items) {
          await session.channel('sender').send(new Uint8Array(1));
          return baselineReceiver(session).online(items);
        },
      }),
      ...withSending(async (session, items) => {
        const reading = session.channel('receiver').receive(1);
        await Promise.race([reading, twoTurns()]);
        await baselineSender(session).online(items);
        await reading;
      }),
    },
  ),
];

async function twoTurns(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}

export const wrongImages: readonly Wrong[] = [
  wrong('fixed-key', 'puts no image of an item on the wire', /sender to receiver/, {
    security: PRIVATE,
    ...withImage((item) => hmac('a key that everybody uses', item)),
  }),
  wrong('hash-in-private', 'puts no item and no plain hash of one on the wire', /the sha256 digest/, {
    security: PRIVATE,
  }),
  wrong('items-in-private', 'puts no item and no plain hash of one on the wire', /a piece/, {
    security: PRIVATE,
    ...withReading(async (session, bytes) => {
      await session.channel('sender').receive(2 ** 20);
      return receiveExactly(session.channel('sender'), bytes);
    }),
    ...withSending(async (session, items) => {
      await session.channel('receiver').send(items.data);
      await baselineSender(session).online(items);
    }),
  }),
  wrong('modest', 'has an image of an item on the wire, being declared not private', /declare it private/, {
    ...salted((session) => session.random.bytes(16)),
  }),
];
