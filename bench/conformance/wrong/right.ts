/**
 * Two tiny protocols that are right, for the tests of the suite. `baseline`: the sender sends SHA-256 of
 * its items, cut to 8 bytes and shuffled; it declares itself not private. `baseline-helper`: both sides
 * send encrypted digests to a third party, which tells the receiver; it declares itself private. The
 * wrong implementations of `wrong.ts` are the first with one thing broken.
 */

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import { itemAt } from '../../../impls/primitives/items.ts';
import { receiveExactly as receiveMessage } from '../../../impls/primitives/messages/receive-exactly.ts';
import type {
  Channel,
  HelperParty,
  Implementation,
  ItemSet,
  Party,
  SenderParty,
  Session,
} from '../../contract.ts';

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
export function receiveExactly(channel: Channel, length: number): Promise<Uint8Array> {
  return receiveMessage(channel, length, "the peer's message");
}

/** The indices of `tags` that occur in `theirs`, which is tags in a row. */
export function join(tags: readonly string[], theirs: Uint8Array): Uint32Array {
  const known = new Set<string>();
  for (let start = 0; start < theirs.length; start += TAG_BYTES) {
    known.add(Buffer.from(theirs.subarray(start, start + TAG_BYTES)).toString('hex'));
  }
  return Uint32Array.from(tags.flatMap((t, i) => (known.has(t) ? [i] : [])));
}

/** Both sides send 16 random bytes and read the other's: messages in setup and in both directions. */
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

export function baselineReceiver(session: Session, image = tag): Party<Uint32Array> {
  return {
    setup: () => greet(session),
    async online(items) {
      const message = await receiveExactly(session.channel('sender'), session.sizes.sender * TAG_BYTES);
      return join(tagsOf(items, image), message);
    },
  };
}

export function baselineSender(session: Session, image = tag): SenderParty {
  return {
    setup: () => greet(session),
    async online(items) {
      await session
        .channel('receiver')
        .send(Buffer.from(shuffle(tagsOf(items, image), session).join(''), 'hex'));
    },
  };
}

export const baseline: Implementation = {
  id: 'baseline',
  title: 'Baseline of the conformance suite',
  summary: 'The sender sends the first 8 bytes of SHA-256 of each item, in a random order.',
  references: ['FIPS 180-4'],
  version: '1',
  kind: 'open',
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
  receiver: (session) => baselineReceiver(session),
  sender: (session) => baselineSender(session),
};

const GCM_BYTES = 16;

/** X25519 from 32 bytes of the session's randomness, so that a seeded run repeats. */
function keyPair(session: Session): { secret: KeyObject; publicBytes: Uint8Array } {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b656e04220420', 'hex'),
    session.random.bytes(32),
  ]);
  const secret = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    secret,
    publicBytes: createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32),
  };
}

async function agree(session: Session, peer: Channel): Promise<Buffer> {
  const { secret, publicBytes } = keyPair(session);
  await peer.send(publicBytes);
  const spki = Buffer.concat([
    Buffer.from('302a300506032b656e032100', 'hex'),
    await receiveExactly(peer, 32),
  ]);
  try {
    const shared = diffieHellman({
      privateKey: secret,
      publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    });
    return createHash('sha256').update(shared).digest();
  } catch (cause) {
    throw new Error("the peer's public key is not a point of large order on Curve25519", { cause });
  }
}

/** Each key encrypts one message in each direction: `nonce` tells them apart. */
function seal(key: Uint8Array, nonce: number, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, new Uint8Array(12).fill(nonce));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, nonce: number, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, new Uint8Array(12).fill(nonce));
  decipher.setAuthTag(sealed.subarray(-GCM_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -GCM_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new Error('a message did not decrypt: it was changed on its way', { cause });
  }
}

async function sendTags(session: Session, key: Uint8Array, items: ItemSet): Promise<void> {
  await session.channel('helper').send(seal(key, 1, Buffer.from(tagsOf(items).join(''), 'hex')));
}

function helperReceiver(session: Session): Party<Uint32Array> {
  let key: Uint8Array;
  return {
    async setup() {
      key = await agree(session, session.channel('helper'));
    },
    async online(items) {
      await sendTags(session, key, items);
      const flags = open(key, 2, await receiveExactly(session.channel('helper'), items.count + GCM_BYTES));
      return Uint32Array.from([...flags].flatMap((flag, i) => (flag === 1 ? [i] : [])));
    },
  };
}

function helperSender(session: Session): SenderParty {
  let key: Uint8Array;
  return {
    async setup() {
      key = await agree(session, session.channel('helper'));
    },
    online: (items) => sendTags(session, key, items),
  };
}

function helper(session: Session): HelperParty {
  const keys: Uint8Array[] = [];
  return {
    async setup() {
      for (const role of ['receiver', 'sender'] as const)
        keys.push(await agree(session, session.channel(role)));
    },
    async online() {
      const tags: Uint8Array[] = [];
      for (const [i, role] of (['receiver', 'sender'] as const).entries()) {
        const length = session.sizes[role] * TAG_BYTES + GCM_BYTES;
        tags.push(open(keys[i]!, 1, await receiveExactly(session.channel(role), length)));
      }
      const [ofReceiver, ofSender] = tags as [Uint8Array, Uint8Array];
      const flags = new Uint8Array(session.sizes.receiver);
      const receiverTags = Buffer.from(ofReceiver).toString('hex').match(/.{16}/g) ?? [];
      for (const index of join(receiverTags, ofSender)) flags[index] = 1;
      await session.channel('receiver').send(seal(keys[0]!, 2, flags));
    },
  };
}

export const baselineHelper: Implementation = {
  ...baseline,
  id: 'baseline-helper',
  title: 'Baseline with a third party',
  summary: 'Both sides send digests to a helper under fresh X25519 keys; it answers the receiver.',
  references: ['RFC 7748', 'FIPS 180-4', 'NIST SP 800-38D'],
  kind: 'third-party',
  security: {
    ...baseline.security,
    private: true,
    model: 'trusted third party',
    trust: 'the helper, and that nobody is in the middle',
    bits: 128,
    postQuantum: false,
    learns: { helper: 'every item that can be guessed' },
  },
  receiver: helperReceiver,
  sender: helperSender,
  helper,
};
