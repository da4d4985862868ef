import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinKey, splitKey } from './linkage-key.ts';

test('fields that hold the separator or the escape do not run into each other', () => {
  assert.equal(joinKey(['a|b', 'c']), 'a\\|b|c');
  assert.equal(joinKey(['a', 'b|c']), 'a|b\\|c');
  assert.equal(joinKey(['a\\', 'b']), 'a\\\\|b');
  assert.equal(joinKey(['a', 'b']), 'a|b');
  assert.equal(joinKey(['a|b']), 'a\\|b');
  const field = fc.string({ unit: fc.constantFrom('|', '\\', 'a', 'é'), maxLength: 5 });
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 4 }), (fields) => {
      assert.deepEqual(splitKey(joinKey(fields)), fields);
    }),
    { numRuns: 2000 },
  );
});
