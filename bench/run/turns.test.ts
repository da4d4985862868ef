import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mulberry32 } from '../statistics/stats.ts';
import { shuffled, Turns } from './turns.ts';

test('turns: one at a time, everyone once a round, an order that the seed decides', async () => {
  const play = async (seed: number) => {
    const order: number[] = [];
    let inside = 0;
    const turns = new Turns([0, 1, 2], mulberry32(seed));
    const loop = async (who: number, count: number) => {
      for (let i = 0; i < count; i++) {
        await turns.pass(who, async () => {
          assert.equal(++inside, 1);
          await new Promise((resolve) => setTimeout(resolve, who));
          order.push(who);
          inside--;
        });
      }
      turns.leave(who);
    };
    await Promise.all([loop(0, 30), loop(1, 30), loop(2, 10)]);
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
      'who has left is not waited for',
    );
  }
  assert.deepEqual(order, await play(1));
  assert.notDeepEqual(order, await play(2));
});

test('a turn that throws lets the next one through', async () => {
  const turns = new Turns([0, 1], mulberry32(3));
  const thrown = turns.pass(0, async () => Promise.reject(new Error('no'))).finally(() => turns.leave(0));
  const passed = turns.pass(1, async () => 'yes');
  await assert.rejects(thrown, /no/);
  assert.equal(await passed, 'yes');
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
