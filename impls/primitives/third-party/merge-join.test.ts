import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { obliviousJoin } from '../oblivious/oblivious.ts';
import { sortDigests } from '../oblivious/sort.ts';
import { mergeJoin } from './merge-join.ts';

test('it agrees with the oblivious join, on sorted lists and on others', () => {
  const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
  const digest = fc
    .tuple(byte, byte, byte, byte)
    .map(([a, b, c, d]) => Uint8Array.of(a, 0, 0, 0, 0, 0, 0, b, c, 0, 0, 0, 0, 0, 0, d));
  const list = fc.tuple(fc.array(digest, { maxLength: 60 }), fc.boolean()).map(([digests, isSorted]) => {
    const bytes = new Uint8Array(Buffer.concat(digests));
    return isSorted ? sortDigests(bytes).sorted : bytes;
  });
  fc.assert(
    fc.property(list, list, (receiver, sender) => {
      // Without digests of the receiver the oblivious join has nothing to look at.
      if (receiver.length > 0) assert.deepEqual(mergeJoin(receiver, sender), obliviousJoin(receiver, sender));
    }),
    { numRuns: 300 },
  );
});

test('lists that begin at odd addresses are read as well', () => {
  const digests = sortDigests(new Uint8Array(randomBytes(16 * 20))).sorted;
  const shifted = new Uint8Array(digests.length + 3).subarray(3);
  shifted.set(digests);
  assert.deepEqual(mergeJoin(shifted, digests), new Uint8Array([255, 255, 15]));
});
