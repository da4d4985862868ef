import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Join, join } from './join.ts';

/** The plain way: a Set of strings. */
function reference(receiver: Uint8Array, sender: Uint8Array, width: number): number[] {
  const names = (digests: Uint8Array) =>
    Array.from({ length: digests.length / width }, (_, i) =>
      Buffer.from(digests.subarray(i * width, (i + 1) * width)).toString('latin1'),
    );
  const known = new Set(names(sender));
  return names(receiver).flatMap((name, i) => (known.has(name) ? [i] : []));
}

/** Digests that differ in few bits only, at any place, so that they are often equal and always alike. */
const alike = (width: number, maxLength: number) =>
  fc
    .array(fc.tuple(fc.nat(width - 1), fc.integer({ min: 0, max: 3 })), { maxLength, size: 'max' })
    .map((places) => {
      const digests = new Uint8Array(places.length * width);
      places.forEach(([place, value], i) => {
        digests[i * width + place] = value << 6;
      });
      return digests;
    });

const sides = fc
  .integer({ min: 1, max: 32 })
  .chain((width) => fc.tuple(fc.constant(width), alike(width, 300), alike(width, 300)));

test('finds what a Set finds, with many equal and nearly equal digests of every width', () => {
  fc.assert(
    fc.property(sides, ([width, receiver, sender]) => {
      assert.deepEqual([...join(receiver, sender, width)], reference(receiver, sender, width));
    }),
    { numRuns: 300 },
  );
});

test("finds the same however the sender's digests are cut into chunks", () => {
  fc.assert(
    fc.property(sides, fc.integer({ min: 1, max: 40 }), ([width, receiver, sender], step) => {
      const table = new Join(receiver, width);
      for (let at = 0; at < sender.length; at += step * width)
        table.add(sender.subarray(at, at + step * width));
      assert.deepEqual([...table.result()], reference(receiver, sender, width));
    }),
  );
});

test('finds half of random digests, over many partitions and batches', () => {
  for (const [width, n, m] of [
    [5, 50_000, 90_000],
    [10, 70_000, 70_000],
    [16, 66_000, 20_000],
    [20, 20_000, 40_000],
    [32, 20_000, 40_000],
  ] as const) {
    const receiver = randomBytes(n * width);
    const sender = randomBytes(m * width);
    for (let i = 0; i < Math.min(n, m); i += 2) {
      sender.set(receiver.subarray(i * width, (i + 1) * width), ((i * 7919) % m) * width);
    }
    assert.deepEqual([...join(receiver, sender, width)], reference(receiver, sender, width));
  }
});

test('tells digests apart that differ in one bit, whichever', () => {
  for (let width = 1; width <= 32; width++) {
    const digest = randomBytes(width);
    const others = Buffer.concat(
      Array.from({ length: width * 8 }, (_, bit) => {
        const other = Buffer.from(digest);
        other[bit >> 3]! ^= 1 << (bit & 7);
        return other;
      }),
    );
    assert.deepEqual([...join(digest, others, width)], []);
    assert.deepEqual([...join(others, digest, width)], []);
    assert.equal(join(others, others, width).length, width * 8);
  }
});

test('the digest of zeros is one like any other', () => {
  const zeros = new Uint8Array(10);
  const others = randomBytes(50);
  assert.deepEqual([...join(others, zeros, 10)], []);
  assert.deepEqual([...join(zeros, others, 10)], []);
  assert.deepEqual([...join(Buffer.concat([others, zeros]), zeros, 10)], [5]);
});

test('result may be asked for on the way, and adds up', () => {
  const digests = randomBytes(64 * 12);
  const table = new Join(digests, 12);
  assert.equal(table.result().length, 0);
  table.add(digests.subarray(12 * 3, 12 * 5));
  assert.deepEqual([...table.result()], [3, 4]);
  table.add(digests.subarray(0, 12));
  table.add(digests.subarray(12 * 3, 12 * 4));
  table.add(digests.subarray(12 * 63));
  assert.deepEqual([...table.result()], [0, 3, 4, 63]);
});

test('empty sides', () => {
  const digests = randomBytes(80);
  const none = new Uint8Array(0);
  assert.equal(join(none, digests, 8).length, 0);
  assert.equal(join(digests, none, 8).length, 0);
  assert.equal(join(none, none, 8).length, 0);
});

// Each of these would take minutes or more if equal or similar digests made chains that are walked again
// and again: n² / 2 is 2^35 steps.
const N = 1 << 18;

test('one digest, repeated by both sides', () => {
  const digests = new Uint8Array(N * 10).fill(7);
  assert.equal(join(digests, digests, 10).length, N);
});

test('one digest, repeated by one side', () => {
  const repeated = new Uint8Array(N * 10).fill(7);
  const distinct = randomBytes(N * 10);
  const at = randomInt(N);
  distinct.fill(7, at * 10, at * 10 + 10);
  assert.deepEqual([...join(distinct, repeated, 10)], [at]);
  assert.equal(join(repeated, distinct, 10).length, N);
});

test('digests that differ in their last, middle or first bytes only', () => {
  for (const place of [0, 3, 7]) {
    const digests = new Uint8Array(N * 10).fill(0xff);
    const view = new DataView(digests.buffer);
    for (let i = 0; i < N; i++) view.setUint16(i * 10 + place, i % 65521);
    for (let i = 0; i < N; i++) digests[i * 10 + ((place + 2) % 10)] = i / 65521;
    assert.equal(join(digests, digests, 10).length, N);
    assert.equal(join(digests, randomBytes(N * 10), 10).length, 0);
  }
});

test('digests that collide in simple hashes of their words', () => {
  // Equal sums and equal exclusive ors of the two 64-bit words, and equal low bits in every word.
  const digests = new Uint8Array(N * 16);
  const words = new DataView(digests.buffer);
  for (let i = 0; i < N; i++) {
    words.setBigUint64(i * 16, BigInt(i) << 40n, true);
    words.setBigUint64(i * 16 + 8, -(BigInt(i) << 40n), true);
  }
  assert.equal(join(digests, digests, 16).length, N);
  assert.equal(join(digests, digests.toReversed(), 16).length, 1);
});

test('wrong arguments are named', () => {
  for (const width of [0, 33, 2.5, Number.NaN]) {
    assert.throws(() => new Join(new Uint8Array(0), width), /^RangeError: "width" must be 1 to 32 bytes/);
  }
  assert.throws(
    () => new Join(new Uint8Array(15), 10),
    /"receiver" must be whole digests of 10 bytes, got 15/,
  );
  assert.throws(
    () => new Join(new Uint8Array(10), 10).add(new Uint8Array(9)),
    /"sender" must be whole digests of 10/,
  );
});
