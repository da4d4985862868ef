import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInMemory, testImplementation } from '../../bench/conformance/index.ts';
import { packItems } from '../primitives/items.ts';
import seal from './index.ts';
import { dropReused } from './reuse.ts';
import { heapBytes } from './runtime.ts';

testImplementation(seal, { options: { parameters: '8192-44' }, scale: 0.1, limitMs: 60_000 });

const numbers = (from: number, count: number) =>
  packItems(Array.from({ length: count }, (_, i) => `patient ${from + i}`));

for (const [parameters, reuse] of [
  ['2048-64', false],
  ['4096-26', false],
  ['4096-26', true],
  ['8192-80', true],
] as const) {
  test(`200 queries, ${parameters}${reuse ? ', preparations reused' : ''}: memory stays flat`, async (context) => {
    dropReused();
    const sets = { receiver: numbers(0, 100), sender: numbers(50, 1000) };
    const options = { parameters, reuse };
    const mesh = { keepBytes: false };
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const { result } = await runInMemory(seal, { ...sets, options, mesh });
        assert.equal(result.length, 50);
      }
    };
    await run(20);
    const before = { heap: heapBytes(), rss: process.memoryUsage.rss() };
    await run(180);
    const after = { heap: heapBytes(), rss: process.memoryUsage.rss() };
    context.diagnostic(
      `SEAL's memory ${(before.heap / 2 ** 20).toFixed(1)} -> ${(after.heap / 2 ** 20).toFixed(1)} MiB, resident ${(before.rss / 2 ** 20).toFixed(0)} -> ${(after.rss / 2 ** 20).toFixed(0)} MiB`,
    );
    assert.equal(after.heap, before.heap);
    // What the garbage collector has not yet taken varies; a leak of one ciphertext per query would be more.
    assert.ok(after.rss < before.rss + 48 * 2 ** 20);
    dropReused();
  });
}
