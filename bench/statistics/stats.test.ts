import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { median, medianInterval, mulberry32, quantile, ratioInterval, relativeHalfWidth } from './stats.ts';

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

describe('quantile (Hyndman & Fan type 7)', () => {
  test('of known samples, in any order', () => {
    assert.equal(median([7]), 7);
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([10, 2, 9, 1]), 5.5);
    // R: quantile(c(1, 2, 4, 8, 16), c(.1, .25, .9))
    const sample = [16, 1, 8, 2, 4];
    near(quantile(sample, 0.1), 1.4, 1e-12);
    assert.equal(quantile(sample, 0.25), 2);
    near(quantile(sample, 0.9), 12.8, 1e-12);
    assert.deepEqual(sample, [16, 1, 8, 2, 4]);
  });

  test('refuses an empty sample and a quantile outside of 0 to 1', () => {
    assert.throws(() => median([]), /at least one value/);
    assert.throws(() => quantile([1], 1.1), /"q" expected 0 to 1, got 1.1/);
  });
});

describe('interval of the median', () => {
  // Tables of the sign test, e.g. Conover, table A3, and Campbell & Gardner (BMJ 1988), table 1.
  const published: readonly [n: number, low: number, high: number, coverage: number][] = [
    [6, 1, 6, 0.96875],
    [8, 1, 8, 0.9921875],
    [9, 2, 8, 0.9609375],
    [10, 2, 9, 0.978515625],
    [20, 6, 15, 0.95861],
    [40, 14, 27, 0.96152],
    [100, 40, 61, 0.9648],
  ];
  for (const [n, low, high, coverage] of published) {
    test(`of ${n} values goes from the ${low}. to the ${high}.`, () => {
      const interval = medianInterval(upTo(n).reverse());
      assert.deepEqual([interval.low, interval.high], [low, high]);
      near(interval.coverage, coverage, 1e-5);
    });
  }

  test('of fewer than 6 values is [min, max] and says how little that covers', () => {
    for (const n of [1, 2, 3, 4, 5]) {
      const interval = medianInterval(upTo(n));
      assert.deepEqual([interval.low, interval.high], [1, n]);
      near(interval.coverage, 1 - 2 ** (1 - n), 1e-12);
    }
  });

  test('of very many values does not overflow', () => {
    const interval = medianInterval(upTo(5000));
    near(interval.coverage, 0.95, 0.005);
    near(interval.low, 2500 - 69, 3);
  });

  test('covers the true median as often as it says (simulated, skewed)', () => {
    const random = mulberry32(42);
    for (const n of [5, 12, 31]) {
      let covered = 0;
      let promised = 0;
      const trials = 4000;
      for (let trial = 0; trial < trials; trial++) {
        // Exponential: its median is ln 2.
        const interval = medianInterval(Array.from({ length: n }, () => -Math.log(1 - random())));
        if (interval.low <= Math.LN2 && Math.LN2 <= interval.high) covered++;
        promised = interval.coverage;
      }
      near(covered / trials, promised, 4 * Math.sqrt((promised * (1 - promised)) / trials));
    }
  });

  test('relative half-width', () => {
    assert.equal(relativeHalfWidth({ low: 90, high: 110, coverage: 0.95 }, 100), 0.1);
  });
});

describe('ratio of medians', () => {
  test('of constants is exact', () => {
    const a = Array(6).fill(6);
    assert.deepEqual(ratioInterval(a, [3, 3, 3, 3, 3, 3, 3]), { ratio: 2, low: 2, high: 2, coverage: 0.95 });
  });

  test('is the same for the same arguments, and another for another seed', () => {
    const random = mulberry32(3);
    const a = Array.from({ length: 20 }, () => 10 + random());
    const b = Array.from({ length: 20 }, () => 5 + random());
    const first = ratioInterval(a, b);
    assert.deepEqual(ratioInterval(a, b), first);
    assert.ok(10 / 6 < first.low && first.low < first.ratio && first.ratio < first.high);
    assert.ok(first.high < 11 / 5);
    assert.notDeepEqual(ratioInterval(a, b, { seed: 2 }), first);
  });

  test('of few values spans the extremes and says how little that covers', () => {
    const few = ratioInterval([10, 12, 11, 20, 13], [5, 4, 6, 5, 5]);
    assert.deepEqual(few, { ratio: 12 / 5, low: 10 / 6, high: 20 / 4, coverage: 1 - 2 ** -3 });
    assert.deepEqual(ratioInterval([4], [2]), { ratio: 2, low: 2, high: 2, coverage: 0 });
  });

  test('covers the true ratio about as often as it says (simulated)', () => {
    const random = mulberry32(7);
    const draw = (scale: number) => Array.from({ length: 15 }, () => scale * (1 - Math.log(1 - random())));
    let covered = 0;
    const trials = 300;
    for (let seed = 0; seed < trials; seed++) {
      const { low, high } = ratioInterval(draw(3), draw(2), { resamples: 400, seed });
      if (low <= 1.5 && 1.5 <= high) covered++;
    }
    // A percentile bootstrap of medians is a little conservative; far from it would be a bug.
    assert.ok(covered / trials > 0.91 && covered / trials <= 1, `${covered} of ${trials}`);
  });

  test('refuses what has no ratio', () => {
    assert.throws(() => ratioInterval([1], []), /at least one value/);
    assert.throws(() => ratioInterval([1, 0], [1]), /positive values, got 0/);
    assert.throws(() => ratioInterval([1], [Number.NaN]), /positive values, got NaN/);
  });
});

test('mulberry32 gives its published sequence', () => {
  // First outputs of the reference C code for seed 1, divided by 2^32.
  const random = mulberry32(1);
  assert.deepEqual(
    [random(), random(), random()],
    [2693262067, 11749833, 2265367787].map((x) => x / 2 ** 32),
  );
});
