import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryMesh } from '../bench/conformance/memory-channel.ts';
import { systemRandom } from '../bench/party/random.ts';
import { itemDomain } from '../impls/primitives/circuits/item-words.ts';
import { over60Circuit, type Patients, receiver, sender } from './over-60.ts';

/** Both parties, over a mock wire. */
async function play(mine: Patients, theirs: Patients): Promise<number> {
  const mesh = new MemoryMesh({ roles: ['receiver', 'sender'] });
  mesh.beginPhase('online');
  const sizes = { receiver: mine.size, sender: theirs.size };
  const common = { random: systemRandom, context: 'over 60', transfers: 'iknp' } as const;
  const kept = () => new Map<string, unknown>();
  const [result] = await Promise.all([
    receiver(
      { ...common, kept: kept(), channel: mesh.channel('receiver', 'sender'), peer: 'sender' },
      mine,
      sizes,
    ),
    sender(
      { ...common, kept: kept(), channel: mesh.channel('sender', 'receiver'), peer: 'receiver' },
      theirs,
      sizes,
    ),
  ]);
  return result;
}

const patients = (first: number, count: number): Patients =>
  new Map(Array.from({ length: count }, (_, i) => [`patient ${first + i}`, (first + i) % 3 === 0]));

test('counts the shared patients who are over 60, and only these', async () => {
  // Shared are 30 to 49, of whom 30, 33, …, 48 are over 60. What the sender thinks of ages has no influence.
  assert.equal(await play(patients(0, 50), patients(30, 40)), 7);
  assert.equal(await play(patients(0, 10), patients(10, 10)), 0);
  assert.equal(await play(patients(3, 1), patients(3, 1)), 1);
  assert.equal(await play(patients(4, 1), patients(4, 1)), 0);
  assert.equal(await play(patients(0, 0), patients(0, 5)), 0);
});

test('one bit that travels along costs one gate per exchange and two per pair', () => {
  const domain = itemDomain({ receiver: 64, sender: 64 });
  const { lanes: n, bits } = domain;
  const { ands } = over60Circuit(domain).counts;
  const pairs = 2 * n - 1;
  assert.equal(ands, n * 7 * (2 * bits + 1) + pairs * (bits - 1) + pairs + pairs - 7);
});
