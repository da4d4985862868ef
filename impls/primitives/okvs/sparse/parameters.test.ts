import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { expectedDependencies, loadBound, overloadLog2 } from './failure.ts';
import { sparseFailureLog2, sparseParameters } from './parameters.ts';

test('one try fails with at most 2^-40, proven, for every size from 0 to 2^24', () => {
  const sizes = [0, 2 ** 24, 2 ** 24 - 1, 3 * 2 ** 20];
  for (let bits = 0; bits < 24; bits++)
    sizes.push(2 ** bits - 1, 2 ** bits, 2 ** bits + 1, randomInt(2 ** bits) + 1);
  for (const size of sizes) {
    const parameters = sparseParameters(size);
    const log2 = sparseFailureLog2(parameters);
    assert.ok(log2 <= -40, `${size}: 2^${log2}`);
    assert.ok(parameters.dense <= 64 && parameters.sparse < 2 ** 16);
  }
});

test('sizes of Raghuraman and Rindal’s formula', () => {
  const relative = (n: number) => sparseParameters(n).columns / n;
  // Worked out apart from this code, with loads rounded up to a multiple of 16.
  for (const [n, expected] of [
    [2 ** 6, 2.9],
    [2 ** 8, 1.84],
    [2 ** 10, 1.47],
    [2 ** 12, 1.33],
    [2 ** 14, 1.27],
    [2 ** 16, 1.335],
    [2 ** 18, 1.348],
    [2 ** 20, 1.356],
    [2 ** 22, 1.362],
    [2 ** 24, 1.366],
  ] as const) {
    assert.ok(Math.abs(relative(n) / expected - 1) < 0.006, `${n}: ${relative(n)}`);
  }
  assert.throws(() => sparseParameters(-1), /0 to 2\^26 items, got -1/);
  assert.throws(() => sparseParameters(1.5), /got 1.5/);
});

/** log2 of clusters · Pr[Bin(n, 1/clusters) > load], counted with big integers. */
function exactOverloadLog2(n: number, clusters: number, load: number): number {
  const miss = BigInt(clusters - 1);
  let sum = 0n;
  let choose = 1n;
  for (let k = 0; k <= n; k++) {
    if (k > load) sum += choose * miss ** BigInt(n - k);
    choose = (choose * BigInt(n - k)) / BigInt(k + 1);
  }
  const digits = sum.toString(2);
  const leading = digits.slice(0, 50);
  const log2 = Math.log2(Number.parseInt(leading, 2)) + digits.length - leading.length;
  return log2 - (n - 1) * Math.log2(clusters);
}

test('the tail of the load agrees with big integers', () => {
  for (const [n, clusters, load] of [
    [20, 2, 14],
    [300, 3, 150],
    [1000, 7, 220],
    [900, 2, 560],
  ] as const) {
    const exact = exactOverloadLog2(n, clusters, load);
    assert.ok(Math.abs(overloadLog2(n, clusters, load) - exact) < 1e-6, `${n}: ${exact}`);
  }
  assert.equal(loadBound(1000, 1, -40), 1000);
  const bound = loadBound(2 ** 16, 4, -42);
  assert.ok(overloadLog2(2 ** 16, 4, bound) <= -42 && overloadLog2(2 ** 16, 4, bound - 1) > -42);
});

test('expected dependencies: two rows are equal, four sum to zero, as counting all of them says', () => {
  for (const s of [4, 5, 6]) {
    const masks: number[] = [];
    for (let a = 0; a < s; a++) {
      for (let b = a + 1; b < s; b++)
        for (let c = b + 1; c < s; c++) masks.push((1 << a) | (1 << b) | (1 << c));
    }
    // All tuples of four rows, and all non-empty sets of them that sum to zero.
    let zero = 0;
    const sums = (rows: readonly number[]) => {
      for (let set = 1; set < 1 << rows.length; set++) {
        let sum = 0;
        for (const [i, row] of rows.entries()) if ((set >> i) & 1) sum ^= row;
        if (sum === 0) zero++;
      }
    };
    for (const a of masks)
      for (const b of masks) for (const c of masks) for (const d of masks) sums([a, b, c, d]);
    const expected = zero / masks.length ** 4;
    assert.ok(Math.abs(expectedDependencies(4, s) - expected) < 1e-9, `${s} columns`);
    assert.ok(Math.abs(expectedDependencies(2, s) - 1 / masks.length) < 1e-9);
  }
  assert.equal(expectedDependencies(1, 100) < 1e-12, true);
});
