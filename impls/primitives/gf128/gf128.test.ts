import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { FixedFactor, packRows } from './gf128.ts';
import { elementBytes, elements, multiply, timesX } from './reference.ts';

function place(memory: WorkingMemory, data: Uint8Array): number {
  const address = memory.allocate(data.length);
  memory.bytes(address, data.length).set(data);
  return address;
}

/** GHASH (SP 800-38D) writes bits in the other order: bit 0 of an element is the top bit of the first byte. */
function reversed(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) value = (value << 1n) | BigInt((byte >> bit) & 1);
  return [...value.toString(2).padStart(128, '0')].reverse().reduce((a, bit) => (a << 1n) | BigInt(bit), 0n);
}

test('the reference multiplies as GHASH does: tags of AES-128-GCM from node:crypto', () => {
  for (let run = 0; run < 20; run++) {
    const key = randomBytes(16);
    const ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const h = reversed(ecb.update(Buffer.alloc(16)));
    const nonce = randomBytes(12);
    const aad = randomBytes(16);
    const gcm = createCipheriv('aes-128-gcm', key, nonce).setAAD(aad);
    gcm.final();
    const lengths = Buffer.alloc(16);
    lengths.writeUInt32BE(128, 4);
    const mask = ecb.update(Buffer.concat([nonce, Buffer.from([0, 0, 0, 1])]));
    const ghash = multiply(multiply(reversed(aad), h) ^ reversed(lengths), h);
    assert.equal(ghash ^ reversed(mask), reversed(gcm.getAuthTag()));
  }
});

test('a fixed factor times elements, added, in place and not', () => {
  const edges = [0n, 1n, 2n, 1n << 127n, (1n << 128n) - 1n, 1n << 63n, 1n << 64n, 0x87n];
  for (const factor of [...edges, ...elements(randomBytes(32))]) {
    const xs = [...edges, ...elements(randomBytes(16 * 20))];
    const adds = elements(randomBytes(16 * xs.length));
    const expected = xs.map((x, i) => multiply(x, factor) ^ (adds[i] ?? 0n));
    const memory = new WorkingMemory();
    const x = place(memory, elementBytes(xs));
    const add = place(memory, elementBytes(adds));
    const to = memory.allocate(16 * xs.length);
    const fixed = new FixedFactor(memory, place(memory, elementBytes([factor])));
    fixed.multiplyAdd(x, add, to, xs.length);
    assert.deepEqual(elements(memory.bytes(to, 16 * xs.length)), expected);
    fixed.multiplyAdd(x, add, x, xs.length);
    assert.deepEqual(elements(memory.bytes(x, 16 * xs.length)), expected);
  }
});

test('packing 128 elements into one', () => {
  const rows = randomBytes(3 * 2048);
  const memory = new WorkingMemory();
  const from = place(memory, rows);
  const to = memory.allocate(48);
  packRows(memory, from, to, 3);
  const all = elements(rows);
  const expected = [0, 1, 2].map((i) =>
    all.slice(128 * i, 128 * (i + 1)).reduceRight((sum, row) => timesX(sum) ^ row, 0n),
  );
  assert.deepEqual(elements(memory.bytes(to, 48)), expected);
});

test('packing what a bit chooses of one element is multiplying', () => {
  const [y = 0n, delta = 0n] = elements(randomBytes(32));
  const rows = Array.from({ length: 128 }, (_, bit) => ((y >> BigInt(bit)) & 1n ? delta : 0n));
  const memory = new WorkingMemory();
  const to = memory.allocate(16);
  packRows(memory, place(memory, elementBytes(rows)), to, 1);
  assert.deepEqual(elements(memory.bytes(to, 16)), [multiply(y, delta)]);
});
