import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mix32, Permutation, scale } from './permutation.ts';

const table = (size: number, seed: string | number, purpose = 'test') => {
  const permutation = new Permutation(size, seed, purpose);
  return Array.from({ length: size }, (_, i) => permutation.at(i));
};

test('a permutation reaches every number of its range once', () => {
  for (let size = 0; size <= 130; size++) {
    assert.deepEqual(
      table(size, size).sort((a, b) => a - b),
      Array.from({ length: size }, (_, i) => i),
    );
  }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.string(), (size, seed) => {
      const values = table(size, seed);
      assert.equal(new Set(values).size, size);
      assert.ok(values.every((value) => Number.isInteger(value) && value >= 0 && value < size));
    }),
    { numRuns: 40 },
  );
});

test('a permutation of the 9-digit numbers stays in its range and does not repeat', () => {
  const permutation = new Permutation(900_000_000, 1, 'test');
  const values = new Set<number>();
  for (let i = 0; i < 100_000; i++) values.add(permutation.at(i));
  assert.equal(values.size, 100_000);
  for (const value of values) assert.ok(value >= 0 && value < 900_000_000);
});

test('seed and purpose change the order, and neighbours do not stay neighbours', () => {
  const order = table(10_000, 1);
  for (const other of [table(10_000, 2), table(10_000, 1, 'another')]) {
    // Two independent orders agree in one place on average.
    assert.ok(order.filter((value, i) => value === other[i]).length < 12);
  }
  assert.ok(order.filter((value, i) => i > 0 && Math.abs(value - order[i - 1]!) === 1).length < 15);
});

test('values of a permutation are spread evenly: chi-squared over 16 × 16 cells', () => {
  const size = 2 ** 16;
  const cells = new Uint32Array(256);
  table(size, 'chi').forEach((value, i) => {
    cells[16 * Math.floor((16 * i) / size) + Math.floor((16 * value) / size)]!++;
  });
  const expected = size / 256;
  const chi2 = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
  // 225 degrees of freedom: beyond six standard deviations, 225 ± 127.
  assert.ok(chi2 > 98 && chi2 < 352, `chi-squared is ${chi2}`);
});

test('mix32 has the published values of fmix32 in MurmurHash3, and scale its bounds', () => {
  assert.deepEqual([mix32(0), mix32(1), mix32(2)], [0, 0x514e28b7, 0x30f4c306]);
  assert.deepEqual([scale(0, 7), scale(0xffffffff, 7), scale(0x80000000, 8)], [0, 6, 4]);
});
