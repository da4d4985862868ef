import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_ITEMS } from '../bench/terms.ts';
import { itemAt } from '../impls/primitives/items.ts';
import { type DataRole, expectedIntersection, type GeneratedSpec, loadItems, sizesOf } from './dataset.ts';

const KINDS = ['random', 'patients'] as const;

async function texts(spec: GeneratedSpec, role: DataRole): Promise<string[]> {
  const items = await loadItems(spec, role);
  return Array.from({ length: items.count }, (_, i) => Buffer.from(itemAt(items, i)).toString('latin1'));
}

const digest = (values: readonly string[]) =>
  createHash('sha256').update(values.join('\n'), 'latin1').digest('hex').slice(0, 32);

test('the same seed makes the same items on every machine: pinned digests', async () => {
  const pinned = {
    random: ['cd536fb476553500203fa8efe16d6c25', '3002042f2549d01f707023bea4eebb36'],
    patients: ['e60fdec0f8898e7e0626658e3c6d6db5', 'd70fca577402d3a0909ca5fa2d2c3ba8'],
  };
  for (const kind of KINDS) {
    const spec: GeneratedSpec = { kind, receiverSize: 1000, senderSize: 700, overlap: 300, seed: 1 };
    assert.deepEqual(
      [digest(await texts(spec, 'receiver')), digest(await texts(spec, 'sender'))],
      pinned[kind],
    );
    const text = await texts({ ...spec, seed: '1' }, 'receiver');
    assert.equal(digest(text), pinned[kind][0], 'the number 1 and the text "1" are one seed');
    assert.notEqual(digest(await texts({ ...spec, seed: 2 }, 'receiver')), pinned[kind][0]);
  }
});

async function checkByBruteForce(spec: GeneratedSpec): Promise<void> {
  const receiver = await texts(spec, 'receiver');
  const sender = new Set(await texts(spec, 'sender'));
  assert.equal(new Set(receiver).size, spec.receiverSize, 'the receiver’s items are distinct');
  assert.equal(sender.size, spec.senderSize, 'the sender’s items are distinct');
  const shared = receiver.flatMap((item, i) => (sender.has(item) ? [i] : []));
  assert.equal(shared.length, spec.overlap);
  assert.deepEqual([...(await expectedIntersection(spec))], shared);
}

for (const kind of KINDS) {
  test(`${kind}: exact overlap and distinct items, for small sizes of every combination`, async () => {
    for (const receiverSize of [0, 1, 2, 3, 10]) {
      for (const senderSize of [0, 1, 2, 7]) {
        for (let overlap = 0; overlap <= Math.min(receiverSize, senderSize); overlap++) {
          await checkByBruteForce({ kind, receiverSize, senderSize, overlap, seed: 'small' });
        }
      }
    }
  });

  test(`${kind}: exact overlap and distinct items, for any sizes and seeds`, async () => {
    const size = fc.integer({ min: 0, max: 3000 });
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.string(),
        (a, b, share, seed) =>
          checkByBruteForce({
            kind,
            receiverSize: a,
            senderSize: b,
            overlap: Math.round(share * Math.min(a, b)),
            seed,
          }),
      ),
      { numRuns: 15 },
    );
  });

  test(`${kind}: exact overlap over several pieces, unbalanced`, async () => {
    await checkByBruteForce({ kind, receiverSize: 70_000, senderSize: 1000, overlap: 400, seed: 5 });
    await checkByBruteForce({ kind, receiverSize: 3, senderSize: 70_000, overlap: 3, seed: 5 });
  });

  test(`${kind}: positions in one set say nothing about the other`, async () => {
    const size = 5000;
    const spec: GeneratedSpec = { kind, receiverSize: size, senderSize: size, overlap: size, seed: 3 };
    const receiver = await texts(spec, 'receiver');
    const place = new Map((await texts(spec, 'sender')).map((item, i) => [item, i]));
    const places = receiver.map((item) => place.get(item)!);
    // Spearman's rank correlation; its standard deviation is 1/√5000 = 0.014.
    const squares = places.reduce((sum, there, here) => sum + (there - here) ** 2, 0);
    assert.ok(Math.abs(1 - (6 * squares) / (size * (size * size - 1))) < 0.07);
    // Shared items do not crowd at the front: their mean position is near the middle (σ = 0.009 of it).
    const half = await expectedIntersection({ ...spec, overlap: 1000 });
    const mean = half.reduce((sum, index) => sum + index, 0) / half.length;
    assert.ok(Math.abs(mean / size - 0.5) < 0.05);
  });

  test(`${kind}: packed as the contract says, in shared memory of exactly that size`, async () => {
    const spec: GeneratedSpec = { kind, receiverSize: 500, senderSize: 0, overlap: 0, seed: 1 };
    const items = await loadItems(spec, 'receiver');
    assert.equal(items.count, 500);
    assert.equal(items.offsets.length, 501);
    assert.equal(items.offsets[0], 0);
    assert.ok(
      items.data.buffer instanceof SharedArrayBuffer && items.offsets.buffer instanceof SharedArrayBuffer,
    );
    assert.equal(items.data.buffer.byteLength, items.offsets[500]);
    const empty = await loadItems(spec, 'sender');
    assert.deepEqual([empty.count, empty.data.length, [...empty.offsets]], [0, 0, [0]]);
    assert.deepEqual(await sizesOf(spec), {
      receiver: { items: 500, rows: 500, emptyKey: 0, duplicates: 0 },
      sender: { items: 0, rows: 0, emptyKey: 0, duplicates: 0 },
    });
  });
}

