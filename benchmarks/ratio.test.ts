import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, inverse, median, scaled, show } from './ratio.ts';

test('median and its interval by order statistics', () => {
  // Conover, Practical Nonparametric Statistics: for n = 10, the 2nd and 9th values cover 97.85 %.
  const ten = median([3, 1, 2, 10, 9, 8, 7, 6, 5, 4]);
  assert.deepEqual([ten.value, ten.low, ten.high], [5.5, 2, 9]);
  assert.equal(ten.coverage.toFixed(4), '0.9785');
  // For n = 15, the 4th and 12th cover 96.48 %.
  const fifteen = median(Array.from({ length: 15 }, (_, i) => i + 1));
  assert.deepEqual([fifteen.value, fifteen.low, fifteen.high], [8, 4, 12]);
  assert.equal(fifteen.coverage.toFixed(4), '0.9648');
});

test('few values: all of them are the interval', () => {
  assert.deepEqual(median([4]), { value: 4, low: 4, high: 4, coverage: 0 });
  assert.deepEqual(median([1, 3, 2]), { value: 2, low: 1, high: 3, coverage: 0.75 });
  assert.throws(() => median([]), /"values" must not be empty/);
});

test('both run in turns, once more than is counted', async () => {
  const order: string[] = [];
  const { ratio, ms } = await compare(
    () => order.push('a'),
    () => order.push('b'),
    3,
  );
  assert.equal(order.length, 8);
  for (let round = 0; round < 8; round += 2)
    assert.deepEqual(order.slice(round, round + 2).sort(), ['a', 'b']);
  assert.ok(ratio.low <= ratio.value && ratio.value <= ratio.high);
  assert.ok(ms[0].value >= 0 && ms[1].value >= 0);
});

test('figures are shown with their interval', () => {
  const figure = { value: 2, low: 1, high: 4, coverage: 0.95 };
  assert.equal(show(figure), '2.00 (1.00 … 4.00)');
  assert.equal(show(inverse(figure), 1), '0.5 (0.3 … 1.0)');
  assert.equal(show(scaled(figure, 3), 0), '6 (3 … 12)');
});
