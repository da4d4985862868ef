import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { play } from '../../bench/conformance/index.ts';
import type { Role } from '../../bench/contract.ts';
import { encodeU, SMALL_ORDER_U } from '../primitives/curve/points.ts';
import { packItems } from '../primitives/items.ts';
import { recordsPerMessage } from '../primitives/messages/records.ts';
import rr22 from './index.ts';

const numbers = (from: number, count: number) =>
  packItems(Array.from({ length: count }, (_, i) => `patient ${from + i}`));

/** How a run of 30,000 × 60,000 items ends when message `index` of a party is replaced. */
async function tampered(from: Role, index: number, forge: (bytes: Uint8Array) => Uint8Array) {
  const { endings } = await play(rr22, {
    receiver: numbers(0, 30_000),
    sender: numbers(0, 60_000),
    mesh: {
      tamper: (message) =>
        message.from === from && message.index === index ? forge(message.bytes) : undefined,
    },
  });
  const ending = endings.get(from === 'receiver' ? 'sender' : 'receiver');
  return ending?.state === 'failed' ? String(ending.error) : (ending?.state ?? 'absent');
}

const shorter = (bytes: Uint8Array) => bytes.slice(1);

describe('messages of rr22', () => {
  test('each of another length is named', async () => {
    const columns = recordsPerMessage(16);
    const tags = recordsPerMessage(9);
    for (const [from, index, message] of [
      ['receiver', 0, /the receiver's greeting must have 56 bytes, got 55/],
      [
        'receiver',
        1,
        /the receiver's message of base transfers|the receiver's base transfers must have 4112 bytes/,
      ],
      ['receiver', 2, /the receiver's keys and transfers must have \d+ bytes/],
      ['receiver', 3, new RegExp(`the receiver's message of columns 0 to ${columns - 1} must have`)],
      [
        'receiver',
        4,
        new RegExp(`the receiver's message of columns ${columns} to ${2 * columns - 1} must have`),
      ],
      ['sender', 0, /the sender's greeting must have 56 bytes, got 55/],
      ['sender', 1, /the sender's base transfers must have 8208 bytes/],
      ['sender', 2, /the sender's message of the vector OLE must have \d+ bytes/],
      ['sender', 3, new RegExp(`the sender's message of tags 0 to ${tags - 1} must have ${tags * 9} bytes`)],
      ['sender', 5, /the sender's message of tags \d+ to 59999 must have/],
    ] as const) {
      assert.match(await tampered(from, index, shorter), message, `${from} ${index}`);
    }
  });

  test('a base point that is refused is named', async () => {
    const [point = 0n] = SMALL_ORDER_U;
    const forge = (bytes: Uint8Array) => {
      const forged = bytes.slice();
      forged.set(encodeU(point), 16 + 5 * 32);
      return forged;
    };
    assert.match(await tampered('receiver', 1, forge), /the receiver's point .*has small order/);
    assert.match(
      await tampered('sender', 1, forge),
      /the sender's point 1 of base transfer 2 has small order/,
    );
  });

  test('other options at the peer, and a run number that cannot be', async () => {
    const forge = (at: number, byte: number) => (bytes: Uint8Array) => {
      const forged = bytes.slice();
      forged[at] = byte;
      return forged;
    };
    assert.match(
      await tampered('sender', 0, forge(11, 0x62)),
      /does not play "psi-rr22-1 sparse iknp" as this party does: choose equal options/,
    );
    assert.match(await tampered('receiver', 0, forge(55, 1)), /run number, which cannot be/);
  });

  test('columns and tags travel in messages of the declared lengths, in three flights', async () => {
    const { transcript, flights } = await play(rr22, {
      receiver: numbers(0, 1000),
      sender: numbers(500, 3000),
    });
    const lengths = (role: Role) =>
      transcript
        .filter(({ from, phase }) => from === role && phase === 'online')
        .map(({ bytes }) => bytes.length);
    const columns = 1477;
    const depth = Math.ceil(Math.log2(2 * Math.ceil(columns / 248)));
    // 40 + log2(1000 · 3000) = 61.5 bits: 8 bytes.
    assert.deepEqual(lengths('receiver'), [32 + 16 * 248 * (depth + 128), 16 * columns]);
    assert.deepEqual(lengths('sender'), [16 + 248 * (32 * depth + 16), 3000 * 8]);
    assert.deepEqual(flights, { setup: 1, prepare: 0, online: 2 });
  });
});

describe('what rr22 keeps', () => {
  const kept = () => ({ receiver: new Map(), sender: new Map(), helper: new Map() });
  const sets = { receiver: numbers(0, 50), sender: numbers(25, 50) };

  test('a second run sends no base transfers, and nothing of the first run comes again', async () => {
    const state = kept();
    const first = await play(rr22, { ...sets, kept: state });
    const second = await play(rr22, { ...sets, kept: state });
    const setup = (run: typeof first) => run.transcript.filter(({ phase }) => phase === 'setup').length;
    assert.deepEqual([setup(first), setup(second)], [4, 2]);
    assert.deepEqual(Array.from(second.endings.get('receiver')?.state === 'done' ? [1] : []), [1]);
    const head = (run: typeof first) =>
      run.transcript.find(({ from, phase }) => from === 'receiver' && phase === 'online')?.bytes ??
      new Uint8Array(0);
    const same = head(first).filter((byte, i) => byte === head(second)[i]).length / head(first).length;
    assert.ok(same < 0.01, `${same} of the bytes are equal`);
  });

  test('when one party has forgotten, both begin anew', async () => {
    const state = kept();
    await play(rr22, { ...sets, kept: state });
    for (const forgetful of ['receiver', 'sender'] as const) {
      state[forgetful].clear();
      const { endings, transcript } = await play(rr22, { ...sets, kept: state });
      const ending = endings.get('receiver');
      assert.deepEqual(
        ending?.state === 'done' && ending.value,
        Uint32Array.from({ length: 25 }, (_, i) => 25 + i),
      );
      assert.equal(transcript.filter(({ phase }) => phase === 'setup').length, 4);
    }
  });
});
