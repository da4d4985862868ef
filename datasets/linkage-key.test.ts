import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinKey, normalize, splitKey } from './linkage-key.ts';

test('what does not matter is ironed out', () => {
  const same: [string, string][] = [
    ['  Anna ', 'anna'],
    ['van \t den\r\n Berg', 'van den berg'],
    ['Zoe\u0308', 'zoë'],
    ['ZOË', 'zoë'],
    ['\u00a0Zoë\u2003\ufeff', 'zoë'],
    ['ÅNGSTRÖM', '\u00e5ngstr\u00f6m'],
    ['\u212bngstrom', '\u00e5ngstrom'],
    ['', ''],
    [' \u00a0\t', ''],
  ];
  for (const [value, expected] of same) assert.equal(normalize(value), expected);
  assert.notEqual(normalize('Zoë'), normalize('Zoe'));
});

test('a normalised value stays as it is, composed or decomposed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const once = normalize(value);
      assert.equal(normalize(once), once);
      assert.equal(normalize(value.normalize('NFD')), once);
      assert.equal(once.normalize('NFC'), once);
    }),
    { numRuns: 2000 },
  );
});

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
