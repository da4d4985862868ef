import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  checkImplementation,
  type PlayInput,
  play,
  testImplementation,
} from '../../bench/conformance/index.ts';
import type { Implementation } from '../../bench/contract.ts';
import type { EngineName } from '../primitives/curve/engine.ts';
import { encodeU } from '../primitives/curve/points.ts';
import { packItems } from '../primitives/items.ts';
import ecdh from './index.ts';
import { CHUNK } from './stream.ts';

testImplementation(ecdh);
testImplementation(ecdh, { options: { engine: 'sodium' } });
testImplementation(ecdh, { options: { engine: 'noble' }, scale: 0.2 });

/** Each worker takes about 40 ms to start, so only what threads may change is checked with them. */
test('conformance with workers', async () => {
  const results = await checkImplementation(ecdh, {
    threads: 2,
    scale: 0.2,
    only: [
      'handles sets of many sizes',
      'does not need the wire to hold what it sends',
      'gives the same transcript for the same seed',
      'fails clearly when its peer dies',
      'survives garbage: a clear error or a valid result',
      'leaves nothing running after a run or a failed one',
    ],
  });
  for (const { name, outcome, reason } of results) assert.equal(outcome, 'passed', `${name}: ${reason}`);
});

/** The parties with an engine each. */
function mixed(receiver: EngineName | 'auto', sender: EngineName | 'auto'): Implementation {
  return {
    ...ecdh,
    receiver: (session) => ecdh.receiver({ ...session, options: { engine: receiver } }),
    sender: (session) => ecdh.sender({ ...session, options: { engine: sender } }),
  };
}

/** `count` items that begin at `from`. */
function numbers(from: number, count: number) {
  return packItems(Array.from({ length: count }, (_, i) => `patient ${from + i}`));
}

async function failures(implementation: Implementation, input: PlayInput): Promise<Record<string, string>> {
  const { endings } = await play(implementation, input);
  return Object.fromEntries(
    [...endings].map(([role, ending]) => [
      role,
      ending.state === 'failed' ? String(ending.error) : ending.state,
    ]),
  );
}

describe('ecdh', () => {
  test('parties with different engines of one group understand each other, over many chunks', async () => {
    const [own, theirs] = [numbers(0, 2 * CHUNK + 3), numbers(CHUNK, 2 * CHUNK)];
    for (const [receiver, sender] of [
      ['wasm', 'sodium'],
      ['sodium', 'wasm'],
      ['auto', 'wasm'],
    ] as const) {
      const { endings } = await play(mixed(receiver, sender), { receiver: own, sender: theirs });
      const ending = endings.get('receiver')!;
      assert.deepEqual(
        ending.state === 'done' && ending.value,
        Uint32Array.from({ length: CHUNK + 3 }, (_, i) => CHUNK + i),
      );
    }
  });

  test('engines of different groups: both parties say so in setup', async () => {
    const input = { receiver: numbers(0, 3), sender: numbers(0, 3) };
    const { receiver, sender } = await failures(mixed('wasm', 'noble'), input);
    assert.match(receiver!, /the sender does not compute in curve25519, .* choose engines of one group/);
    assert.match(sender!, /the receiver does not compute in ristretto255/);
  });

  test('a point that is refused is named, with the reason', async () => {
    const bad = [
      [encodeU(0n), 'has small order'],
      [encodeU(2n ** 255n - 20n), 'has small order'],
      [encodeU(2n ** 255n - 19n), 'is no canonical encoding'],
      [new Uint8Array(32).fill(255), 'is no canonical encoding'],
    ] as const;
    for (const threads of [1, 2]) {
      for (const [point, reason] of bad) {
        const place = CHUNK + 1000;
        const failed = await failures(ecdh, {
          receiver: numbers(0, 2 * CHUNK),
          sender: numbers(0, 5),
          threads,
          mesh: {
            // The receiver's messages: a greeting, then its points.
            tamper: ({ from, index, bytes }) => {
              if (from !== 'receiver' || index !== 2) return undefined;
              const forged = bytes.slice();
              forged.set(point, 1000 * 32);
              return forged;
            },
          },
        });
        assert.match(failed.sender!, new RegExp(`the receiver's point ${place} .* ${reason}`));
      }
    }
  });

  test('the false-positive bound holds by the length of tags: messages have the declared lengths', async () => {
    const { transcript } = await play(ecdh, { receiver: numbers(0, 1000), sender: numbers(500, 3000) });
    const online = transcript.filter(({ phase }) => phase === 'online');
    const lengths = (role: string) =>
      online.filter(({ from }) => from === role).map(({ bytes }) => bytes.length);
    // 40 + log2(1000 · 3000) = 61.5 bits: 8 bytes.
    assert.deepEqual(lengths('sender'), [CHUNK * 32, (3000 - CHUNK) * 32, 1000 * 8]);
    assert.deepEqual(lengths('receiver'), [1000 * 32]);
    assert.deepEqual(online.map(({ from, flight }) => `${from} ${flight}`).sort(), [
      'receiver 1',
      'sender 1',
      'sender 1',
      'sender 2',
    ]);
  });

  test('no order of the sets shows: equal items in another order, other places on the wire', async () => {
    // With the seed, keys are the same in both runs; the sender's message then depends on its set alone.
    const run = async (names: string[]) => {
      const sender = packItems(names);
      const { transcript } = await play(ecdh, { receiver: numbers(0, 2), sender, seed: 'order' });
      return transcript.find(({ phase, from }) => phase === 'online' && from === 'sender')!.bytes;
    };
    const names = Array.from({ length: 50 }, (_, i) => `name ${i}`);
    assert.deepEqual(await run(names), await run(names.toReversed()));
  });
});
