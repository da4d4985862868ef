import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { pack, packedBytes, unpack } from './packing.ts';

/** The stream as one large number, group after group, first word lowest. */
function asNumber(words: BigUint64Array, groups: { count: number; widths: readonly number[] }): bigint {
  let sum = 0n;
  let at = 0n;
  groups.widths.forEach((width, i) => {
    for (const word of words.subarray(i * groups.count, (i + 1) * groups.count)) {
      sum |= word << at;
      at += BigInt(width);
    }
  });
  return sum;
}

describe('packing', () => {
  test('every width, against one large number, and back', () => {
    for (let width = 1; width <= 63; width++) {
      const groups = { count: 64, widths: [width, 64 - width, 63] };
      const words = new BigUint64Array(64 * 3);
      const full = new BigUint64Array(new Uint8Array(randomBytes(64 * 3 * 8)).buffer);
      groups.widths.forEach((bits, i) => {
        for (let j = 0; j < 64; j++) words[i * 64 + j] = full[i * 64 + j]! & ((1n << BigInt(bits)) - 1n);
      });
      const bytes = new Uint8Array(words.buffer);
      const stream = new Uint8Array(packedBytes(groups));
      pack(bytes, groups, stream);
      const hex = Buffer.from(stream).reverse().toString('hex');
      assert.equal(BigInt(`0x${hex}`), asNumber(words, groups));
      const back = new Uint8Array(bytes.length);
      unpack(stream, groups, back);
      assert.deepEqual(back, bytes);
    }
  });

  test('a stream of other bits than words of full width still unpacks to words below the width', () => {
    const groups = { count: 64, widths: [37] };
    const out = new Uint8Array(64 * 8);
    unpack(new Uint8Array(packedBytes(groups)).fill(255), groups, out);
    assert.ok(new BigUint64Array(out.buffer).every((word) => word === 2n ** 37n - 1n));
  });

  test('arguments that do not fit are named', () => {
    const groups = { count: 64, widths: [10] };
    assert.throws(() => pack(new Uint8Array(5), groups, new Uint8Array(80)), /"words" must have 512 bytes/);
    assert.throws(() => pack(new Uint8Array(512), groups, new Uint8Array(79)), /"out" must hold 80 bytes/);
    assert.throws(() => unpack(new Uint8Array(81), groups, new Uint8Array(512)), /"stream" must have 80/);
    assert.throws(() => unpack(new Uint8Array(80), groups, new Uint8Array(511)), /"out" must hold 512/);
    assert.throws(() => packAll({ count: 63, widths: [10] }), /"count" must be a multiple of 64/);
    assert.throws(() => packAll({ count: 64, widths: [64] }), /"widths" must be 1 to 63/);
  });
});

function packAll(groups: { count: number; widths: readonly number[] }): void {
  pack(new Uint8Array(groups.count * 8), groups, new Uint8Array(groups.count * 8));
}
