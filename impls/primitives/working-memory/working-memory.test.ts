import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkingMemory } from './working-memory.ts';

test('allocations are aligned and do not overlap; views outlive growth', () => {
  const memory = new WorkingMemory();
  const first = memory.allocate(10);
  const view = memory.bytes(first, 10);
  const second = memory.allocate(1 << 20, 4096);
  assert.equal(first % 64, 0);
  assert.equal(second % 4096, 0);
  assert.ok(second >= first + 10);
  memory.bytes(second, 1 << 20).fill(0xff);
  view[3] = 7;
  assert.deepEqual([...memory.bytes(first, 10)], [0, 0, 0, 7, 0, 0, 0, 0, 0, 0]);
  assert.equal(memory.words(second, 1)[0], 0xffffffff);
});

test('release gives back what was allocated since the mark', () => {
  const memory = new WorkingMemory();
  memory.allocate(100);
  const mark = memory.mark();
  const address = memory.allocate(1000);
  memory.release(mark);
  assert.equal(memory.used, mark);
  assert.equal(memory.allocate(1000), address);
  assert.throws(() => memory.release(memory.used + 1), /is no mark/);
  assert.throws(() => memory.release(0), /is no mark/);
});

test('sizes that cannot be are named', () => {
  const memory = new WorkingMemory();
  assert.throws(() => memory.allocate(-1), /"bytes" must be a whole number/);
  assert.throws(() => memory.allocate(0.5), /"bytes" must be a whole number/);
  assert.throws(() => memory.allocate(2 ** 32), /more than a working memory can have/);
  assert.equal(memory.allocate(1), 64);
});

test('another thread’s memory is the same memory', () => {
  const memory = new WorkingMemory();
  const address = memory.allocate(16);
  new WorkingMemory(memory.memory).bytes(address, 1)[0] = 9;
  assert.equal(memory.bytes(address, 1)[0], 9);
});
