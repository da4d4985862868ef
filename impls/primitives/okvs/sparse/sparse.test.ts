import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { WorkingMemory } from '../../working-memory/working-memory.ts';
import { restoreOrder } from '../store.ts';
import { block, decoded, encoded, mmo, randomBlocks, scaled, sumOf } from '../testing.ts';
import { type SparseParameters, sparseParameters } from './parameters.ts';
import { type ArrangedSparse, SparseStore } from './sparse.ts';

const store = (size: number | SparseParameters) => (memory: WorkingMemory) => new SparseStore(memory, size);

const SIZES = [1, 2, 3, 4, 7, 31, 100, 1000, 5000, 16_383, 16_384, 16_385, 32_768, 32_769, 65_536];

test('every item decodes to its value, also round the boundaries of clusters, with zero and random free columns', () => {
  for (const count of SIZES) {
    for (const free of ['zero', 'random'] as const) {
      const run = encoded(store(count), count, free);
      assert.ok(run.encoding.ok, `${count} items`);
      const { out, values } = decoded(run);
      assert.equal(Buffer.compare(out, values), 0, `${count} items, ${free}`);
    }
  }
});

/** The row of an item by the definition: its cluster's columns, counted over the whole store. */
function rowOf(key: Buffer, item: Buffer, { clusters, sparse, dense }: SparseParameters): number[] {
  const first = mmo(key, item);
  const other = Buffer.from(item);
  other[0] = (other[0] ?? 0) ^ 1;
  const bits = mmo(key, other).readBigUInt64LE(0);
  const start = scaled(first, 12, clusters) * (sparse + dense);
  const free = Array.from({ length: sparse }, (_, column) => column);
  const chosen = [0, 4, 8].map((at) => free.splice(scaled(first, at, free.length), 1)[0] ?? -1);
  const set = Array.from({ length: dense }, (_, i) => i).filter((i) => (bits >> BigInt(i)) & 1n);
  return [...chosen, ...set.map((i) => sparse + i)].map((column) => start + column);
}

test('rows are those of the definition, and values come back in the order of the items', () => {
  for (const count of [1, 50, 20_000]) {
    const run = encoded(store(count), count, 'random');
    const { memory, store: made, arranged, items, columns, key } = run;
    const { out } = decoded(run);
    const restored = memory.allocate(count * 16);
    const arrangedValues = memory.allocate(count * 16);
    memory.bytes(arrangedValues, count * 16).set(out);
    restoreOrder(memory, arranged, arrangedValues, restored);
    for (let i = 0; i < count; i += Math.ceil(count / 40)) {
      const expected = sumOf(memory, columns, rowOf(key, block(memory, items, i), made.parameters));
      assert.deepEqual(block(memory, restored, i), expected);
    }
  }
});

test('decoding while columns arrive gives the same, cluster by cluster', () => {
  const run = encoded(store(40_000), 40_000);
  const { memory, store: made, arranged, columns } = run;
  const { out: expected } = decoded(run);
  const out = memory.allocate(expected.length);
  const decoding = made.decoding(arranged, columns, out);
  const size = made.columns / made.parameters.clusters;
  assert.equal(decoding.advance(0), 0);
  assert.equal(decoding.advance(size - 1), 0);
  assert.equal(decoding.advance(2 * size), arranged.ends[1]);
  assert.equal(decoding.advance(2 * size), arranged.ends[1]);
  assert.equal(decoding.advance(made.columns), arranged.count);
  assert.equal(Buffer.compare(memory.bytes(out, expected.length), expected), 0);
});

test('items that were not encoded decode too, any number of them', () => {
  const { memory, store: made, columns, key } = encoded(store(100), 100);
  for (const count of [0, 1, 300]) {
    const items = randomBlocks(memory, count);
    const arranged = made.arrange(items, count, key);
    const out = memory.allocate(count * 16);
    made.decode(arranged, columns, out);
    for (let i = 0; i < count; i++) {
      const row = rowOf(key, block(memory, arranged.items, i), made.parameters);
      assert.deepEqual(block(memory, out, i), sumOf(memory, columns, row));
    }
  }
});

test('stores of different sizes in one memory do not disturb each other', () => {
  const memory = new WorkingMemory();
  const [small, large] = [new SparseStore(memory, 10), new SparseStore(memory, 1000)];
  const key = randomBytes(16);
  const runs = [small, large].map((made, i) => {
    const count = i === 0 ? 10 : 1000;
    const arranged = made.arrange(randomBlocks(memory, count), count, key);
    return {
      made,
      arranged,
      count,
      values: randomBlocks(memory, count),
      columns: memory.allocate(made.columns * 16),
    };
  });
  for (const { made, arranged, values, columns } of runs) {
    assert.ok(made.encode(arranged, values, columns, 'zero').ok);
  }
  for (const { made, arranged, values, columns, count } of runs) {
    const out = memory.allocate(count * 16);
    made.decode(arranged, columns, out);
    assert.equal(Buffer.compare(memory.bytes(out, count * 16), memory.bytes(values, count * 16)), 0);
  }
});

interface Row {
  readonly sparse: readonly [number, number, number];
  readonly dense: bigint;
}

