import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mulberry32 } from '../statistics/stats.ts';
import { middleMean, roundsFor, takePair } from './pairs.ts';

test('the middle mean forgets the outer quarters, and is the mean where there are none', () => {
  assert.equal(middleMean([1, 2, 3]), 2);
  assert.equal(middleMean([5, 1, 1000, 3]), 4);
  assert.equal(middleMean([1, 9, 2, 8, 3, 7, 4, 600]), 5.5);
  assert.equal(middleMean([7]), 7);
});

test('rounds fill a pair, but never fewer than four nor more than thirty', () => {
  assert.deepEqual([roundsFor(0), roundsFor(4), roundsFor(20), roundsFor(5000)], [30, 10, 4, 4]);
});

test('both sides play as often, in every order', async () => {
  const played: string[] = [];
  const player = (name: string, cpuMs: number) => ({
    async play() {
      played.push(name);
      return { cpuMs, wallMs: 2 * cpuMs };
    },
  });
  const pair = await takePair(player('base', 1), player('head', 3), 20, mulberry32(1));
  assert.deepEqual(pair, { base: { cpuMs: 1, wallMs: 2 }, head: { cpuMs: 3, wallMs: 6 } });
  const rounds = Array.from({ length: 20 }, (_, i) => played.slice(2 * i, 2 * i + 2).join());
  assert.deepEqual(new Set(rounds), new Set(['base,head', 'head,base']));
});
