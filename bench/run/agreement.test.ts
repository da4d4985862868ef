import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict } from './agreement.ts';

const found = (ids: string[], items: number[], exact = false) => ({
  ids,
  result: Uint32Array.from(items),
  exact,
});

test('all agree: that is the answer, and who agreed is said', () => {
  const { expected, checked } = verdict([found(['ecdh', 'kkrt'], [1, 2])], ['seal: no time']);
  assert.deepEqual([...expected], [1, 2]);
  assert.equal(checked, 'against each other: ecdh, kkrt agree');
});

test('one alone is not checked, and that is said', () => {
  assert.equal(verdict([found(['ecdh'], [])], []).checked, 'not: nothing but ecdh was run');
});

test('they differ: nobody is believed, unless one compares the items themselves', () => {
  const two = [found(['ecdh'], [1]), found(['hash'], [1, 2])];
  assert.throws(() => verdict(two, []), /differ, .*: ecdh found 1 shared items; hash found 2 shared items/);
  const { expected, checked } = verdict([...two, found(['plaintext'], [3], true)], []);
  assert.deepEqual([...expected], [3]);
  assert.equal(checked, 'against a comparison of the items themselves');
  const exact = [found(['plaintext'], [1], true), found(['other'], [2], true)];
  assert.throws(() => verdict(exact, []), /differ/);
});

test('nobody came to a result: the reasons', () => {
  assert.throws(
    () => verdict([], ['ecdh: died', 'hash: timeout']),
    /no implementation .*: ecdh: died; hash: timeout/,
  );
});
