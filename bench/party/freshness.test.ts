import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadItems } from '../../datasets/dataset.ts';
import type { ItemSet } from '../contract.ts';
import { FreshItems } from './freshness.ts';

const texts = ({ count, data, offsets }: ItemSet) =>
  Array.from({ length: count }, (_, i) =>
    Buffer.from(data.subarray(offsets[i], offsets[i + 1])).toString('latin1'),
  );

function packed(...items: string[]): ItemSet {
  const offsets = Uint32Array.from([0, ...items.map((_, i) => items.slice(0, i + 1).join('').length)]);
  return { count: items.length, data: Buffer.from(items.join(''), 'latin1'), offsets };
}

test('every run has other items, and the same are shared', async () => {
  const spec = { kind: 'patients', receiverSize: 200, senderSize: 300, overlap: 50, seed: 'fresh' } as const;
  const [mine, theirs] = [await loadItems(spec, 'receiver'), await loadItems(spec, 'sender')];
  const shared = (a: ItemSet, b: ItemSet) => {
    const have = new Set(texts(b));
    return texts(a).flatMap((item, i) => (have.has(item) ? [i] : []));
  };
  const expected = shared(mine, theirs);
  assert.equal(expected.length, 50);
  const [a, b] = [new FreshItems(mine), new FreshItems(theirs)];
  const seen = new Set(texts(mine));
  for (let run = 0; run < 4; run++) {
    const fresh = a.of(run);
    assert.ok(fresh.data.buffer instanceof SharedArrayBuffer);
    assert.deepEqual(shared(fresh, b.of(run)), expected);
    for (const item of texts(fresh)) {
      assert.ok(!seen.has(item));
      seen.add(item);
    }
  }
});

test('items of all lengths, the empty one too, stay as many and as long', () => {
  const original = packed('', 'a', 'b', 'ab', 'abc', 'aab');
  const fresh = texts(new FreshItems(original).of(3));
  assert.deepEqual(
    fresh.map(({ length }) => length),
    [0, 1, 1, 2, 3, 3],
  );
  assert.equal(new Set(fresh).size, 6);
  assert.deepEqual(texts(new FreshItems(packed()).of(1)), []);
});
