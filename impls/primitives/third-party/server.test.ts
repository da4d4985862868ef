import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateKeyPair } from '../secure-channel/hpke.ts';
import { connectSecure, type Pipe, type SecureChannel } from '../secure-channel/secure-channel.ts';
import { bitmapOf, setBits } from './bitmap.ts';
import {
  type Agreement,
  assertAccepted,
  type ClientRole,
  decodeGreeting,
  encodeGreeting,
  type Greeting,
  WELCOME_LENGTH,
} from './greeting.ts';
import { channelInfo } from './info.ts';
import { Server } from './server.ts';

const random = {
  bytes: (length: number) => new Uint8Array(randomBytes(length)),
  fill: (target: Uint8Array) => {
    target.set(randomBytes(target.length));
    return target;
  },
};
const NONE = new Uint8Array(0);

/** Two ends of an ordered pipe. */
function pipe(): [Pipe, Pipe] {
  const queues: Uint8Array[][] = [[], []];
  const wake: ((() => void) | undefined)[] = [];
  const end = (own: number): Pipe => ({
    async send(message) {
      queues[1 - own]!.push(new Uint8Array(message));
      wake[1 - own]?.();
    },
    async receive() {
      while (queues[own]!.length === 0) await new Promise<void>((resolve) => (wake[own] = resolve));
      return queues[own]!.shift()!;
    },
  });
  return [end(0), end(1)];
}

interface Scene {
  readonly agreement?: Partial<Record<ClientRole, Agreement>>;
  readonly sizes?: Partial<Record<ClientRole, Greeting['sizes']>>;
  /** Whom a client names in place of its peer. */
  readonly stranger?: ClientRole;
  /** Whether the host connects each client in the other's place. */
  readonly isSwapped?: boolean;
}

const output = { kind: 'intersection' } as const;
const PLAIN: Agreement = { upload: 'digests', join: 'plain', output };
const SIZES = { receiver: 2, sender: 1 };

/** A server and two clients that have greeted it. */
async function meet(scene: Scene) {
  const keyPair = await generateKeyPair(random);
  const pipes = { receiver: pipe(), sender: pipe() };
  const places = scene.isSwapped
    ? { receiver: pipes.sender[1], sender: pipes.receiver[1] }
    : { receiver: pipes.receiver[1], sender: pipes.sender[1] };
  const accepted = Server.accept(places, keyPair, { receiver: NONE, sender: NONE }, random);
  accepted.catch(() => {});
  const ends = {
    receiver: await connectSecure(
      pipes.receiver[0],
      keyPair.publicKey,
      channelInfo('receiver', NONE),
      random,
    ),
    sender: await connectSecure(pipes.sender[0], keyPair.publicKey, channelInfo('sender', NONE), random),
  };
  for (const role of ['receiver', 'sender'] as const) {
    const other = role === 'receiver' ? 'sender' : 'receiver';
    const peer = scene.stranger === role ? new Uint8Array(32).fill(1) : ends[other].encapsulated;
    const agreement = scene.agreement?.[role] ?? PLAIN;
    await ends[role].channel.send(
      encodeGreeting({ role, agreement, sizes: scene.sizes?.[role] ?? SIZES, peer }),
    );
  }
  return { accepted, receiver: ends.receiver.channel, sender: ends.sender.channel };
}

const welcome = async (channel: SecureChannel) => assertAccepted((await channel.receive(WELCOME_LENGTH))[0]);

const REFUSALS: [string, Scene, RegExp][] = [
  ['a receiver that wants another sender', { stranger: 'receiver' }, /not the one that this party asked for/],
  ['a sender that wants another receiver', { stranger: 'sender' }, /not the one that this party asked for/],
  [
    'different joins',
    { agreement: { sender: { upload: 'digests', join: 'oblivious', output } } },
    /want different joins, uploads or outputs/,
  ],
  [
    'different uploads',
    { agreement: { receiver: { upload: 'items', join: 'plain', output } } },
    /want different joins/,
  ],
  [
    'a sender that allows the number alone',
    { agreement: { sender: { ...PLAIN, output: { kind: 'cardinality' } } } },
    /want different joins, uploads or outputs/,
  ],
  [
    'different thresholds',
    {
      agreement: {
        receiver: { ...PLAIN, output: { kind: 'threshold', atLeast: 1 } },
        sender: { ...PLAIN, output: { kind: 'threshold', atLeast: 2 } },
      },
    },
    /want different joins, uploads or outputs/,
  ],
  ['different sizes', { sizes: { sender: { receiver: 2, sender: 2 } } }, /announce different set sizes/],
];

