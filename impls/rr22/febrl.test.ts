/** FEBRL 4, a data set of people with errors in their records: who is in both files, by social security number. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { runInMemory } from '../../bench/conformance/index.ts';
import type { ItemSet } from '../../bench/contract.ts';
import { packItems } from '../primitives/items.ts';
import rr22 from './index.ts';

const folder = new URL('../../../shared/data/febrl4/', import.meta.url);

/** The distinct numbers of one file. */
function numbers(file: string): ItemSet {
  const rows = parse(readFileSync(new URL(file, folder)), {
    columns: (names: string[]) => names.map((name) => name.trim()),
    trim: true,
  }) as Record<string, string>[];
  return packItems([...new Set(rows.map((row) => row.soc_sec_id!).filter((number) => number !== ''))]);
}

test(`rr22 finds the 4,561 shared numbers of FEBRL 4`, async (t) => {
  if (!existsSync(folder)) {
    t.skip('the data set is not here: ../shared/data/febrl4');
    return;
  }
  const { result } = await runInMemory(rr22, {
    receiver: numbers('a.csv'),
    sender: numbers('b.csv'),
  });
  assert.equal(result.length, 4561);
});
