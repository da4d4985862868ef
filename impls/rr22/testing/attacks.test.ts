import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/party/random.ts';
import { timesX } from '../../primitives/gf128/reference.ts';
import { attackSet, names, supportFrom } from './attacks.ts';
import { hideItems } from './plain.ts';

const binary = (x: bigint) => x;
test('a sender that knows some items finds the others when the code is binary', () => {
  const { hidden, right, wrong } = attackSet(700, 110, 190, 150, binary);
  assert.ok(right > 0.5 * hidden, `${right} of ${hidden}`);
  assert.equal(wrong, 0);
});

test('with the code as it is, the same attack finds nothing', () => {
  assert.deepEqual(attackSet(700, 110, 190, 150, timesX), { hidden: 510, right: 0, wrong: 0 });
});

test('A alone gives the noise positions away when the code is binary, and none when it is not', () => {
  const found = (factor: (x: bigint) => bigint) => {
    const { a, alpha, leaves, codeRows } = hideItems({
      items: names('member', 300),
      random: seededRandom('support'),
      weight: 100,
      factor,
    });
    const positions = supportFrom(a, codeRows);
    const noisy = new Set(alpha.map((leaf, block) => block * leaves + leaf));
    return { right: positions.filter((place) => noisy.has(place)).length, all: positions.length };
  };
  const fallen = found(binary);
  // Some lie beyond the outputs that are sent: their columns are 0.
  assert.ok(fallen.right >= 90, `${fallen.right} of 100`);
  assert.equal(fallen.all, fallen.right);
  assert.equal(found(timesX).right, 0);
});
