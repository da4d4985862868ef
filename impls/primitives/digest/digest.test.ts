import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ItemSet } from '../../../bench/contract.ts';
import { itemAt, packItems } from '../items.ts';
import { Digester } from './digest.ts';

const NONE = new Uint8Array(0);

/** What node:crypto makes of the items, in one array. */
function reference(items: readonly Uint8Array[], width: number, prefix: Uint8Array = NONE): Uint8Array {
  return Buffer.concat(
    items.map((item) => createHash('sha256').update(prefix).update(item).digest().subarray(0, width)),
  );
}

function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  // Buffer.compare, because assert.deepEqual takes seconds to describe megabytes that differ.
  assert.equal(
    Buffer.compare(actual, expected),
    0,
    `${actual.length} bytes, ${expected.length} expected: they differ`,
  );
}

const width = fc.integer({ min: 1, max: 32 });
const prefix = fc.oneof(
  fc.constant(NONE),
  fc.uint8Array({ minLength: 64, maxLength: 64 }),
  fc.uint8Array({ maxLength: 200 }),
);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });

test('digests agree with node:crypto on random lengths from 0 to 1,024', () => {
  fc.assert(
    fc.property(fc.array(bytes(1024), { maxLength: 30 }), width, prefix, (items, width, prefix) => {
      sameBytes(new Digester({ width, prefix }).items(packItems(items)), reference(items, width, prefix));
    }),
    { numRuns: 200 },
  );
});

test('every length from 0 to 260, after prefixes of lengths around a block', () => {
  const items = Array.from({ length: 261 }, (_, length) => randomBytes(length));
  for (const length of [0, 1, 8, 55, 56, 63, 64, 65, 119, 128, 130]) {
    const prefix = randomBytes(length);
    const digester = new Digester({ width: 32, prefix });
    sameBytes(digester.items(packItems(items)), reference(items, 32, prefix));
    sameBytes(digester.items(packItems(items.toReversed())), reference(items.toReversed(), 32, prefix));
  }
});

test('one lane may take far longer than the others', () => {
  const items = Array.from({ length: 400 }, (_, i) => randomBytes(i % 7 === 3 ? 20_000 : i % 3));
  sameBytes(new Digester().items(packItems(items)), reference(items, 16));
});

test('sets larger than the kernel takes at once, by number and by bytes', () => {
  const many = Array.from({ length: 40_000 }, (_, i) => Buffer.from(String(i)));
  sameBytes(new Digester({ width: 10 }).items(packItems(many)), reference(many, 10));
  const long = Array.from({ length: 12 }, (_, i) => randomBytes(i === 5 ? 700_000 : 100_000 * (i % 6)));
  const salt = randomBytes(20);
  sameBytes(new Digester({ prefix: salt }).items(packItems(long)), reference(long, 16, salt));
});

test('an item of exactly the largest piece, and one byte more', () => {
  for (const length of [0x80000 - 1, 0x80000, 0x80000 + 1]) {
    const items = [Buffer.from('a'), randomBytes(length), Buffer.from('b')];
    sameBytes(new Digester().items(packItems(items)), reference(items, 16));
  }
});

test('a range of items goes to the beginning of the output, and nowhere else', () => {
  const items = Array.from({ length: 100 }, (_, i) => randomBytes(i));
  const packed = packItems(items);
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), width, (a, b, width) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const out = new Uint8Array((to - from) * width + 40).fill(0xee);
      new Digester({ width }).range(packed, from, to, out);
      sameBytes(out.subarray(0, (to - from) * width), reference(items.slice(from, to), width));
      assert.ok(out.subarray((to - from) * width).every((byte) => byte === 0xee));
    }),
  );
});

test('records are digested as items of that length', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.nat(50),
      width,
      prefix,
      (length, count, width, prefix) => {
        const data = randomBytes(length * count);
        const records = Array.from({ length: count }, (_, i) => data.subarray(i * length, (i + 1) * length));
        sameBytes(new Digester({ width, prefix }).records(data, length), reference(records, width, prefix));
      },
    ),
  );
  for (const [length, count] of [
    [32, 20_000],
    [0x80001, 2],
  ] as const) {
    const data = randomBytes(length * count);
    const records = Array.from({ length: count }, (_, i) => data.subarray(i * length, (i + 1) * length));
    const out = new Uint8Array(count * 16);
    assert.equal(new Digester().records(data, length, out), out);
    sameBytes(out, reference(records, 16));
  }
});

test('several digesters may take turns', () => {
  const salted = new Digester({ prefix: Buffer.from('salt') });
  const plain = new Digester();
  const items = [Buffer.from('item'), NONE];
  for (let turn = 0; turn < 3; turn++) {
    sameBytes(salted.items(packItems(items)), reference(items, 16, Buffer.from('salt')));
    sameBytes(plain.items(packItems(items)), reference(items, 16));
  }
});

test('a prefix that the caller changes afterwards has no effect', () => {
  const prefix = Buffer.from('before');
  const digester = new Digester({ prefix });
  prefix.fill(0);
  sameBytes(digester.items(packItems(['x'])), reference([Buffer.from('x')], 16, Buffer.from('before')));
});

test('items in shared memory, and in a view that does not begin at 0', () => {
  const items = [randomBytes(70), randomBytes(3), NONE];
  const packed = packItems(items);
  const data = new Uint8Array(new SharedArrayBuffer(packed.data.length + 5), 5);
  data.set(packed.data);
  const offsets = new Uint32Array(new SharedArrayBuffer(packed.offsets.byteLength));
  offsets.set(packed.offsets);
  const shared: ItemSet = { count: 3, data, offsets };
  sameBytes(itemAt(shared, 0), items[0]!);
  sameBytes(new Digester().items(shared), reference(items, 16));
});

test('wrong arguments are named', () => {
  const packed = packItems(['a', 'b']);
  for (const width of [0, 33, 1.5, Number.NaN]) {
    assert.throws(() => new Digester({ width }), /^RangeError: "width" must be 1 to 32 bytes/);
  }
  assert.throws(
    () => new Digester({ prefix: new Uint8Array(0x10001) }),
    /"prefix" must have at most 65536 bytes/,
  );
  const digester = new Digester();
  assert.throws(() => digester.range(packed, 1, 3, new Uint8Array(64)), /not within a set of 2/);
  assert.throws(() => digester.range(packed, -1, 1, new Uint8Array(64)), /not within a set of 2/);
  assert.throws(
    () => digester.range(packed, 0, 2, new Uint8Array(31)),
    /"out" must hold 2 digests of 16 bytes/,
  );
  assert.throws(() => digester.records(new Uint8Array(33), 32), /"data" must be whole records of 32 bytes/);
  assert.throws(
    () => digester.records(new Uint8Array(64), 32, new Uint8Array(20)),
    /"out" must hold 2 digests/,
  );
});