for (const [name, scene, reason] of REFUSALS) {
  test(`refused, and both clients are told why: ${name}`, async () => {
    const { accepted, receiver, sender } = await meet(scene);
    await assert.rejects(welcome(receiver), reason);
    await assert.rejects(welcome(sender), reason);
    await assert.rejects(accepted, reason);
  });
}

test("clients connected in each other's place share no key with the server", async () => {
  const { accepted } = await meet({ isSwapped: true });
  await assert.rejects(accepted, /was altered, or made under another key/);
});

const ordered = Buffer.concat([Buffer.alloc(16, 1), Buffer.alloc(16, 2)]);
const UPLOADS: [string, Agreement['join'], Record<ClientRole, Uint8Array>, RegExp][] = [
  [
    'too few digests',
    'plain',
    { receiver: ordered.subarray(16), sender: ordered.subarray(16) },
    /receiver's upload is malformed/,
  ],
  [
    'half a digest',
    'oblivious',
    { receiver: ordered, sender: ordered.subarray(8, 16) },
    /sender's upload is malformed/,
  ],
  ...(['plain', 'oblivious'] as const).map((join): (typeof UPLOADS)[number] => [
    `unsorted digests, ${join} join`,
    join,
    {
      receiver: Buffer.concat([ordered.subarray(16), ordered.subarray(0, 16)]),
      sender: ordered.subarray(16),
    },
    /receiver's digests are not strictly ascending/,
  ]),
];

for (const [name, join, uploads, reason] of UPLOADS) {
  test(`refused in an answer of the usual length: ${name}`, async () => {
    const agreement: Agreement = { upload: 'digests', join, output };
    const { accepted, receiver, sender } = await meet({
      agreement: { receiver: agreement, sender: agreement },
    });
    await Promise.all([welcome(receiver), welcome(sender)]);
    const served = (await accepted).serve();
    served.catch(() => {});
    await receiver.send(uploads.receiver);
    await sender.send(uploads.sender);
    const answer = await receiver.receive(100);
    assert.equal(answer.length, 2);
    assert.equal(answer[1], 0);
    assert.throws(() => assertAccepted(answer[0]), reason);
    const acknowledgement = await sender.receive(100);
    assert.equal(acknowledgement.length, 1);
    assert.throws(() => assertAccepted(acknowledgement[0]), reason);
    await assert.rejects(served, reason);
  });
}

test('greetings: what is malformed, of another version, too large or contradictory is refused', () => {
  const good = encodeGreeting({
    role: 'sender',
    agreement: PLAIN,
    sizes: SIZES,
    peer: new Uint8Array(32).fill(7),
  });
  assert.deepEqual(decodeGreeting(good).sizes, SIZES);
  assert.equal(decodeGreeting(good).role, 'sender');
  const changed = (at: number, value: number) => {
    const bytes = new Uint8Array(good);
    bytes[at] = value;
    return bytes;
  };
  for (const bytes of [
    changed(0, 1),
    changed(1, 2),
    changed(2, 2),
    changed(3, 2),
    changed(4, 3),
    good.subarray(1),
    new Uint8Array(0),
  ]) {
    assert.throws(() => decodeGreeting(bytes), /not a greeting of this version/);
  }
  assert.throws(() => decodeGreeting(changed(8, 2)), /more than 16777216 items/);
  assert.throws(() => decodeGreeting(changed(19, 1)), /a threshold that is none/);
  assert.throws(() => decodeGreeting(changed(4, 2)), /a threshold that is none/);
  const contradiction = encodeGreeting({
    role: 'sender',
    agreement: { upload: 'items', join: 'oblivious', output },
    sizes: SIZES,
    peer: new Uint8Array(32),
  });
  assert.throws(() => decodeGreeting(contradiction), /needs sorted digests/);
});

test('bitmaps: bits that are set come back, those beyond the count do not', () => {
  for (const count of [0, 1, 7, 8, 9, 100]) {
    const indices = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => i % 3 !== 1);
    assert.deepEqual(setBits(bitmapOf(indices, count), count), indices);
  }
  assert.deepEqual(setBits(Uint8Array.of(0xff), 3), Uint32Array.of(0, 1, 2));
});

test('an unknown verdict is a refusal', () => {
  assert.throws(() => assertAccepted(200), /unknown reason/);
  assert.throws(() => assertAccepted(undefined), /unknown reason/);
});
