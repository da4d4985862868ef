import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Random } from '../contract.ts';
import { seededRandom, systemRandom } from './random.ts';

test('seeded: the bytes do not depend on how they are asked for', () => {
  const whole = seededRandom('a seed').bytes(100_000);
  const pieces = seededRandom('a seed');
  let at = 0;
  for (const length of [3, 5, 0, 1, 16_384, 40_000, 17, 43_590]) {
    assert.deepEqual(pieces.bytes(length), whole.slice(at, at + length));
    at += length;
  }
  assert.equal(at, 100_000);
});

test('seeded: AES-256-CTR under SHA-256 of label and seed', () => {
  const seed = new Uint8Array([1, 2, 3]);
  const key = createHash('sha256').update('psi-bench seeded random, for tests only\0').update(seed).digest();
  const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const counters = new Uint8Array(48);
  counters[31] = 1;
  counters[47] = 2;
  assert.deepEqual(seededRandom(seed).bytes(48), new Uint8Array(ecb.update(counters)));
});

test('seeded: seeds differ, and a string is its UTF-8 bytes', () => {
  assert.notDeepEqual(seededRandom('a').bytes(32), seededRandom('b').bytes(32));
  assert.deepEqual(seededRandom('é').bytes(32), seededRandom(new TextEncoder().encode('é')).bytes(32));
});

function setBits(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) for (let b = byte; b !== 0; b &= b - 1) count++;
  return count;
}

for (const [name, random] of [
  ['system', systemRandom],
  ['seeded', seededRandom('bits')],
] as [string, Random][]) {
  test(`${name}: half of the bits are set, in small requests and in large ones`, () => {
    for (const length of [1, 7, 32, 4096, 4097, 100_000]) {
      const count = Math.ceil(200_000 / length);
      let ones = 0;
      for (let i = 0; i < count; i++) ones += setBits(random.bytes(length));
      const bits = count * length * 8;
      // Eight standard deviations: a sound source fails once in 10^15 runs.
      assert.ok(Math.abs(ones - bits / 2) < 8 * Math.sqrt(bits / 4), `${ones} of ${bits} at ${length}`);
    }
  });

  test(`${name}: no 8-byte output repeats`, () => {
    const seen = new Set<bigint>();
    for (let i = 0; i < 30_000; i++) {
      const bytes = random.bytes(8);
      seen.add(new DataView(bytes.buffer).getBigUint64(0));
    }
    assert.equal(seen.size, 30_000);
  });

  test(`${name}: fill writes the view alone and returns it`, () => {
    const whole = new Uint8Array(64);
    const view = whole.subarray(16, 48);
    assert.equal(random.fill(view), view);
    assert.ok(view.some((byte) => byte !== 0));
    assert.ok(whole.subarray(0, 16).every((byte) => byte === 0));
    assert.ok(whole.subarray(48).every((byte) => byte === 0));
    assert.equal(random.bytes(0).length, 0);
  });

  test(`${name}: fills shared memory`, () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8192));
    random.fill(shared);
    assert.ok(shared.subarray(4096).some((byte) => byte !== 0));
  });

  test(`${name}: refuses a length that is none`, () => {
    for (const length of [-1, 1.5, Number.NaN])
      assert.throws(() => random.bytes(length), /"length" expected/);
  });
}
