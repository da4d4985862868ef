import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagLength } from './tag-length.ts';

test('tags have 40 + log2(n_r · n_s) bits, rounded up to whole bytes', () => {
  const expected: readonly (readonly [receiver: number, sender: number, bytes: number])[] = [
    [0, 0, 5],
    [0, 1, 5],
    [1, 1, 5],
    [2, 1, 6],
    [16, 16, 6],
    [257, 1, 7],
    [2 ** 16, 2 ** 16, 9],
    [2 ** 20, 2 ** 20, 10],
    [2 ** 20 + 1, 2 ** 20, 11],
    [2 ** 24, 2 ** 24, 11],
    [0, 2 ** 24, 8],
  ];
  for (const [receiver, sender, bytes] of expected) {
    assert.equal(tagLength({ receiver, sender }), bytes, `${receiver} × ${sender}`);
    assert.equal(tagLength({ receiver: sender, sender: receiver }), bytes, `${sender} × ${receiver}`);
  }
});