test('random items are 16 bytes, all bits in use', async () => {
  const items = await loadItems(
    { kind: 'random', receiverSize: 4096, senderSize: 0, overlap: 0, seed: 9 },
    'receiver',
  );
  assert.ok(items.offsets.every((offset, i) => offset === 16 * i));
  for (let bit = 0; bit < 128; bit++) {
    let ones = 0;
    for (let i = 0; i < 4096; i++) ones += (items.data[16 * i + (bit >> 3)]! >> (bit & 7)) & 1;
    // 2048 ± 32; six standard deviations.
    assert.ok(Math.abs(ones - 2048) < 192, `bit ${bit} is set ${ones} times in 4096`);
  }
});

test('patients have real dates, 5-digit postcodes and 9-digit identifiers, and are skewed', async () => {
  const spec: GeneratedSpec = { kind: 'patients', receiverSize: 20_000, senderSize: 0, overlap: 0, seed: 4 };
  const items = await loadItems(spec, 'receiver');
  const counts = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  for (let i = 0; i < items.count; i++) {
    const fields = Buffer.from(itemAt(items, i)).toString('utf8').split('|');
    assert.equal(fields.length, 5);
    const [given, surname, birth, postcode, identifier] = fields as [string, string, string, string, string];
    assert.equal(new Date(`${birth}T00:00:00Z`).toISOString().slice(0, 10), birth);
    assert.ok(birth >= '1920-01-01' && birth <= '2024-12-31', birth);
    assert.match(postcode, /^[1-9]\d{4}$/);
    assert.match(identifier, /^[1-9]\d{8}$/);
    [given, surname, postcode].forEach((value, f) => {
      counts[f]!.set(value, (counts[f]!.get(value) ?? 0) + 1);
    });
  }
  const share = (field: number) => Math.max(...counts[field]!.values()) / items.count;
  assert.ok(share(0) > 0.01 && share(0) < 0.05, `commonest given name: ${share(0)}`);
  assert.ok(share(1) > 0.007 && share(1) < 0.02, `commonest surname: ${share(1)}`);
  assert.ok(share(2) > 0.002 && share(2) < 0.01, `commonest postcode: ${share(2)}`);
  assert.ok(counts[1]!.size > 2000, 'the tail of surnames is long');
});

test('largest sets: the last identifiers of 2^24 + 2^24 are still 9 digits and distinct', async () => {
  const { Population } = await import('./patients/patients.ts');
  const population = new Population(1);
  const seen = new Set<string>();
  for (let i = 2 * MAX_ITEMS - 1000; i < 2 * MAX_ITEMS; i++) seen.add(population.record(i)[4]!);
  assert.equal(seen.size, 1000);
  for (const identifier of seen) assert.match(identifier, /^[1-9]\d{8}$/);
});

test('the lengths computed in the first sweep are those written in the second', async () => {
  const { Population } = await import('./patients/patients.ts');
  const { joinKey } = await import('./values/linkage-key.ts');
  const { normalise } = await import('./values/normalise.ts');
  const population = new Population('lengths');
  const target = new Uint8Array(200);
  for (let member = 0; member < 20_000; member++) {
    const end = population.writeKey(member, target, 0);
    assert.equal(population.keyLength(member), end);
    const key = Buffer.from(target.subarray(0, end)).toString('utf8');
    assert.equal(key, joinKey(population.record(member).map(normalise)));
  }
});
