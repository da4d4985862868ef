import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  centre,
  centreInterval,
  confidenceOfLook,
  type Executions,
  LOOKS,
  ratioOfExecutions,
} from './executions.ts';
import { mulberry32 } from './stats.ts';
import { studentFactor, studentTails } from './student.ts';

const near = (actual: number, expected: number, relative = 1e-9) =>
  assert.ok(Math.abs(actual / expected - 1) < relative, `${actual} is not ${expected}`);

describe("Student's t", () => {
  test('quantiles as in printed tables', () => {
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, two-sided.
    for (const [confidence, freedom, t] of [
      [0.95, 1, 12.706],
      [0.95, 2, 4.303],
      [0.95, 4, 2.776],
      [0.99, 4, 4.604],
      [0.95, 10, 2.228],
      [0.998, 10, 4.144],
      [0.95, 100, 1.984],
    ] as const) {
      assert.equal(studentFactor(confidence, freedom).toFixed(3), t.toFixed(3));
    }
  });

  test('one and two degrees of freedom have closed forms', () => {
    for (const t of [0.1, 1, 3, 40]) {
      near(studentTails(t, 1), 1 - (2 / Math.PI) * Math.atan(t));
      near(studentTails(t, 2), 1 - t / Math.sqrt(2 + t * t));
    }
    near(studentFactor(0.9999, 2), Math.sqrt(2 / (1 / 0.9999 ** 2 - 1)), 1e-8);
  });

  test('nonsense is refused', () => {
    for (const confidence of [0, 1, Number.NaN])
      assert.throws(() => studentFactor(confidence, 3), RangeError);
    for (const freedom of [0, -1, Number.NaN]) assert.throws(() => studentFactor(0.9, freedom), RangeError);
  });
});

describe('executions', () => {
  test('each counts once, with its median, however many runs it has', () => {
    near(centre([[1, 1, 100], [4], [2, 2, 2, 2]]), 2);
    const interval = centreInterval([[1], [4]]);
    // mean ln 2, standard error ln 2, t = 12.706.
    near(interval.high, Math.exp(Math.LN2 * (1 + 12.7062)), 1e-4);
    near(interval.low, Math.exp(Math.LN2 * (1 - 12.7062)), 1e-4);
  });

  test('a single one says nothing of how they differ', () => {
    assert.deepEqual(centreInterval([[3, 1, 2]]), { low: 1, high: 3, coverage: 0 });
    assert.deepEqual(ratioOfExecutions([[4, 6]], [[1], [2]]), {
      ratio: Math.exp(Math.log(5) - Math.LN2 / 2),
      low: 2,
      high: 6,
      coverage: 0,
    });
    assert.throws(() => centre([]), RangeError);
    assert.throws(() => centre([[0]]), /positive/);
  });

  test('of equal ones the ratio is exact, and its inverse is the inverse', () => {
    assert.deepEqual(ratioOfExecutions([[6], [6]], [[2], [2]]), {
      ratio: Math.exp(Math.log(6) - Math.LN2),
      low: Math.exp(Math.log(6) - Math.LN2),
      high: Math.exp(Math.log(6) - Math.LN2),
      coverage: 0.95,
    });
    const [a, b] = [
      [[3], [4], [5]],
      [[1], [1.5], [1.1]],
    ];
    const [there, back] = [ratioOfExecutions(a!, b!), ratioOfExecutions(b!, a!)];
    near(there.low, 1 / back.high);
    near(there.high, 1 / back.low);
  });
});

/** Executions whose luck lasts: a factor per execution, and a smaller one per run. */
function simulated(random: () => number, count: number, runs: number): Executions {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => {
    const luck = 0.08 * normal();
    return Array.from({ length: runs }, () => 100 * Math.exp(luck + 0.03 * normal()));
  });
}

describe('what intervals promise, in simulations with a truth', () => {
  test('they cover it as often as they say, where pooled runs would not', () => {
    const random = mulberry32(20261128);
    let covered = 0;
    let same = 0;
    const tries = 1500;
    for (let i = 0; i < tries; i++) {
      const [a, b] = [simulated(random, 3, 5), simulated(random, 3, 5)];
      const { low, high } = centreInterval(a);
      if (low <= 100 && high >= 100) covered++;
      const ratio = ratioOfExecutions(a, b);
      if (ratio.low <= 1 && ratio.high >= 1) same++;
    }
    // Three standard deviations of a share of 1,500 tries are 1.7 points.
    assert.ok(covered / tries > 0.933, String(covered / tries));
    assert.ok(same / tries > 0.933, String(same / tries));
  });

  test('also when sampling stops as soon as the interval is narrow', () => {
    const random = mulberry32(7);
    let covered = 0;
    let naive = 0;
    const tries = 800;
    for (let i = 0; i < tries; i++) {
      const all = simulated(random, LOOKS.at(-1) ?? 0, 1);
      const stop = (confidence: number) => {
        const looks = LOOKS.map((count) => centreInterval(all.slice(0, count), confidence));
        const narrow = looks.find(({ low, high }) => (high - low) / 2 < 8);
        const { low, high } = narrow ?? looks.at(-1) ?? { low: 0, high: 0 };
        return low <= 100 && high >= 100;
      };
      if (stop(confidenceOfLook(0.95))) covered++;
      if (stop(0.95)) naive++;
    }
    assert.ok(covered / tries > 0.95 - 0.023, String(covered / tries));
    assert.ok(naive < covered, 'the correction must matter here');
  });
});
