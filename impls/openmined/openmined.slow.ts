/** The suite with the exact structure and at full size, the structures at their limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInMemory, testImplementation } from '../../bench/conformance/index.ts';
import type { ItemSet } from '../../bench/contract.ts';
import { packItems } from '../primitives/items.ts';
import openmined from './index.ts';

testImplementation(openmined, {
  scale: 0.5,
  optionSets: [{ structure: 'raw' }, { structure: 'gcs', fpr: 2 ** -40 }],
});

const numbers = (from: number, count: number): ItemSet =>
  packItems(Array.from({ length: count }, (_, i) => `item ${from + i}`));

/** The indices found among `receiver` items of which the last is shared, and the bytes of the sender's set. */
async function playAt(receiver: number, sender: number, options: { structure?: string; fpr?: number }) {
  const sets = { receiver: numbers(0, receiver), sender: numbers(receiver - 1, sender) };
  const { result, counts } = await runInMemory(openmined, { ...sets, options, limitMs: 120_000 });
  const bytes = counts.filter(({ from }) => from === 'sender').reduce((sum, count) => sum + count.bytes, 0);
  return { result: [...result], setupBytes: bytes - 35 * receiver };
}

test('auto takes raw where hashes would be too short; gcs says so', async () => {
  const raw = await playAt(2048, 1, {});
  assert.deepEqual(raw, { result: [2047], setupBytes: 4 + 32 + 35 });
  await assert.rejects(playAt(2048, 1, { structure: 'gcs' }), /too short for 2048 × 1 items.*structure=raw/);
});

test('the longest hashes that are taken give right results, within the padding', async () => {
  // 2^50 values per item, and 60 bits at 2^10 × 2^10 items.
  const spread = await playAt(1024, 1024, { structure: 'gcs', fpr: 2 ** -40 });
  assert.deepEqual(spread.result, [1023]);
  for (const [receiver, sender] of [
    [700, 1000],
    [1, 1000],
    [1000, 700],
  ] as const) {
    assert.deepEqual((await playAt(receiver, sender, { structure: 'gcs' })).result, [receiver - 1]);
  }
});