/** Encodes rows that are given instead of hashed, in one cluster. */
function encodeRows(rows: readonly Row[], size: { sparse: number; dense: number }, free: 'zero' | 'random') {
  const memory = new WorkingMemory();
  const count = rows.length;
  const parameters = { ...sparseParameters(count), clusters: 1, ...size, columns: size.sparse + size.dense };
  const made = new SparseStore(memory, parameters);
  const at = memory.allocate(count * 16);
  const view = new DataView(memory.memory.buffer, at, count * 16);
  for (const [i, { sparse, dense }] of rows.entries()) {
    for (const [k, column] of sparse.entries()) view.setUint16(i * 16 + k * 2, column, true);
    view.setBigUint64(i * 16 + 8, dense & (unit(size.dense) - 1n), true);
  }
  const arranged: ArrangedSparse = { count, items: 0, numbers: 0, rows: at, ends: [count] };
  const values = randomBlocks(memory, count);
  const columns = randomBlocks(memory, made.columns);
  const before = Buffer.from(memory.bytes(columns, made.columns * 16));
  const encoding = made.encode(arranged, values, columns, free);
  if (encoding.ok) {
    const out = memory.allocate(count * 16);
    made.decode(arranged, columns, out);
    assert.equal(Buffer.compare(memory.bytes(out, count * 16), memory.bytes(values, count * 16)), 0);
  }
  return { encoding, before, after: Buffer.from(memory.bytes(columns, made.columns * 16)) };
}

const unit = (i: number) => 1n << BigInt(i);

test('a forced gap is solved up to the expected one and beyond; without enough dense columns it fails cleanly', () => {
  const { sparse, dense, gap: expected } = sparseParameters(1000);
  const equal = (count: number): Row[] =>
    Array.from({ length: count }, (_, i) => ({ sparse: [5, 6, 7], dense: i === 0 ? 0n : unit(i - 1) }));
  for (const free of ['zero', 'random'] as const) {
    for (const gap of [1, 2, expected, expected + 1, 40, dense]) {
      assert.deepEqual(encodeRows(equal(gap + 1), { sparse, dense }, free).encoding, { ok: true, gap });
    }
    // One dense column fewer than the gap has rows.
    assert.deepEqual(encodeRows(equal(expected + 2), { sparse, dense: expected }, free).encoding, {
      ok: false,
      reason: 'dependent rows',
    });
    const same: Row[] = [0, 1].map(() => ({ sparse: [1, 2, 3], dense: 9n }));
    assert.deepEqual(encodeRows(same, { sparse, dense }, free).encoding, {
      ok: false,
      reason: 'dependent rows',
    });
    const many: Row[] = Array.from({ length: 66 }, (_, i) => ({ sparse: [1, 2, 3], dense: BigInt(i) }));
    assert.deepEqual(encodeRows(many, { sparse, dense }, free).encoding, {
      ok: false,
      reason: 'gap too large',
    });
  }
});

/** Rank of rows over GF(2), by elimination on big integers. */
function rank(rows: readonly bigint[]): number {
  const basis: bigint[] = [];
  for (const row of rows) {
    let rest = row;
    for (const b of basis) if ((rest ^ b) < rest) rest ^= b;
    if (rest !== 0n) basis.push(rest);
  }
  return basis.length;
}

test('an encoding is found exactly when the rows are independent', () => {
  const outcomes = { ok: 0, failed: 0, gaps: 0 };
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 130 }).chain((sparse) =>
        fc.record({
          sparse: fc.constant(sparse),
          dense: fc.integer({ min: 0, max: 3 }),
          rows: fc.array(
            fc.tuple(
              fc.uniqueArray(fc.nat(sparse - 1), { minLength: 3, maxLength: 3 }),
              fc.bigInt({ min: 0n, max: 7n }),
            ),
            { minLength: 1, maxLength: Math.min(60, sparse + 2), size: 'max' },
          ),
          free: fc.constantFrom('zero' as const, 'random' as const),
        }),
      ),
      ({ sparse, dense, rows, free }) => {
        const made = rows.map(
          ([[a = 0, b = 1, c = 2], bits]): Row => ({
            sparse: [a, b, c],
            dense: bits & (unit(dense) - 1n),
          }),
        );
        const flat = made.map(
          ({ sparse: [a, b, c], dense: bits }) => unit(a) | unit(b) | unit(c) | (bits << BigInt(sparse)),
        );
        const { encoding } = encodeRows(made, { sparse, dense }, free);
        assert.equal(encoding.ok, rank(flat) === made.length);
        if (!encoding.ok) outcomes.failed++;
        else if (encoding.gap > 0) outcomes.gaps++;
        else outcomes.ok++;
      },
    ),
    { numRuns: 600 },
  );
  // Otherwise the property has said nothing.
  for (const [name, times] of Object.entries(outcomes)) assert.ok(times > 20, `${name}: ${times}`);
});

test('free columns keep their random content: as many as there are columns more than rows', () => {
  const rows: Row[] = Array.from({ length: 20 }, (_, i) => ({
    sparse: [i, i + 1, i + 2],
    dense: BigInt(i * 11) & 0xffn,
  }));
  const { encoding, before, after } = encodeRows(rows, { sparse: 40, dense: 8 }, 'random');
  assert.ok(encoding.ok);
  const kept = Array.from({ length: 48 }, (_, c) => c).filter((c) =>
    before.subarray(c * 16, c * 16 + 16).equals(after.subarray(c * 16, c * 16 + 16)),
  );
  assert.equal(kept.length, 48 - 20);
});

test('too many items in one cluster are refused, not mixed up', () => {
  const memory = new WorkingMemory();
  const made = new SparseStore(memory, 70_000);
  const count = 70_000;
  const items = randomBlocks(memory, count);
  const arranged = made.arrange(items, count, randomBytes(16));
  const ends = arranged.ends.map(() => count);
  const out = memory.allocate(made.columns * 16);
  assert.deepEqual(made.encode({ ...arranged, ends }, items, out, 'zero'), {
    ok: false,
    reason: 'cluster too large',
  });
});
