/**
 * A tiny protocol that is right: the sender sends SHA-256 of its items, cut to 8 bytes and sorted. It
 * declares itself not private. The wrong implementations of `wrong.ts` are this one with one thing broken.
 */
import { createHash } from 'node:crypto';
import { itemAt } from '../../impls/primitives/items.ts';
import type { Channel, Implementation, ItemSet, Session } from '../contract.ts';

export const TAG_BYTES = 8;

/** The image of an item, as hex. */
export function tag(item: Uint8Array): string {
  return createHash('sha256')
    .update(item)
    .digest('hex')
    .slice(0, 2 * TAG_BYTES);
}

export function tagsOf(items: ItemSet, image: (item: Uint8Array) => string = tag): string[] {
  return Array.from({ length: items.count }, (_, i) => image(itemAt(items, i)));
}

/** Receives one message of exactly `length` bytes. */
export async function receiveExactly(channel: Channel, length: number): Promise<Uint8Array> {
  const message = await channel.receive(length);
  if (message.length !== length) {
    throw new Error(`expected a message of ${length} bytes from the peer, got ${message.length}`);
  }
  return message;
}

/** The indices of `tags` that occur in `theirs`, which is tags in a row. */
export function join(tags: readonly string[], theirs: Uint8Array): number[] {
  const known = new Set<string>();
  for (let start = 0; start < theirs.length; start += TAG_BYTES) {
    known.add(Buffer.from(theirs.subarray(start, start + TAG_BYTES)).toString('hex'));
  }
  return tags.flatMap((t, i) => (known.has(t) ? [i] : []));
}

export const baseline: Implementation = {
  id: 'baseline',
  title: 'Baseline of the conformance suite',
  summary: 'The sender sends the first 8 bytes of SHA-256 of each item, in a random order.',
  references: ['FIPS 180-4'],
  version: '1',
  build: 'ts',
  security: {
    private: false,
    model: 'none',
    trust: 'nobody, but items must be unguessable',
    assumption: 'SHA-256 has no collisions',
    bits: null,
    postQuantum: true,
    learns: { receiver: 'every item of the sender that can be guessed' },
    falsePositiveLog2: -40,
  },
  options: {},
  available: async () => true,
  receiver: (session) => ({
    // A greeting each way, so that there are messages in setup and in both directions to tamper with.
    setup: () => greet(session),
    async online(items) {
      const message = await receiveExactly(session.channel('sender'), session.sizes.sender * TAG_BYTES);
      return Uint32Array.from(join(tagsOf(items), message));
    },
  }),
  sender: (session) => ({
    setup: () => greet(session),
    async online(items) {
      await session.channel('receiver').send(Buffer.from(shuffle(tagsOf(items), session).join(''), 'hex'));
    },
  }),
};

/** Both sides send 16 random bytes and read the other's. */
export async function greet(session: Session): Promise<void> {
  const peer = session.channel(session.role === 'receiver' ? 'sender' : 'receiver');
  await peer.send(session.random.bytes(16));
  await receiveExactly(peer, 16);
}

/** Sorts by random keys from the session. */
export function shuffle<T>(elements: readonly T[], session: Session): T[] {
  return elements
    .map((element) => ({ element, key: Buffer.from(session.random.bytes(6)).readUIntBE(0, 6) }))
    .sort((a, b) => a.key - b.key)
    .map(({ element }) => element);
}
