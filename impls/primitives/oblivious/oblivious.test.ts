import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { DIGEST_BYTES, obliviousJoin } from './oblivious.ts';
import { compareDigests, sortDigests } from './sort.ts';

const random = (count: number) => new Uint8Array(randomBytes(count * DIGEST_BYTES));
const list = (digests: Uint8Array) =>
  Array.from({ length: digests.length / DIGEST_BYTES }, (_, i) =>
    digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES),
  );
const hex = (digest: Uint8Array) => Buffer.from(digest).toString('hex');

/** The bitmap that a Set finds. */
function expected(receiver: Uint8Array, sender: Uint8Array): Uint8Array {
  const known = new Set(list(sender).map(hex));
  const bitmap = new Uint8Array(Math.ceil(receiver.length / DIGEST_BYTES / 8));
  list(receiver).forEach((digest, i) => {
    if (known.has(hex(digest))) bitmap[i >> 3]! |= 1 << (i & 7);
  });
  return bitmap;
}

function assertJoins(receiver: Uint8Array, sender: Uint8Array): void {
  const [a, b] = [sortDigests(receiver).sorted, sortDigests(sender).sorted];
  assert.deepEqual(obliviousJoin(a, b), expected(a, b), `${a.length / 16} × ${b.length / 16}`);
}

test('it finds what a Set finds, for all pairs of sizes around the words and powers of two', () => {
  const sizes = [0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 513, 1000];
  for (const receivers of sizes) {
    for (const senders of sizes) {
      const shared = random(Math.min(receivers, senders) >> 1);
      const rest = (count: number) => random(count - shared.length / DIGEST_BYTES);
      const a = Buffer.concat([shared, rest(receivers)]);
      const b = Buffer.concat([rest(senders), shared]);
      assertJoins(a, b);
    }
  }
});

test('disjoint, equal and contained sets, more than one staging area', () => {
  const digests = random(70_000);
  const half = digests.subarray(0, 35_000 * DIGEST_BYTES);
  assertJoins(digests, digests);
  assertJoins(digests, half);
  assertJoins(half, digests);
  assertJoins(half, digests.subarray(35_000 * DIGEST_BYTES));
});

test('any sets of digests that share much of their leading bytes', () => {
  // Bytes from a small alphabet, most of them fixed: ties in the first integer, signs, extremes.
  const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
  const digest = fc
    .tuple(byte, byte, byte, byte)
    .map(([a, b, c, d]) => Uint8Array.of(a, 0, 0, 0, 0, 0, 0, b, c, 0, 0, 0, 0, 0, 0, d));
  const set = fc.uniqueArray(digest, { selector: hex, maxLength: 150 });
  fc.assert(
    fc.property(set, set, (receiver, sender) => {
      assertJoins(new Uint8Array(Buffer.concat(receiver)), new Uint8Array(Buffer.concat(sender)));
    }),
    { numRuns: 60 },
  );
});

test('lists that are not strictly ascending are refused, wherever the fault is', () => {
  const count = 33_000; // crosses the border between two staging areas
  const good = sortDigests(random(count)).sorted;
  const other = sortDigests(random(10)).sorted;
  for (const at of [0, 1, 500, 32_767, 32_768, count - 2]) {
    const swapped = good.slice();
    swapped.copyWithin(at * 16, (at + 1) * 16, (at + 2) * 16);
    swapped.set(good.subarray(at * 16, (at + 1) * 16), (at + 1) * 16);
    const repeated = good.slice();
    repeated.copyWithin((at + 1) * 16, at * 16, (at + 1) * 16);
    for (const bad of [swapped, repeated]) {
      assert.equal(obliviousJoin(bad, other), 'receiver');
      assert.equal(obliviousJoin(other, bad), 'sender');
    }
  }
});

test('lengths that are no digests are refused', () => {
  assert.throws(() => obliviousJoin(new Uint8Array(15), new Uint8Array(0)), /"receiver" expected at most/);
  assert.throws(() => obliviousJoin(new Uint8Array(16), new Uint8Array(17)), /"sender" expected at most/);
});

test('sorting: ascending, a permutation, and it says where each came from', () => {
  for (const count of [0, 1, 2, 7, 8, 100, 5000]) {
    const digests = random(count);
    const { sorted, order } = sortDigests(digests);
    const before = list(digests);
    const after = list(sorted);
    after.forEach((digest, k) => {
      assert.deepEqual(digest, before[order[k]!]);
      if (k > 0) assert.ok(compareDigests(after[k - 1]!, digest) < 0);
    });
    assert.equal(new Set(order).size, count);
  }
  const extremes = ['00', '01', '7f', '80', 'ff'].flatMap((a) =>
    ['00', '7f', '80', 'ff'].map((b) => Buffer.from(`00000000000000${a}00000000000000${b}`, 'hex')),
  );
  const { sorted } = sortDigests(new Uint8Array(Buffer.concat(extremes)));
  assert.deepEqual(list(sorted).map(hex), [...extremes].sort(compareDigests).map(hex));
});
