import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortRecords } from './sort.ts';

/** The records as hexadecimal little-endian numbers, in the order they have. */
function numbers(data: Uint8Array, width: number): string[] {
  return Array.from({ length: data.length / width }, (_, i) =>
    Buffer.from(data.subarray(i * width, (i + 1) * width))
      .reverse()
      .toString('hex'),
  );
}

function check(data: Uint8Array, width: number): void {
  const expected = numbers(data, width).sort();
  sortRecords(data, width);
  const sorted = numbers(data, width);
  // Not deepEqual: it takes minutes to describe how two long lists differ.
  const wrong = sorted.findIndex((number, i) => number !== expected[i]);
  assert.equal(
    wrong,
    -1,
    `record ${wrong} of ${expected.length} is ${sorted[wrong]}, expected ${expected[wrong]}`,
  );
}

test('sorts random and nearly equal records of every width', () => {
  const values = fc.constantFrom(fc.nat(255), fc.constantFrom(0, 1), fc.constantFrom(0, 0x80, 0xff));
  const input = fc
    .tuple(fc.integer({ min: 1, max: 32 }), fc.nat(300), values)
    .chain(([width, count, value]) =>
      fc.tuple(
        fc.constant(width),
        fc.array(value, { minLength: width * count, maxLength: width * count, size: 'max' }),
      ),
    );
  fc.assert(
    fc.property(input, ([width, values]) => check(Uint8Array.from(values), width)),
    { numRuns: 100 },
  );
});

test('sorts over many partitions', () => {
  for (const width of [5, 8, 10, 17, 25, 32]) check(randomBytes(30_000 * width), width);
});

test('sorts records that share a bucket, where insertion would be quadratic', () => {
  const n = 1 << 16;
  const data = new Uint8Array(n * 10);
  for (let i = 0; i < n; i++) new DataView(data.buffer).setUint16(i * 10, (i * 40_503) & 0xffff);
  const equal = new Uint8Array(n * 10).fill(9);
  check(data, 10);
  check(equal, 10);
  check(Buffer.concat([equal, data, randomBytes(n * 10)]), 10);
});

test('the result does not depend on the order of the input', () => {
  const data = randomBytes(5_000 * 9);
  const reversed = Buffer.concat(
    Array.from({ length: 5_000 }, (_, i) => data.subarray((4_999 - i) * 9, (5_000 - i) * 9)),
  );
  sortRecords(data, 9);
  sortRecords(reversed, 9);
  assert.equal(Buffer.compare(data, reversed), 0);
});

test('leaves the bytes around a view alone', () => {
  const all = new Uint8Array(randomBytes(1_020));
  const before = all.slice();
  sortRecords(all.subarray(10, 1_010), 10);
  assert.deepEqual(all.subarray(0, 10), before.subarray(0, 10));
  assert.deepEqual(all.subarray(1_010), before.subarray(1_010));
});

test('wrong arguments are named', () => {
  assert.throws(() => sortRecords(new Uint8Array(8), 0), /^RangeError: "width" must be 1 to 32 bytes, got 0/);
  assert.throws(
    () => sortRecords(new Uint8Array(8), 3),
    /"data" must be whole records of 3 bytes, got 8 bytes/,
  );
});
