import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, systemRandom } from '../../../bench/party/random.ts';
import { randomOrder } from './order.ts';

test('every count from 0 to 100, and a large one, gives a permutation', () => {
  for (const count of [...Array(101).keys(), 70_000]) {
    const sorted = randomOrder(count, systemRandom).sort();
    assert.ok(sorted.every((value, i) => value === i) && sorted.length === count);
  }
});

for (const direct of [4, 3]) {
  test(`all 24 orders of four come up about equally often, ${direct < 4 ? 'through buckets' : 'in place'}`, () => {
    const random = seededRandom('orders of four');
    const seen = new Map<string, number>();
    for (let i = 0; i < 4800; i++) {
      const key = randomOrder(4, random, direct).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    assert.equal(seen.size, 24);
    // Expected 200 each; chi-squared with 23 degrees of freedom exceeds 60 with probability 4e-5.
    const chi = [...seen.values()].reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
    assert.ok(chi < 60, `chi-squared ${chi}`);
  });
}

test('all 120 orders of five come up about equally often, through buckets that hold several', () => {
  // Bytes below 2 only: two of the 256 buckets are used.
  const source = seededRandom('orders of five');
  const random = {
    bytes: (length: number) => source.bytes(length).map((byte) => (length === 5 ? byte & 1 : byte)),
    fill: (target: Uint8Array) => source.fill(target),
  };
  const seen = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const key = randomOrder(5, random, 4).join();
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  assert.equal(seen.size, 120);
  // Expected 100 each; chi-squared with 119 degrees of freedom exceeds 190 with probability 4e-5.
  const chi = [...seen.values()].reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
  assert.ok(chi < 190, `chi-squared ${chi}`);
});

test('the same randomness gives the same order, other randomness another', () => {
  const order = (seed: string) => randomOrder(1000, seededRandom(seed)).join();
  assert.equal(order('a'), order('a'));
  assert.notEqual(order('a'), order('b'));
});
