/** The data dictionary against the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PARTY_COLUMNS, SAMPLE_COLUMNS } from '../bench/record/columns.ts';
import type { Column } from '../bench/record/csv-table.ts';
import { SUMMARY_COLUMNS } from '../bench/report/tidy.ts';

const page = readFileSync(new URL('./columns.md', import.meta.url), 'utf8');

/** Column and type of every row of the table below `heading`. */
function rowsOf(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \| (.+?) \| (.+) \|$/gm)].map(
    ([, column = '', type = '', meaning = '']) => {
      assert.ok(meaning.trim().length > 3, `${column} has a meaning`);
      return [column, type];
    },
  );
}

function describe([column, , kind, measured]: Column): string[] {
  const type = typeof kind === 'string' ? kind : `one of ${kind.map((value) => `\`${value}\``).join(', ')}`;
  return [column, measured ? `${type}, figure` : type];
}

for (const [file, columns] of [
  ['samples.csv', SAMPLE_COLUMNS],
  ['parties.csv', PARTY_COLUMNS],
  ['summary.csv', SUMMARY_COLUMNS],
] as const) {
  test(`the dictionary has every column of ${file}, in order, with its type`, () => {
    assert.deepEqual(rowsOf(file), columns.map(describe));
  });
}
