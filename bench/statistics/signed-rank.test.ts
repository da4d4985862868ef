import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pValueAbove, shiftInterval, signedRankDistribution, walshAverages } from './signed-rank.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

// Depression scale factors of nine patients: Hollander & Wolfe (1973), example 3.1, also in R's ?wilcox.test.
const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
const fall = after.map((value, i) => value - before[i]!);

describe('signed-rank distribution', () => {
  // Table of critical values, two-sided 5 % (e.g. Conover, table A12; McCornack 1965): the largest w
  // with 2·P(W ≤ w) ≤ 0.05.
  const critical: readonly [n: number, w: number][] = [
    [6, 0],
    [7, 2],
    [8, 3],
    [9, 5],
    [10, 8],
    [15, 25],
    [20, 52],
    [25, 89],
    [30, 137],
    [40, 264],
    [50, 434],
  ];
  for (const [n, w] of critical) {
    test(`n = ${n}: ${w} is the published critical value`, () => {
      const below = signedRankDistribution(n);
      assert.ok(2 * below[w]! <= 0.05 && 2 * below[w + 1]! > 0.05);
    });
  }

  test('is a distribution, symmetric, also for n = 80', () => {
    for (const n of [1, 2, 10, 80]) {
      const below = signedRankDistribution(n);
      const last = below.length - 1;
      assert.equal(last, (n * (n + 1)) / 2);
      near(below[last]!, 1, 1e-12);
      near(below[0]!, 2 ** -n, 1e-30);
      for (let w = 0; w < last; w += 7) near(below[w]! + below[last - w - 1]!, 1, 1e-12);
    }
  });
});

describe('shift', () => {
  test('of the published example: −0.46, 96.1 % interval −0.786 … −0.010', () => {
    const found = shiftInterval(fall, 0.96);
    near(found.shift, -0.46, 0.0005);
    near(found.low, -0.786, 0.0005);
    near(found.high, -0.01, 0.0005);
    near(found.coverage, 0.961, 0.0005);
  });

  test('p-value of the published example: 0.0195, one-sided', () => {
    near(
      pValueAbove(
        fall.map((x) => -x),
        0,
      ),
      0.01953125,
      1e-12,
    );
  });

  // scipy.stats.wilcoxon(x - bound, alternative='greater', method='exact'), SciPy 1.17.1.
  const x = [
    0.0201, 0.0349, 0.0063, -0.0245, -0.0027, -0.0296, 0.023, 0.087, -0.0046, -0.011, 0.0445, 0.0378, 0.0253,
    -0.0265, 0.0185, 0.0548, -0.0472, -0.0029, -0.0751, -0.0445, -0.0721, 0.0082, -0.0434, 0.0336,
  ];
  for (const [bound, p] of [
    [0, 0.4832236170768738],
    [0.03, 0.999110221862793],
  ] as const) {
    test(`p-value above ${bound} equals SciPy's`, () => near(pValueAbove(x, bound), p, 1e-12));
  }

  test('moves and mirrors with the differences', () => {
    const base = shiftInterval(x, 0.99);
    const moved = shiftInterval(
      x.map((value) => value + 1),
      0.99,
    );
    const mirrored = shiftInterval(
      x.map((value) => -value),
      0.99,
    );
    near(moved.low - base.low, 1, 1e-9);
    near(moved.shift - base.shift, 1, 1e-9);
    near(mirrored.low, -base.high, 1e-12);
    assert.equal(moved.coverage, base.coverage);
  });

  test('of few differences says how little its interval covers', () => {
    const found = shiftInterval([1, 2, 3], 0.99);
    assert.deepEqual([found.low, found.high, found.coverage], [1, 3, 0.75]);
    assert.equal(shiftInterval([5], 0.95).coverage, 0);
    assert.throws(() => walshAverages([]), /at least one difference/);
  });

  test('the interval excludes a bound exactly when the p-value is small enough', () => {
    for (const bound of [-0.06, -0.03, -0.015, 0, 0.02]) {
      const { low, coverage } = shiftInterval(x, 0.95);
      assert.equal(low > bound, pValueAbove(x, bound) <= (1 - coverage) / 2 + 1e-12, `bound ${bound}`);
    }
  });
});
