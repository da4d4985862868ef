import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { WorkingMemory } from '../../working-memory/working-memory.ts';
import { restoreOrder } from '../store.ts';
import { block, decoded, encoded, mmo, randomBlocks, scaled, sumOf } from '../testing.ts';
import { BandStore } from './band.ts';
import { type BandParameters, bandParameters } from './parameters.ts';

const store = (size: number | BandParameters) => (memory: WorkingMemory) => new BandStore(memory, size);

const SIZES = [1, 2, 3, 63, 64, 65, 160, 207, 208, 209, 480, 481, 1000, 8192, 8193, 20_000, 65_536];

test('every item decodes to its value, dense or in a band, with zero and random free columns', () => {
  for (const count of SIZES) {
    for (const size of [count, bandParameters(count, 0.05)]) {
      for (const free of ['zero', 'random'] as const) {
        const run = encoded(store(size), count, free);
        assert.deepEqual(run.encoding, { ok: true, gap: 0 }, `${count} items`);
        const { out, values } = decoded(run);
        assert.equal(Buffer.compare(out, values), 0, `${count} items, ${free}`);
      }
    }
  }
});

/** The row of an item by the definition. */
function rowOf(key: Buffer, item: Buffer, { columns, width }: BandParameters): number[] {
  const start = scaled(mmo(key, item), 12, columns - width + 1);
  const set = [start];
  for (let i = 1; i < width; i++) {
    const other = Buffer.from(item);
    other[0] = (other[0] ?? 0) ^ (Math.floor(i / 128) + 1);
    const bits = mmo(key, other);
    if (((bits[(i % 128) >> 3] ?? 0) >> (i & 7)) & 1) set.push(start + i);
  }
  return set;
}

test('rows are those of the definition, and values come back in the order of the items', () => {
  for (const size of [
    bandParameters(1),
    bandParameters(60),
    bandParameters(5000),
    bandParameters(5000, 0.05),
  ]) {
    const run = encoded(store(size), size.count, 'random');
    const { memory, arranged, items, columns, key } = run;
    const { out } = decoded(run);
    const restored = memory.allocate(size.count * 16);
    const arrangedValues = memory.allocate(size.count * 16);
    memory.bytes(arrangedValues, size.count * 16).set(out);
    restoreOrder(memory, arranged, arrangedValues, restored);
    for (let i = 0; i < size.count; i += Math.ceil(size.count / 20)) {
      const expected = sumOf(memory, columns, rowOf(key, block(memory, items, i), size));
      assert.deepEqual(block(memory, restored, i), expected);
    }
  }
});

test('decoding while columns arrive gives the same and reads no column too early', () => {
  const run = encoded(store(20_000), 20_000);
  const { memory, store: made, arranged, columns } = run;
  const { out: expected } = decoded(run);
  const out = memory.allocate(expected.length);
  const arriving = memory.allocate(made.columns * 16);
  memory.bytes(arriving, made.columns * 16).fill(0xaa);
  const decoding = made.decoding(arranged, arriving, out);
  assert.equal(decoding.advance(0), 0);
  let before = 0;
  for (let ready = 0; ready < made.columns; ready += 977) {
    memory.bytes(arriving, ready * 16).set(memory.bytes(columns, ready * 16));
    const done = decoding.advance(ready);
    assert.ok(done >= before);
    before = done;
  }
  assert.ok(before > 18_000 && before < 20_000);
  memory.bytes(arriving, made.columns * 16).set(memory.bytes(columns, made.columns * 16));
  assert.equal(decoding.advance(made.columns), 20_000);
  assert.equal(Buffer.compare(memory.bytes(out, expected.length), expected), 0);
});

test('items that were not encoded decode too, any number of them', () => {
  const { memory, store: made, columns, key } = encoded(store(300), 300);
  for (const count of [0, 1, 700]) {
    const arranged = made.arrange(randomBlocks(memory, count), count, key);
    const out = memory.allocate(count * 16);
    made.decode(arranged, columns, out);
    for (let i = 0; i < count; i += 10) {
      const row = rowOf(key, block(memory, arranged.items, i), made.parameters);
      assert.deepEqual(block(memory, out, i), sumOf(memory, columns, row));
    }
  }
});

test('an item twice is a failure, not a wrong encoding', () => {
  for (const count of [2, 300, 1000]) {
    const { memory, store: made, items, columns, values } = encoded(store(count), count);
    memory.bytes(items, 16).set(memory.bytes(items + (count - 1) * 16, 16));
    const arranged = made.arrange(items, count, randomBytes(16));
    assert.deepEqual(made.encode(arranged, values, columns, 'zero'), { ok: false, reason: 'dependent rows' });
  }
});

test('free columns keep their random content', () => {
  const count = 500;
  const { memory, store: made, arranged, values } = encoded(store(count), count);
  const columns = randomBlocks(memory, made.columns);
  const before = Array.from({ length: made.columns }, (_, c) => block(memory, columns, c));
  assert.ok(made.encode(arranged, values, columns, 'random').ok);
  const kept = before.filter((content, c) => content.equals(block(memory, columns, c)));
  assert.equal(kept.length, made.columns - count);
});

test('sizes: a tenth or a twentieth more columns, 48 more at least; one dense block when it is no wider', () => {
  assert.deepEqual(bandParameters(0), { kind: 'band', count: 0, columns: 48, width: 48 });
  assert.deepEqual(bandParameters(200), { kind: 'band', count: 200, columns: 248, width: 248 });
  assert.deepEqual(bandParameters(2 ** 20), {
    kind: 'band',
    count: 2 ** 20,
    columns: 1_153_434,
    width: 256,
  });
  assert.equal(bandParameters(2 ** 20, 0.05).columns, 1_101_005);
  assert.equal(bandParameters(2 ** 20, 0.05).width, 448);
  assert.throws(() => bandParameters(-1), /0 to 2\^26 items, got -1/);
});

test('a dense matrix of few columns fails as often as it has to', () => {
  // The first column is all ones, the others are uniform: the rows are dependent when the differences from the
  // first row are, 19 uniform vectors of 23 bits: 1 − Π (1 − 2^(i − 23)), i = 0 … 18.
  const tries = 4000;
  let failures = 0;
  const parameters = { kind: 'band', count: 20, columns: 24, width: 24 } as const;
  const { memory, store: made, items, values, columns } = encoded(store(parameters), 20);
  for (let i = 0; i < tries; i++) {
    const mark = memory.mark();
    if (!made.encode(made.arrange(items, 20, randomBytes(16)), values, columns, 'zero').ok) failures++;
    memory.release(mark);
  }
  let independent = 1;
  for (let i = 0; i < 19; i++) independent *= 1 - 2 ** (i - 23);
  const expected = 1 - independent;
  const deviation = Math.sqrt((expected * independent) / tries);
  assert.ok(
    Math.abs(failures / tries - expected) < 6 * deviation,
    `${failures} of ${tries}, not ${expected}`,
  );
});
