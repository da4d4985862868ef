import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mulberry32 } from '../statistics/stats.ts';
import { type Player, shuffled, takeTurns } from './turns.ts';

test('turns: one at a time, everyone once a round, an order that the seed decides', async () => {
  const play = async (seed: number) => {
    const order: number[] = [];
    let inside = 0;
    const players = [30, 30, 10].map(
      (count, who): Player => ({
        name: String(who),
        wants: (turns) => turns < count,
        async play() {
          assert.equal(++inside, 1);
          await new Promise((resolve) => setTimeout(resolve, who));
          order.push(who);
          inside--;
        },
      }),
    );
    await takeTurns(players, mulberry32(seed));
    return order;
  };
  const order = await play(1);
  assert.equal(order.length, 70);
  for (let round = 0; round < 10; round++) {
    assert.deepEqual(order.slice(round * 3, round * 3 + 3).sort(), [0, 1, 2]);
  }
  for (let round = 0; round < 20; round++) {
    assert.deepEqual(
      order.slice(30 + round * 2, 32 + round * 2).sort(),
      [0, 1],
      'who has enough is not waited for',
    );
  }
  assert.deepEqual(order, await play(1));
  assert.notDeepEqual(order, await play(2));
});

test('turns are timed, and their sum is what decides whether another one is wanted', async () => {
  const told: number[] = [];
  let asked = 0;
  await takeTurns(
    [
      {
        name: 'sleeper',
        wants: (turns, spentMs) => {
          assert.equal(turns, told.length);
          assert.ok(Math.abs(spentMs - told.reduce((sum, ms) => sum + ms, 0)) < 1e-6);
          asked++;
          return spentMs < 20;
        },
        play: () => new Promise((resolve) => setTimeout(resolve, 6)),
        took: (ms) => told.push(ms),
      },
    ],
    mulberry32(1),
  );
  assert.ok(told.length >= 1 && told.length <= 4 && told.every((ms) => ms > 4), `${told}`);
  assert.equal(asked, told.length + 1);
});

test('a turn that throws ends it with that error; an aborted signal ends it quietly', async () => {
  const bad: Player = { name: 'bad', wants: () => true, play: () => Promise.reject(new Error('no')) };
  await assert.rejects(takeTurns([bad], mulberry32(3)), /^Error: no$/);
  const stop = new AbortController();
  let turns = 0;
  const good: Player = { name: 'good', wants: () => true, play: () => ++turns === 3 && stop.abort() };
  await takeTurns([good], mulberry32(3), stop.signal);
  assert.equal(turns, 3);
});

test('shuffled: a permutation, each equally often', () => {
  const random = mulberry32(7);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const key = shuffled(['a', 'b', 'c'], random).join('');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(count > 850 && count < 1150, `${count}`);
});
