import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Random } from '../../../bench/contract.ts';
import { ExpandConvolute } from '../expand-convolute/expand-convolute.ts';
import { encodePlainly } from '../expand-convolute/reference.ts';
import { elementBytes, elements, multiply } from '../gf128/reference.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { voleShape } from './shape.ts';
import { TransferHash } from './transfer-hash.ts';
import { FixedParty, NoisyParty, type VoleSetting } from './vole.ts';

const random: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  fill: (target) => {
    target.set(randomBytes(target.length));
    return target;
  },
};

function setting(length: number, weight: number): VoleSetting {
  const memory = new WorkingMemory();
  const shape = voleShape(length, weight);
  return { memory, shape, code: new ExpandConvolute(memory, shape.rows) };
}

/** Transfers from thin air: q random, t = q + ρ·Δ. */
function transfers(choices: Uint8Array, count: number, delta: bigint) {
  const q = elements(randomBytes(count * 16));
  const t = q.map((row, i) => (((choices[i >> 3] ?? 0) >> (i & 7)) & 1 ? row ^ delta : row));
  return { q: elementBytes(q), t: elementBytes(t) };
}

function place(memory: WorkingMemory, bytes: Uint8Array): number {
  const address = memory.allocate(bytes.length);
  memory.bytes(address, bytes.length).set(bytes);
  return address;
}

/** One run between two parties, each with a memory of its own. */
function run(length: number, weight: number) {
  const keys = { left: randomBytes(16), right: randomBytes(16), transfer: randomBytes(16) };
  const delta = new Uint8Array(randomBytes(16));
  const noisy = setting(length, weight);
  const fixed = setting(length, weight);
  const { shape } = noisy;

  const noisyParty = new NoisyParty(noisy, random);
  const vector = noisy.memory.allocate(noisy.code.bytes);
  noisyParty.noise(vector);
  const a = elements(noisy.memory.bytes(vector, length * 16));

  const fixedParty = new FixedParty(fixed, keys);
  const own = fixed.memory.allocate(fixed.code.bytes);
  fixedParty.grow(random, own);
  const b = elements(fixed.memory.bytes(own, length * 16));

  const [d = 0n] = elements(delta);
  const { q, t } = transfers(noisyParty.choices, shape.transfers, d);
  const message = fixedParty.message(place(fixed.memory, q), delta);
  const rows = place(noisy.memory, t);
  noisyParty.correlate(keys, rows, message, vector);
  const c = elements(noisy.memory.bytes(vector, length * 16));
  return { shape, a, b, c, d, noisyParty, message };
}

test('C = B + A·Δ on every index, for many shapes', () => {
  for (const [length, weight] of [
    [1, 4],
    [3, 248],
    [11, 3],
    [60, 248],
    [97, 5],
    [300, 248],
    [1000, 7],
    [2000, 128],
    [9000, 248],
  ] as const) {
    const { a, b, c, d, message, shape } = run(length, weight);
    assert.equal(message.length, shape.messageBytes);
    assert.equal(a.length, length);
    for (let i = 0; i < length; i++) {
      assert.equal(c[i], (b[i] ?? 0n) ^ multiply(a[i] ?? 0n, d), `index ${i} of ${length}, weight ${weight}`);
    }
    // With enough noise nothing of it shows; with a handful of positions most of A is 0.
    if (weight >= 128) assert.equal(new Set(a).size, length);
    if (weight >= 128) assert.equal(new Set(b).size, length);
  }
});

test('A is the code applied to one noise value per block, and the choices are its position and value', () => {
  const { shape, a, noisyParty } = run(500, 248);
  const { trees, leaves, depth } = shape.forest;
  const bit = (i: number) => ((noisyParty.choices[i >> 3] ?? 0) >> (i & 7)) & 1;
  const vector = new Array<bigint>(trees * leaves).fill(0n);
  for (let tree = 0; tree < trees; tree++) {
    let leaf = 0;
    for (let level = 1; level <= depth; level++) leaf = 2 * leaf + (1 ^ bit((level - 1) * trees + tree));
    assert.ok(leaf < leaves);
    let value = 0n;
    for (let b = 127; b >= 0; b--) value = (value << 1n) | BigInt(bit(depth * trees + 128 * tree + b));
    vector[tree * leaves + leaf] = value;
  }
  assert.deepEqual(encodePlainly(vector, shape.rows).slice(0, 500), a);
});

test('noise positions are uniform in their block', () => {
  const leaves = 6;
  const counts = new Array<number>(leaves).fill(0);
  const { memory, shape, code } = setting(248 * 3, 248);
  for (let i = 0; i < 40; i++) {
    const { choices } = new NoisyParty({ memory, shape, code }, random);
    for (let tree = 0; tree < 248; tree++) {
      let leaf = 0;
      for (let level = 0; level < 3; level++) {
        const at = level * 248 + tree;
        leaf = 2 * leaf + (1 ^ (((choices[at >> 3] ?? 0) >> (at & 7)) & 1));
      }
      counts[leaf] = (counts[leaf] ?? 0) + 1;
    }
  }
  // 9,920 draws over 6 leaves: mean 1,653, standard deviation 37. Eight of them are never seen by chance.
  for (const count of counts) assert.ok(Math.abs(count - 9920 / 6) < 300, String(counts));
});

test('the hash of transfers is AES(sigma(q + offset) + i) + sigma(q + offset)', () => {
  const memory = new WorkingMemory();
  const key = randomBytes(16);
  const rows = randomBytes(5 * 16);
  const offset = randomBytes(16);
  const to = memory.allocate(5 * 16);
  new TransferHash(memory, key).hash(place(memory, rows), place(memory, offset), to, 5);
  const low = (1n << 64n) - 1n;
  const [add = 0n] = elements(offset);
  const expected = elements(rows).map((row, i) => {
    const [high, right] = [(row ^ add) >> 64n, (row ^ add) & low];
    const sigma = ((high ^ right) << 64n) | high;
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const [encrypted = 0n] = elements(cipher.update(elementBytes([sigma ^ BigInt(i)])));
    return encrypted ^ sigma;
  });
  assert.deepEqual(elements(memory.bytes(to, 5 * 16)), expected);
});

test('shapes', () => {
  const { forest, rows, transfers, messageBytes } = voleShape(1_421_888, 248);
  assert.deepEqual(forest, { trees: 248, leaves: 11_468, depth: 14 });
  assert.equal(rows, 1_422_032);
  assert.equal(transfers, 248 * (14 + 128));
  assert.equal(messageBytes, 248 * (14 * 32 + 16));
  assert.throws(() => voleShape(0, 248), /"length" must be positive, got 0/);
});
