import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { runInMemory, testImplementation } from '../../bench/conformance/index.ts';
import { freshlyKept } from '../../bench/conformance/play.ts';
import type { ItemSet, Output } from '../../bench/contract.ts';
import { itemDomain } from '../primitives/circuits/item-words.ts';
import { streamBytes } from '../primitives/garbling/layout.ts';
import { packItems } from '../primitives/items.ts';
import { baseReceiverBytes, baseSenderBytes } from '../primitives/ot/base.ts';
import { COT_BASE } from '../primitives/ot/cot.ts';
import { gateCounts, intersectionCircuit } from './circuit.ts';
import gc from './index.ts';

testImplementation(gc, { scale: 0.5 });

const OUTPUTS: readonly Output[] = [
  { kind: 'intersection' },
  { kind: 'cardinality' },
  { kind: 'threshold', atLeast: 1 },
  { kind: 'threshold', atLeast: 12 },
  { kind: 'threshold', atLeast: 1_000_000 },
];

/** Name and number of what is kept, and fresh bytes. */
const GREETING = 16 + 8 + 16;

/** Numbers from `first` on as items. */
const numbers = (first: number, count: number): ItemSet =>
  packItems(Array.from({ length: count }, (_, i) => `item ${first + i}`));

describe('cost', () => {
  test('gates are those of the formula, for every output and size', () => {
    for (let log2 = 0; log2 <= 9; log2++) {
      for (const output of OUTPUTS) {
        const domain = itemDomain({ receiver: 2 ** log2, sender: 1 });
        const { counts } = intersectionCircuit(domain, output);
        const { ands, secretAnds } = counts;
        assert.deepEqual({ ands, secretAnds }, gateCounts(domain, output));
        assert.equal(counts.evaluatorBits, domain.bits * domain.lanes);
        assert.equal(counts.garblerBits, domain.bits * domain.lanes);
      }
    }
  });

  test('bytes are those of the formula, in three flights', async () => {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 33) };
    const sizes = { receiver: 20, sender: 33 };
    for (const output of OUTPUTS) {
      const { counts, flights } = await runInMemory<never>(gc, { ...sets, output });
      const circuit = intersectionCircuit(itemDomain(sizes), output);
      const bytes = (from: string, phase: string) =>
        counts.filter((c) => c.from === from && c.phase === phase).reduce((sum, c) => sum + c.bytes, 0);
      assert.equal(bytes('receiver', 'setup'), GREETING + baseSenderBytes(COT_BASE));
      assert.equal(bytes('sender', 'setup'), GREETING + baseReceiverBytes(COT_BASE));
      assert.equal(bytes('receiver', 'online'), 16 * circuit.counts.evaluatorBits);
      assert.equal(bytes('sender', 'online'), streamBytes(circuit.counts));
      assert.deepEqual(flights, { setup: 1, prepare: 0, online: 2 });
    }
  });
});

describe('runs of the same processes', () => {
  const sets = { receiver: numbers(0, 12), sender: numbers(4, 12) };
  const setupBytes = ({ counts }: { counts: readonly { phase: string; bytes: number }[] }) =>
    counts.filter(({ phase }) => phase === 'setup').reduce((sum, { bytes }) => sum + bytes, 0);

  test('later ones greet only, and no label, table or transfer comes again', async () => {
    const kept = freshlyKept();
    const seen = new Set<string>();
    let blocks = 0;
    for (let run = 0; run < 3; run++) {
      const played = await runInMemory(gc, { ...sets, kept });
      assert.deepEqual([...played.result], [4, 5, 6, 7, 8, 9, 10, 11]);
      const base = run === 0 ? baseSenderBytes(COT_BASE) + baseReceiverBytes(COT_BASE) : 0;
      assert.equal(setupBytes(played), 2 * GREETING + base);
      assert.deepEqual(played.flights, { setup: 1, prepare: 0, online: 2 });
      for (const { phase, bytes } of played.transcript) {
        if (phase !== 'online') continue;
        for (let at = 0; at < bytes.length; at += 16, blocks++) {
          seen.add(Buffer.from(bytes.subarray(at, at + 16)).toString('hex'));
        }
      }
    }
    assert.equal(seen.size, blocks);
  });

  test('whoever has lost what was kept gets it anew', async () => {
    for (const role of ['receiver', 'sender'] as const) {
      const kept = freshlyKept();
      await runInMemory(gc, { ...sets, kept });
      kept[role].clear();
      const { result, flights } = await runInMemory(gc, { ...sets, kept });
      assert.equal(result.length, 8);
      assert.equal(flights.setup, 2);
      const again = await runInMemory(gc, { ...sets, kept });
      assert.equal(again.result.length, 8);
      assert.equal(setupBytes(again), 2 * GREETING);
    }
  });
});

