import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assess, confirm, DEFAULT_RULE, differenceOf, isSettled, judge } from './rule.ts';
import { BUSY, simulate, tally, upperBound } from './simulation.ts';

/** Differences around `shift` that no two of are alike. */
const around = (shift: number, n: number, spread = 0.02) =>
  Array.from({ length: n }, (_, i) => shift + spread * Math.sin(i * 2.399) + 1e-6 * i);

describe('the rule', () => {
  test('looks at 10, 20, 40 and 80 pairs only, and stops when the interval decides', () => {
    for (const n of [1, 9, 11, 39, 79]) assert.equal(isSettled(around(0.5, n), DEFAULT_RULE, 1), false);
    assert.equal(isSettled(around(0.5, 10), DEFAULT_RULE, 1), true);
    assert.equal(isSettled(around(0, 10), DEFAULT_RULE, 1), true);
    assert.equal(isSettled(around(Math.log(1.05), 40), DEFAULT_RULE, 1), false);
    assert.equal(isSettled(around(Math.log(1.05), 80), DEFAULT_RULE, 1), true);
  });

  test('calls a cell regressed only when the whole interval is beyond the threshold', () => {
    for (const shift of [-0.3, -0.05, -0.02, 0, 0.02, 0.045, 0.05, 0.06, 0.08, 0.3]) {
      const { verdict, ratio } = assess(around(shift, 80), DEFAULT_RULE, 1)!;
      assert.equal(verdict === 'regressed', ratio.low > 1.05, `shift ${shift}`);
      assert.equal(verdict === 'improved', ratio.high < 1 / 1.05, `shift ${shift}`);
      assert.ok(ratio.low <= Math.exp(shift) + 0.01 && ratio.high >= Math.exp(shift) - 0.01);
    }
  });

  test('treats both revisions alike: exchanged, the verdict is the opposite', () => {
    const pairs = around(0.2, 20);
    const opposite = assess(
      pairs.map((difference) => -difference),
      DEFAULT_RULE,
      1,
    )!;
    assert.equal(assess(pairs, DEFAULT_RULE, 1)!.verdict, 'regressed');
    assert.equal(opposite.verdict, 'improved');
    assert.equal(differenceOf({ base: 2, head: 1 }), -Math.LN2);
  });

  test('decides nothing before the first look, nor after 10 pairs for many cells', () => {
    assert.equal(assess(around(1, 9), DEFAULT_RULE, 1), null);
    assert.equal(assess(around(1, 10), DEFAULT_RULE, 20)!.verdict, 'inconclusive');
    assert.equal(assess(around(1, 20), DEFAULT_RULE, 20)!.verdict, 'regressed');
    assert.throws(() => judge([around(1, 5)], DEFAULT_RULE), /at least 10 pairs/);
  });

  test('all looks together spend alpha', () => {
    const spent = DEFAULT_RULE.looks.map((pairs) => {
      const { ratio } = assess(around(Math.log(1.05), pairs), DEFAULT_RULE, 1)!;
      return 1 - ratio.coverage;
    });
    const sum = spent.reduce((a, b) => a + b);
    assert.ok(sum <= DEFAULT_RULE.alpha && sum > 0.8 * DEFAULT_RULE.alpha, String(sum));
  });

  test('Holm: what holds against fewer cells is reached only behind clearer ones', () => {
    // Ten pairs, all of one sign and clear: enough for one cell or two halves of alpha, not for three.
    const clear = around(0.5, 10);
    const clearest = around(0.5, 80);
    const nothing = around(0, 10);
    const verdicts = (cells: number[][]) => judge(cells, DEFAULT_RULE).map(({ verdict }) => verdict);
    assert.deepEqual(verdicts([clear]), ['regressed']);
    assert.deepEqual(verdicts([clear, nothing, nothing, nothing]).slice(0, 1), ['inconclusive']);
    assert.deepEqual(verdicts([clear, clearest, clearest, clearest]).slice(0, 2), ['regressed', 'regressed']);
  });

  test('a flag that is not confirmed is no verdict', () => {
    const flagged = assess(around(0.3, 20), DEFAULT_RULE, 1)!;
    const calm = assess(around(0, 20), DEFAULT_RULE, 1)!;
    assert.equal(confirm(flagged, calm).verdict, 'inconclusive');
    assert.equal(confirm(flagged, flagged).verdict, 'regressed');
  });
});

describe('on a simulated noisy machine', () => {
  test('identical revisions raise no alarm in 200 trials, of one cell or of twelve', () => {
    for (const cells of [1, 12]) assert.equal(tally(200, 0, { cells }).alarms, 0);
  });

  test('a slow-down of 20 % is found in 20 trials of 20', () => {
    assert.equal(tally(20, 0.2).verdicts.regressed, 20);
    assert.equal(tally(20, 0.2, { cells: 12 }).verdicts.regressed, 20);
  });

  test('on a busy machine too: no alarm, but most cells stay open', () => {
    const { alarms, verdicts } = tally(200, 0, { noise: BUSY });
    assert.equal(alarms, 0);
    assert.ok(verdicts.inconclusive > 100);
  });

  test('without a threshold, and before confirmation, alarms keep to alpha', () => {
    const { flagged, verdicts } = tally(400, 0, { rule: { ...DEFAULT_RULE, threshold: 1e-9 } });
    const expected = 400 * DEFAULT_RULE.alpha;
    const found = flagged + verdicts.improved;
    assert.ok(found > 0 && found <= expected + 3 * Math.sqrt(expected), String(found));
  });

  test('a trial can be had again', () => assert.deepEqual(simulate(3, 0.1), simulate(3, 0.1)));

  test('the bound after no alarm is 3/n', () => {
    // Hanley & Lippman-Hand, JAMA 1983: the rule of three, exactly 1 − 0.05^(1/n).
    assert.ok(Math.abs(upperBound(0, 200) - (1 - 0.05 ** (1 / 200))) < 1e-6);
    // One-sided 95 % Clopper–Pearson for 1 in 20: 0.2161 (R: qbeta(0.95, 2, 19)).
    assert.ok(Math.abs(upperBound(1, 20) - 0.2161) < 1e-4);
  });
});
