import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../bench/party/random.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { TRANSPOSE_SCRATCH_BYTES, transposeBits, transposeKernel } from './transpose.ts';

/** Bit by bit, from the definition. */
function naive(matrix: Uint8Array, rows: number, columns: number): Uint8Array {
  const rowBytes = Math.ceil(columns / 8);
  const outBytes = Math.ceil(rows / 8);
  const out = new Uint8Array(columns * outBytes);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const byte = matrix[row * rowBytes + (column >> 3)] ?? assert.fail();
      const bit = (byte >> (column & 7)) & 1;
      out[column * outBytes + (row >> 3)]! |= bit << (row & 7);
    }
  }
  return out;
}

function check(rows: number, columns: number, seed: string): void {
  const matrix = seededRandom(seed).bytes(rows * Math.ceil(columns / 8));
  const got = transposeBits(matrix, rows, columns);
  // Not deepEqual: it takes minutes to describe how two long arrays differ.
  assert.equal(Buffer.compare(got, naive(matrix, rows, columns)), 0, `${rows} × ${columns}`);
}

test('agrees with the definition, for widths that are multiples of 128 and that are not', () => {
  for (const [rows, columns] of [
    [128, 128],
    [448, 128],
    [128, 448],
    [448, 1000],
    [1000, 448],
    [32, 256],
    [1, 1],
    [0, 5],
    [5, 0],
    [129, 127],
  ] as const) {
    check(rows, columns, `${rows} × ${columns}`);
  }
});

test('agrees with the definition at random sizes', () => {
  const size = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(size, size, (rows, columns) => check(rows, columns, 'random sizes')),
    { numRuns: 60 },
  );
});

test('twice is nothing, once per bit of a single one', () => {
  const matrix = seededRandom('twice').bytes(136 * 24);
  assert.deepEqual(transposeBits(transposeBits(matrix, 136, 192), 192, 136), matrix);
});

test('in the memory of others: strides, the sum in place, and not a byte beyond', () => {
  const [rows, columns, fromStride, toStride] = [200, 150, 48, 80];
  const [from, to] = [4096, 4096 + rows * fromStride + 32];
  const memory = new WorkingMemory();
  const bytes = memory.bytes(0, 0x10000);
  bytes.set(seededRandom('memory').bytes(bytes.length));
  const before = bytes.slice();
  const kernel = transposeKernel(memory);
  const matrix = new Uint8Array(rows * 19);
  for (let i = 0; i < rows; i++)
    matrix.set(before.subarray(from + i * fromStride, from + i * fromStride + 19), i * 19);
  const expected = naive(matrix, rows, columns);
  const column = (i: number) => {
    const out = new Uint8Array(32);
    out.set(expected.subarray(i * 25, (i + 1) * 25));
    return out;
  };

  kernel.transposeXor(from, fromStride, rows, columns, to, toStride, 1024);
  for (const add of [true, false]) {
    if (!add) kernel.transpose(from, fromStride, rows, columns, to, toStride, 1024);
    for (let i = 0; i < columns; i++) {
      const at = to + i * toStride;
      const want = add ? column(i).map((byte, k) => byte ^ (before[at + k] ?? 0)) : column(i);
      assert.deepEqual(bytes.slice(at, at + 32), want);
      assert.deepEqual(bytes.slice(at + 32, at + toStride), before.slice(at + 32, at + toStride));
    }
  }
  assert.deepEqual(bytes.slice(0, 1024), before.slice(0, 1024));
  const untouched = 1024 + TRANSPOSE_SCRATCH_BYTES;
  assert.deepEqual(bytes.slice(untouched, to), before.slice(untouched, to));
  const end = to + columns * toStride;
  assert.deepEqual(bytes.slice(end), before.slice(end));
});

test('a matrix of another length is refused', () => {
  assert.throws(
    () => transposeBits(new Uint8Array(9), 8, 9),
    /"matrix" must have 8 rows of 2 bytes, 16 in all/,
  );
});
