import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShard, shardOf } from './shard.ts';

const blocks = (...sizes: number[]) =>
  sizes.map((size, block) => ({ block, cells: Array.from({ length: size }, (_, i) => `${block}.${i}`) }));
const cellsOf = (parts: readonly { readonly cells: readonly string[] }[]) =>
  parts.flatMap(({ cells }) => cells);

test('every cell is in exactly one shard, for every number of blocks, cells and shards', () => {
  for (const plan of [
    blocks(),
    blocks(1),
    blocks(7),
    blocks(3, 3),
    blocks(5, 1, 4, 2),
    blocks(...Array(12).fill(3)),
  ]) {
    for (let count = 1; count <= 9; count++) {
      const shards = Array.from({ length: count }, (_, i) => shardOf(plan, { index: i + 1, count }));
      assert.deepEqual(shards.flatMap(cellsOf).sort(), cellsOf(plan).sort(), `${plan.length} in ${count}`);
      assert.deepEqual(shardOf(plan, { index: 1, count }), shards[0], 'the same each time');
    }
  }
});

test('blocks stay whole where there are enough', () => {
  for (const index of [1, 2]) {
    for (const { block, cells } of shardOf(blocks(5, 4, 3), { index, count: 2 })) {
      assert.equal(cells.length, [5, 4, 3][block]);
    }
  }
});

test('the number is read strictly', () => {
  assert.deepEqual(parseShard('2/8'), { index: 2, count: 8 });
  for (const bad of ['0/3', '4/3', '1/0', '1', 'a/b', '1/2/3', '-1/2', '1.5/2']) {
    assert.throws(() => parseShard(bad), /--shard expects i\/N with i from 1 to N/, bad);
  }
});
