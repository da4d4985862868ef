/** What takes long: the conformance suite at full scale, large tables, a million items. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { runInMemory, testImplementation } from '../../bench/conformance/index.ts';
import type { ItemSet } from '../../bench/contract.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { cuckooFailureLog2 } from '../primitives/cuckoo/failure.ts';
import { largeCandidates, largeTable } from '../primitives/cuckoo/large.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { RunFunctions } from './common.ts';
import kkrt from './index.ts';

testImplementation(kkrt, { optionSets: [{}, { base: 'extended' }] });
testImplementation(kkrt, { threads: 2, scale: 0.2 });

test('a table for every number of items from 1 to 4,096', () => {
  const memory = new WorkingMemory();
  for (let n = 1; n <= 4096; n++) {
    const mark = memory.mark();
    const bins = binsFor(n);
    const [hashes, candidates] = [memory.allocate(16 * n), memory.allocate(12 * n)];
    memory.bytes(hashes, 16 * n).set(randomBytes(16 * n));
    largeCandidates(memory, hashes, n, bins, candidates);
    largeTable(memory, candidates, n, bins, memory.allocate(4 * bins));
    memory.release(mark);
  }
});

test('the bound at large sizes', () => {
  for (const n of [2 ** 16, 2 ** 20, 2 ** 22]) assert.ok(cuckooFailureLog2(n, binsFor(n)) <= -40);
});

test('a million random pairs of code words are 128 bits apart', () => {
  const memory = new WorkingMemory();
  const functions = new RunFunctions(memory, randomBytes(80));
  const count = 1 << 20;
  const [z, planes] = [memory.allocate(16 * count), memory.allocate(64 * count)];
  memory.bytes(z, 16 * count).set(randomBytes(16 * count));
  functions.code(z, count, planes, 16 * count);
  // z is added to each plane; the last plane counts half.
  const word = (i: number, part: number) => {
    const at = (part >> 1) * 16 * count + 16 * i + 8 * (part & 1);
    const own = new BigUint64Array(memory.memory.buffer, planes + at, 1);
    const item = new BigUint64Array(memory.memory.buffer, z + 16 * i + 8 * (part & 1), 1);
    return (own[0] ?? 0n) ^ (item[0] ?? 0n);
  };
  const weight = (value: bigint) => value.toString(2).replaceAll('0', '').length;
  let least = 448;
  for (let i = 0; i < count; i += 1) {
    let distance = 0;
    for (let part = 0; part < 7; part++) distance += weight(word(i, part) ^ word((i + 1) % count, part));
    least = Math.min(least, distance);
  }
  assert.ok(least >= 128, `only ${least}`);
  // Of a million binomials of mean 224 and deviation 10.6 the least lies about five deviations below.
  assert.ok(least > 150 && least < 190, `${least} is no binomial's least`);
});

/** `count` items of 8 bytes from number `from` on. */
function numbers(from: number, count: number): ItemSet {
  const data = new Uint8Array(8 * count);
  const view = new DataView(data.buffer);
  for (let i = 0; i < count; i++) view.setUint32(8 * i, from + i);
  return { count, data, offsets: Uint32Array.from({ length: count + 1 }, (_, i) => 8 * i) };
}

for (const [own, theirs] of [
  [2 ** 20, 2 ** 20],
  [2 ** 20, 2 ** 10],
  [2 ** 10, 2 ** 20],
] as const) {
  test(`${own} × ${theirs}`, { timeout: 120_000 }, async () => {
    const shared = Math.min(own, theirs) >> 1;
    const { result } = await runInMemory(kkrt, {
      receiver: numbers(0, own),
      sender: numbers(own - shared, theirs),
      mesh: { keepBytes: false },
    });
    assert.equal(result.length, shared);
    assert.ok(result.every((place, i) => place === own - shared + i));
  });
}
