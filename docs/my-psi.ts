/**
 * An example to start from: hash comparison in plain TypeScript, in one file outside `impls/`.
 *
 *     npx bench check docs/my-psi.ts
 *     npx bench run --impl docs/my-psi.ts,hash --size 2^12
 */
import { createHash } from 'node:crypto';
import type { Implementation, ItemSet, Session } from 'psi-bench';

/** Bytes of a tag: 40 + log2(n_r · n_s) bits make a chance match anywhere as improbable as 2^-40. */
function tagBytes({ receiver, sender }: Session['sizes']): number {
  return Math.ceil((40 + Math.log2(Math.max(1, receiver) * Math.max(1, sender))) / 8);
}

function tagOf(items: ItemSet, index: number, length: number): Buffer {
  const item = items.data.subarray(items.offsets[index], items.offsets[index + 1]);
  return createHash('sha256').update(item).digest().subarray(0, length);
}

const myPsi: Implementation = {
  id: 'my-psi',
  title: 'My protocol',
  summary: 'The sender sends sorted, truncated SHA-256 tags of its items.',
  references: ['impls/README.md'],
  version: '1',
  kind: 'open', // not private: see `security`
  build: 'ts',
  security: {
    private: false, // images of the items travel: the suite checks that this is not claimed otherwise
    model: 'none: hides only items that cannot be guessed',
    trust: 'nobody, but items must be unguessable',
    assumption: 'SHA-256 is one-way on the items',
    bits: null,
    postQuantum: true,
    learns: { receiver: "every item of the sender's that it can guess" },
    falsePositiveLog2: -40,
  },
  options: {},
  available: async () => true,

  receiver(session) {
    const length = tagBytes(session.sizes);
    return {
      async online(items) {
        const expected = session.sizes.sender * length;
        // The most that the protocol allows: a lying peer cannot make this process allocate more.
        const message = await session.channel('sender').receive(expected);
        if (message.length !== expected) {
          throw new Error(`the sender's tags must have ${expected} bytes, got ${message.length}`);
        }
        const tags = Buffer.from(message.buffer, message.byteOffset, message.length);
        const theirs = new Set<string>();
        for (let at = 0; at < tags.length; at += length) theirs.add(tags.toString('latin1', at, at + length));
        const found: number[] = [];
        for (let i = 0; i < items.count; i++) {
          if (theirs.has(tagOf(items, i, length).toString('latin1'))) found.push(i);
        }
        return Uint32Array.from(found); // strictly ascending
      },
    };
  },

  sender(session) {
    const length = tagBytes(session.sizes);
    let tags: Buffer[] = [];
    return {
      // What can be done before the peer is known: own items only, nothing is sent.
      async prepare(items) {
        tags = Array.from({ length: items.count }, (_, i) => tagOf(items, i, length));
        tags.sort(Buffer.compare); // an order that says nothing about the order of the items
      },
      async online() {
        await session.channel('receiver').send(Buffer.concat(tags));
      },
    };
  },
};

export default myPsi;
