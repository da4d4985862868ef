/** What takes longer than a test may: attacks at real sizes, several clusters in the plain implementation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timesX } from '../primitives/gf128/reference.ts';
import { attackSet } from './testing/attacks.ts';
import { compareTranscripts } from './testing/compare-transcripts.ts';

test('the plain implementation sends the same bytes with two clusters', async () => {
  await compareTranscripts(2 ** 14 + 500, 300);
});

for (const [count, weight, knows, take] of [
  [2000, 128, 170, 165],
  [2 ** 14, 248, 400, 165],
] as const) {
  test(`${count} items, weight ${weight}: who knows ${knows} finds most others with a binary code`, () => {
    const { hidden, right, wrong } = attackSet(count, weight, knows, take, (x) => x);
    assert.ok(right > 0.5 * hidden, `${right} of ${hidden}`);
    assert.ok(wrong < right / 100, `${wrong} strangers`);
  });

  test(`${count} items, weight ${weight}: nothing with the code as it is`, () => {
    assert.equal(attackSet(count, weight, knows, take, timesX).right, 0);
  });
}
