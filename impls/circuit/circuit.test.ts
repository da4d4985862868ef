import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { runInMemory, testImplementation } from '../../bench/conformance/index.ts';
import type { ItemSet, Output } from '../../bench/contract.ts';
import { runPlain } from '../primitives/circuits/plain.ts';
import { streamBytes } from '../primitives/garbling/layout.ts';
import { packItems } from '../primitives/items.ts';
import { answerBytes, hintBytes } from '../primitives/opprf/sender.ts';
import { baseReceiverBytes, baseSenderBytes } from '../primitives/ot/base.ts';
import { COT_BASE } from '../primitives/ot/cot.ts';
import { comparisonCircuit, gateCount } from './comparisons.ts';
import circuit from './index.ts';
import { BATCH, batches, shapeOf } from './parameters.ts';

testImplementation(circuit, { scale: 0.3 });

const OUTPUTS: readonly Output[] = [
  { kind: 'intersection' },
  { kind: 'cardinality' },
  { kind: 'threshold', atLeast: 12 },
  { kind: 'threshold', atLeast: 1_000_000 },
];

/** Name and number of what is kept, and fresh bytes. */
const GREETING = 16 + 8 + 16;

/** Numbers from `first` on as items. */
const numbers = (first: number, count: number): ItemSet =>
  packItems(Array.from({ length: count }, (_, i) => `item ${first + i}`));

test('gates are those of the formula, for every output', () => {
  for (const bins of [3, 371, 1364, BATCH - 1, BATCH, BATCH + 1, 20_000]) {
    for (const output of OUTPUTS) {
      const { counts } = comparisonCircuit(bins, 51, output);
      assert.equal(counts.ands, gateCount(bins, 51, output));
      assert.equal(counts.secretAnds, 0);
      assert.equal(counts.evaluatorBits, 51 * bins);
      assert.equal(counts.garblerBits, 0);
    }
  }
});

test('the circuit finds equal values, in whole and in broken batches', () => {
  const width = 9;
  for (const bins of [3, BATCH, BATCH + 5]) {
    const values = Uint16Array.from({ length: bins }, (_, i) => (i * 37) % 512);
    const targets = values.map((value, i) => (i % 3 === 0 ? value : value ^ (1 << (i % width))));
    const bitsOf = (words: Uint16Array, flip: number) =>
      Uint8Array.from(
        batches(bins).flatMap(({ first, lanes }) =>
          Array.from({ length: width * lanes }, (_, at) => {
            return (((words[first + (at % lanes)] ?? 0) >> Math.floor(at / lanes)) & 1) ^ flip;
          }),
        ),
      );
    const inputs = { evaluator: bitsOf(values, 0), secrets: bitsOf(targets, 1), garbler: new Uint8Array(0) };
    const found = runPlain(comparisonCircuit(bins, width, { kind: 'intersection' }), inputs);
    assert.deepEqual(
      [...found],
      Array.from({ length: bins }, (_, i) => Number(i % 3 === 0)),
    );
    const count = runPlain(comparisonCircuit(bins, width, { kind: 'cardinality' }), inputs);
    assert.equal(
      count.reduceRight((sum, bit) => 2 * sum + bit, 0),
      Math.ceil(bins / 3),
    );
  }
});

test('bytes are those of the formula, in five flights', async () => {
  const sizes = { receiver: 20, sender: 33 };
  const shape = shapeOf(sizes);
  for (const output of OUTPUTS) {
    const sets = { receiver: numbers(0, 20), sender: numbers(10, 33), output };
    const { counts, flights } = await runInMemory<never>(circuit, sets);
    const program = comparisonCircuit(shape.bins, shape.bits, output);
    const bytes = (from: string, phase: string) =>
      counts.filter((c) => c.from === from && c.phase === phase).reduce((sum, c) => sum + c.bytes, 0);
    assert.equal(bytes('receiver', 'setup'), GREETING + baseSenderBytes(2 * COT_BASE));
    assert.equal(bytes('sender', 'setup'), GREETING + baseReceiverBytes(2 * COT_BASE));
    assert.equal(
      bytes('receiver', 'online'),
      32 + 16 * (shape.vole.transfers + shape.columns + program.counts.evaluatorBits),
    );
    assert.equal(
      bytes('sender', 'online'),
      answerBytes(shape) + hintBytes(shape) + streamBytes(program.counts),
    );
    assert.deepEqual(flights, { setup: 1, prepare: 0, online: 4 });
  }
});

test('6,000 against 9,000 items and the other way round, every output', async () => {
  for (const [receiver, sender] of [
    [numbers(0, 6000), numbers(4170, 9000)],
    [numbers(4170, 900), numbers(0, 6000)],
  ] as const) {
    const shared = receiver.count === 6000 ? 1830 : 900;
    const first = receiver.count === 6000 ? 4170 : 0;
    const { result } = await runInMemory(circuit, { receiver, sender });
    assert.deepEqual(
      [...result],
      Array.from({ length: shared }, (_, i) => first + i),
    );
    const count = await runInMemory<number>(circuit, { receiver, sender, output: { kind: 'cardinality' } });
    assert.equal(count.result, shared);
    for (const atLeast of [shared, shared + 1]) {
      const output = { kind: 'threshold', atLeast } as const;
      const reached = await runInMemory<boolean>(circuit, { receiver, sender, output });
      assert.equal(reached.result, atLeast === shared);
    }
  }
});

/** FEBRL 4, a data set of people with errors in their records: the distinct numbers of one file. */
function febrl(folder: URL, file: string): ItemSet {
  const rows = parse(readFileSync(new URL(file, folder)), {
    columns: (names: string[]) => names.map((name) => name.trim()),
    trim: true,
  }) as Record<string, string>[];
  return packItems([...new Set(rows.map(({ soc_sec_id }) => soc_sec_id ?? '').filter((id) => id !== ''))]);
}

test('the 4,561 shared numbers of FEBRL 4, as intersection and as cardinality', async (t) => {
  const folder = new URL('../../../shared/data/febrl4/', import.meta.url);
  if (!existsSync(folder)) {
    t.skip('the data set is not here: ../shared/data/febrl4');
    return;
  }
  const [receiver, sender] = [febrl(folder, 'a.csv'), febrl(folder, 'b.csv')];
  const { result } = await runInMemory(circuit, { receiver, sender });
  assert.equal(result.length, 4561);
  const count = await runInMemory<number>(circuit, { receiver, sender, output: { kind: 'cardinality' } });
  assert.equal(count.result, 4561);
});
