import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crew, shares } from './crew.ts';
import { WorkingMemory } from './working-memory.ts';

const here = new URL('./testing.ts', import.meta.url);

test('every order is done, each by a thread of its own, in one memory', async (t) => {
  const memory = new WorkingMemory();
  const crew = await Crew.start(memory, 3, here);
  t.after(() => crew.close());
  const at = memory.allocate(3 * 1024);
  for (let round = 1; round < 20; round++) {
    const orders = [0, 1, 2].map((i) => ({ at: at + i * 1024, byte: round * 3 + i }));
    crew.run('fill', orders, ({ at: own, byte }) => memory.bytes(own, 1024).fill(byte));
    for (const { at: place, byte } of orders) {
      assert.ok(memory.bytes(place, 1024).every((found) => found === byte));
    }
  }
});

test('a failure of either side is told once all are done', async (t) => {
  const memory = new WorkingMemory();
  const crew = await Crew.start(memory, 2, here);
  t.after(() => crew.close());
  assert.throws(() => crew.run('fail', [0, 1], () => {}), /a worker thread failed at "fail": as told/);
  assert.throws(() => crew.run('nothing', [0, 1], () => {}), /there is no task "nothing"/);
  assert.throws(() => {
    crew.run('fill', [{ at: memory.allocate(1024), byte: 1 }, 1], () => {
      throw new Error('own');
    });
  }, /own/);
  assert.throws(() => crew.run('fill', [1, 2, 3], () => {}), /3 orders for 2 threads/);
});

test('shares cover everything once', () => {
  for (const [count, parts] of [
    [0, 2],
    [1, 2],
    [7, 3],
    [248, 2],
    [3, 8],
  ] as const) {
    const all = shares(count, parts);
    assert.ok(all.length <= parts);
    assert.deepEqual(
      all.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
      Array.from({ length: count }, (_, i) => i),
    );
  }
});
