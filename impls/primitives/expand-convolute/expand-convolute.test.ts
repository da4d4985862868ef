import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { elements, multiply, timesX } from '../gf128/reference.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { EXPAND_PIECE, ExpandConvolute } from './expand-convolute.ts';
import { encodePlainly } from './reference.ts';

function encode(input: Uint8Array, rows: number, count = rows, inQuarters = false): bigint[] {
  const memory = new WorkingMemory();
  const code = new ExpandConvolute(memory, rows, inQuarters);
  const vector = memory.allocate(code.bytes);
  // What lies behind the vector must not matter.
  memory.bytes(vector, code.bytes).fill(0xa5);
  memory.bytes(vector, input.length).set(input);
  code.encode(vector, count);
  return elements(memory.bytes(vector, count * 16));
}

test('the kernel against the definition, at sizes round its groups of four and its pieces', () => {
  for (const rows of [4, 5, 6, 7, 24, 25, 26, 64, 101, 1000, 16_390]) {
    const input = randomBytes(2 * rows * 16);
    const expected = encodePlainly(elements(input), rows);
    assert.deepEqual(encode(input, rows), expected, `${rows} rows`);
    assert.deepEqual(encode(input, rows, rows, true), expected, `${rows} rows, quarter by quarter`);
  }
});

test('the code is the product with one matrix over F, at 64 rows', () => {
  const rows = 64;
  const unit = (place: number, value: number) => {
    const vector = new Uint8Array(2 * rows * 16);
    vector[place * 16] = value;
    return vector;
  };
  const columns = Array.from({ length: 2 * rows }, (_, j) => encode(unit(j, 1), rows));
  const input = randomBytes(2 * rows * 16);
  const xs = elements(input);
  const product = Array.from({ length: rows }, (_, i) =>
    xs.reduce((sum, x, j) => sum ^ multiply(x, columns[j]?.[i] ?? 0n), 0n),
  );
  assert.deepEqual(encode(input, rows), product);
  // Linear over F, not over its bits alone.
  assert.deepEqual(encode(unit(70, 2), rows), columns[70]?.map(timesX));
  // The first half is the identity; the second has entries outside GF(2), in almost every column.
  for (let j = 0; j < rows; j++) {
    assert.deepEqual(
      columns[j],
      Array.from({ length: rows }, (_, i) => (i === j ? 1n : 0n)),
    );
  }
  const binary = columns.slice(rows).filter((column) => column.every((entry) => entry <= 1n));
  assert.ok(binary.length <= 3, `${binary.length} binary columns`);
});

test('fewer outputs than rows are the first ones', () => {
  const input = randomBytes(2 * 100 * 16);
  assert.deepEqual(encode(input, 100, 37), encode(input, 100).slice(0, 37));
});

test('sizes that cannot be are named', () => {
  const memory = new WorkingMemory();
  assert.throws(() => new ExpandConvolute(memory, 3), /"rows" must be 4 to 2\^28, got 3/);
  assert.throws(() => new ExpandConvolute(memory, 8).encode(64, 9), /"count" must be at most 8, got 9/);
});

test('outputs computed range by range are those computed at once', () => {
  const rows = 3 * EXPAND_PIECE + 100;
  const input = randomBytes(2 * rows * 16);
  for (const inQuarters of [false, true]) {
    const memory = new WorkingMemory();
    const code = new ExpandConvolute(memory, rows, inQuarters);
    const vector = memory.allocate(code.bytes);
    memory.bytes(vector, input.length).set(input);
    code.accumulate(vector);
    code.expand(vector, 2 * EXPAND_PIECE, rows - 50);
    code.expand(vector, 0, 2 * EXPAND_PIECE);
    const whole = memory.allocate(code.bytes);
    memory.bytes(whole, input.length).set(input);
    code.encode(whole, rows - 50);
    assert.equal(
      Buffer.compare(memory.bytes(vector, (rows - 50) * 16), memory.bytes(whole, (rows - 50) * 16)),
      0,
    );
    assert.throws(() => code.expand(vector, 5, 10), /"first" must be whole pieces, got 5/);
  }
});
