import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSize, overlapCount, parseOverlap, parseSize, parseSizes } from './sizes.ts';

test('sizes: every notation, and what is none', () => {
  assert.deepEqual(['0', '1', '4096', '2^12', ' 64k', '1M', '2^24'].map(parseSize), [
    0,
    1,
    4096,
    4096,
    65_536,
    1_048_576,
    2 ** 24,
  ]);
  for (const text of ['', '-1', '1.5', '2^', 'k', '2^x', '1e3', '0x10', '2^25', '17M']) {
    assert.throws(() => parseSize(text), { name: 'UsageError' }, text);
  }
  assert.deepEqual(parseSizes('2^4,16,8'), [16, 8]);
  assert.deepEqual([0, 1000, 1024, 65_536, 5000, 1_234_567].map(formatSize), [
    '0',
    '1,000',
    '2^10',
    '2^16',
    '5,000',
    '1,234,567',
  ]);
});

test('overlaps: shares of the smaller set, counts, and what does not fit', () => {
  const count = (text: string, receiver: number, sender: number) =>
    overlapCount(parseOverlap(text), receiver, sender);
  assert.deepEqual(
    [count('50%', 10, 4), count('0.25', 16, 64), count('100%', 3, 9), count('0', 5, 5), count('2^3', 8, 9)],
    [2, 4, 3, 0, 8],
  );
  assert.equal(count('1', 8, 8), 1, 'a whole number is a count');
  for (const text of ['101%', '1.5', 'half', '-1', ''])
    assert.throws(() => parseOverlap(text), { name: 'UsageError' }, text);
  assert.throws(() => count('9', 8, 100), /is impossible for sets of 8 and 100: at most 8/);
});

test('a thousands separator is no list', () => {
  for (const text of ['1,000', '1,500', '16,384', '1,048,576', '100,000', ' 65,536 ']) {
    assert.throws(
      () => parseSizes(text),
      /looks like one number with a thousands separator: write \d+, or for/,
    );
  }
  assert.deepEqual(parseSizes('1, 500'), [1, 500]);
  assert.deepEqual(parseSizes('256,512'), [256, 512]);
  assert.deepEqual(parseSizes('100,200,300'), [100, 200, 300]);
  assert.deepEqual(parseSizes('10,100,1000'), [10, 100, 1000]);
});
