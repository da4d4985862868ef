/**
 * PSI by comparing hashes: the sender sends a truncated SHA-256 of each of its items, and the receiver looks
 * up its own. Not private (whoever can guess an item finds it in the message), and therefore the floor
 * under the cost of every private protocol.
 */
import type { Implementation, ItemSet } from '../../bench/contract.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { Join } from '../primitives/join/join.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { sortRecords } from '../primitives/packed/sort/sort.ts';

/** One block of SHA-256: as a prefix it is hashed once, and costs nothing per item. */
const SALT_BYTES = 64;

/** Most bytes of a message: small enough that the receiver works on one while the next is under way. */
const MAX_MESSAGE = 256 * 1024;

/** Bytes of the message that comes when `left` bytes of tags are still to come. */
function messageLength(left: number, width: number): number {
  return Math.min(left, MAX_MESSAGE - (MAX_MESSAGE % width));
}

const hash: Implementation = {
  id: 'hash',
  title: 'Hash comparison',
  summary: 'The sender sends truncated SHA-256 digests of its items; the receiver looks up its own.',
  references: ['FIPS 180-4 (SHA-256)', 'Lemire and Kaser 2014 (MULTILINEAR-HM, hashing in the join)'],
  version: '1',
  kind: 'open',
  build: 'wasm',
  security: {
    private: false,
    model: 'none: hides only items that cannot be guessed',
    trust: 'nobody, but items must be unguessable',
    assumption: 'SHA-256 is one-way on the items, which their entropy decides',
    bits: null,
    postQuantum: true,
    learns: { receiver: "every item of the sender's that it can guess" },
    falsePositiveLog2: -40,
  },
  options: {
    salt: {
      type: 'boolean',
      default: false,
      description:
        'digest under a random salt of the run, chosen by the sender: stops precomputed tables, not guessing',
    },
  },
  available: async () => true,
  engine: () => 'wasm-simd',
  receiver(session) {
    const width = tagLength(session.sizes);
    let digester: Digester;
    let table: Join | undefined;
    return {
      async setup() {
        digester = session.options.salt
          ? new Digester({
              width,
              prefix: await receiveExactly(session.channel('sender'), SALT_BYTES, "the sender's salt"),
            })
          : new Digester({ width });
      },
      async prepare(items: ItemSet) {
        table = new Join(digester.items(items), width);
      },
      async online() {
        for (let left = session.sizes.sender * width; left > 0; ) {
          const length = messageLength(left, width);
          table!.add(await receiveExactly(session.channel('sender'), length, "the sender's message of tags"));
          left -= length;
        }
        return table!.result();
      },
      close() {
        table = undefined;
      },
    };
  },
  sender(session) {
    const width = tagLength(session.sizes);
    let digester: Digester;
    let tags = new Uint8Array(0);
    return {
      async setup() {
        if (!session.options.salt) {
          digester = new Digester({ width });
          return;
        }
        const salt = session.random.bytes(SALT_BYTES);
        digester = new Digester({ width, prefix: salt });
        await session.channel('receiver').send(salt);
      },
      async prepare(items: ItemSet) {
        tags = digester.items(items);
        // Their order must not tell in which order the sender holds its items.
        sortRecords(tags, width);
      },
      async online() {
        const flight = session.channel('receiver').openFlight();
        for (let at = 0; at < tags.length; ) {
          const end = at + messageLength(tags.length - at, width);
          await flight.send(tags.subarray(at, end));
          at = end;
        }
      },
      close() {
        tags = new Uint8Array(0);
      },
    };
  },
};

export default hash;