test('words: every pair of items has one of at least 2^40 times as many words, reserved ones apart', () => {
  for (const [receiver, sender] of [
    [0, 0],
    [1, 0],
    [1, 1],
    [3, 1000],
    [1024, 1024],
    [2 ** 16, 2 ** 16],
  ] as const) {
    const { lanes, bits } = itemDomain({ receiver, sender });
    const items = receiver + sender;
    assert.ok(lanes >= Math.max(receiver, sender, 1) && lanes < 2 * Math.max(receiver, sender, 1));
    assert.ok(2 ** bits - 2 * lanes - 1 >= 2 ** 40 * ((items * (items - 1)) / 2));
  }
  assert.deepEqual(itemDomain({ receiver: 4096, sender: 4096 }), { lanes: 4096, bits: 65 });
});

test('300 against 450 items, every output', async () => {
  const sets = { receiver: numbers(0, 300), sender: numbers(217, 450) };
  const { result } = await runInMemory(gc, sets);
  assert.deepEqual(
    [...result],
    Array.from({ length: 83 }, (_, i) => 217 + i),
  );
  const count = await runInMemory<number>(gc, { ...sets, output: { kind: 'cardinality' } });
  assert.equal(count.result, 83);
  for (const atLeast of [83, 84]) {
    const reached = await runInMemory<boolean>(gc, { ...sets, output: { kind: 'threshold', atLeast } });
    assert.equal(reached.result, atLeast === 83);
  }
});

/** FEBRL 4, a data set of people with errors in their records: the first distinct numbers of one file. */
function febrl(folder: URL, file: string): ItemSet {
  const rows = parse(readFileSync(new URL(file, folder)), {
    columns: (names: string[]) => names.map((name) => name.trim()),
    trim: true,
  }) as Record<string, string>[];
  const all = new Set(rows.map(({ soc_sec_id }) => soc_sec_id ?? '').filter((number) => number !== ''));
  return packItems([...all].sort().slice(0, 1000));
}

test('1,000 × 1,000 numbers of FEBRL 4, as intersection and as cardinality', async (t) => {
  const folder = new URL('../../../shared/data/febrl4/', import.meta.url);
  if (!existsSync(folder)) {
    t.skip('the data set is not here: ../shared/data/febrl4');
    return;
  }
  const [receiver, sender] = [febrl(folder, 'a.csv'), febrl(folder, 'b.csv')];
  const text = (items: ItemSet) => {
    const decoder = new TextDecoder();
    return Array.from({ length: items.count }, (_, i) =>
      decoder.decode(items.data.subarray(items.offsets[i], items.offsets[i + 1])),
    );
  };
  const theirs = new Set(text(sender));
  const expected = text(receiver).flatMap((item, i) => (theirs.has(item) ? [i] : []));
  assert.ok(expected.length > 500);
  const { result } = await runInMemory(gc, { receiver, sender });
  assert.deepEqual([...result], expected);
  const count = await runInMemory<number>(gc, { receiver, sender, output: { kind: 'cardinality' } });
  assert.equal(count.result, expected.length);
});
