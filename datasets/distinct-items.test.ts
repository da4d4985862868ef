import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { itemAt } from '../impls/primitives/items.ts';
import { DistinctItems } from './distinct-items.ts';

test('indices are those of a Map, and items come back packed', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3 }), { maxLength: 200 }), (texts) => {
      const items = new DistinctItems();
      const model = new Map<string, number>();
      for (const text of texts) {
        const expected = model.has(text) ? -1 : model.size;
        assert.equal(items.indexOf(text), model.get(text) ?? -1);
        assert.equal(items.add(text), expected);
        if (expected >= 0) model.set(text, expected);
      }
      for (const [text, index] of model) assert.equal(items.indexOf(text), index);
      const set = items.take();
      assert.equal(set.count, model.size);
      const read = Array.from({ length: set.count }, (_, i) => Buffer.from(itemAt(set, i)).toString());
      assert.deepEqual(read, [...model.keys()]);
    }),
  );
});

test('the set grows over several megabytes and hands over exactly its bytes, in shared memory', () => {
  const items = new DistinctItems();
  const long = 'é'.repeat(30);
  for (let i = 0; i < 60_000; i++) assert.equal(items.add(`${i}${long}`), i);
  for (let i = 0; i < 60_000; i += 7) assert.equal(items.add(`${i}${long}`), -1);
  const set = items.take();
  assert.equal(set.count, 60_000);
  assert.ok(set.data.buffer instanceof SharedArrayBuffer && set.offsets.buffer instanceof SharedArrayBuffer);
  assert.equal(set.data.buffer.byteLength, set.offsets[60_000]);
  for (let i = 0; i < 60_000; i += 997) assert.equal(Buffer.from(itemAt(set, i)).toString(), `${i}${long}`);
  assert.equal(items.count, 0);
  assert.equal(items.add('again'), 0);
});

test('a set that ends on the boundary of a step, and an empty one', () => {
  const items = new DistinctItems();
  items.add('x'.repeat(2 ** 20));
  assert.equal(items.take().data.length, 2 ** 20);
  assert.deepEqual(new DistinctItems().take().offsets, new Uint32Array(new SharedArrayBuffer(4)));
});
