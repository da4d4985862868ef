import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  formatAmount,
  formatBps,
  formatBytes,
  formatCount,
  formatInterval,
  formatMs,
  formatRate,
  formatRatio,
  formatSize,
  significant,
} from './numbers.ts';
import {
  buildTable,
  codeMarkdown,
  escapeMarkdown,
  leanMarkdown,
  tableToMarkdown,
  tableToText,
} from './table.ts';

describe('numbers for readers', () => {
  test('three significant digits, never an exponent', () => {
    const cases: [number, string][] = [
      [0, '0'],
      [1234.5, '1230'],
      [999.6, '1000'],
      [99.96, '100'],
      [9.996, '10.0'],
      [1, '1.00'],
      [0.012345, '0.0123'],
      [1.5e-9, '0.00000000150'],
      [123_456_789, '123000000'],
    ];
    for (const [value, text] of cases) assert.equal(significant(value), text);
  });

  test('with units', () => {
    assert.deepEqual([0, 0.0005, 0.9996, 12.34, 999.7, 61_000].map(formatMs), [
      '0 ms',
      '0.500 µs',
      '1.00 ms',
      '12.3 ms',
      '1.00 s',
      '61.0 s',
    ]);
    assert.deepEqual([0, 1023, 1024, 1536, 2 ** 20, 3 * 2 ** 30].map(formatBytes), [
      '0 B',
      '1023 B',
      '1.00 KiB',
      '1.50 KiB',
      '1.00 MiB',
      '3.00 GiB',
    ]);
    assert.deepEqual([1e9, 2e7, 64_000].map(formatBps), ['1.00 Gbit/s', '20.0 Mbit/s', '64.0 kbit/s']);
    assert.deepEqual([1_048_576, 999, 1000].map(formatCount), ['1,048,576', '999', '1,000']);
    assert.deepEqual([4, 4.5].map(formatAmount), ['4', '4.50']);
    assert.deepEqual([0, 8, 16, 1024, 1000].map(formatSize), ['0', '8', '2^4', '2^10', '1,000']);
    assert.deepEqual([1_234_567, 12.345].map(formatRate), ['1,230,000', '12.3']);
  });

  test('intervals share the unit of the median and say a low coverage', () => {
    const estimate = (low: number, median: number, high: number, coverage: number) =>
      formatInterval({ median, interval: { low, high, coverage } });
    assert.equal(estimate(990, 1001, 1100, 0.96), '0.990 … 1.10 s');
    assert.equal(estimate(1, 2, 3, 0.75), '1.00 … 3.00 ms (75 %)');
    assert.equal(estimate(2, 2, 2, 0), '–');
    assert.equal(formatRatio({ ratio: 2, low: 1.9, high: 2.1, coverage: 0.95 }), '2.00 × [1.90 … 2.10]');
    assert.equal(formatRatio({ ratio: 2, low: 2, high: 2, coverage: 0 }), '2.00 ×');
  });
});

describe('the table', () => {
  const table = buildTable(
    [
      { name: 'a', text: 'short', value: 1 },
      { name: 'b|c', text: 'a rather long text that will be cut', value: 12345 },
    ],
    [
      { header: 'name', align: 'left', cell: (row) => row.name },
      { header: 'text', align: 'left', cell: (row) => row.text, dispensable: 1 },
      { header: 'value', align: 'right', cell: (row) => String(row.value) },
    ],
    { strong: (row) => row.value === 1, heading: (row) => row.name.toUpperCase() },
  );

  test('as Markdown', () => {
    assert.equal(
      tableToMarkdown(table),
      '| name | text | value |\n| :-- | :-- | --: |\n| **a** | **short** | **1** |\n' +
        '| b\\|c | a rather long text that will be cut | 12345 |\n',
    );
  });

  test('as text, aligned, without the dispensable column when it does not fit', () => {
    assert.equal(
      tableToText(table, 30),
      '  name  value\n──────  ─────\nA\n* a         1\nB|C\n  b|c   12345\n',
    );
    assert.match(tableToText(table, 80), /\n {2}b\|c {3}a rather long text that will be cut {2}12345\n/);
  });

  test('as text, cut where nothing can be left out', () => {
    const kept = { ...table, columns: table.columns.map((column) => ({ ...column, dispensable: 0 })) };
    const text = tableToText(kept, 40);
    assert.ok(text.split('\n').every((line) => [...line].length <= 40));
    assert.match(text, /a rather long text tha?t?.*…/);
  });

  test('without rows is a header', () => {
    assert.equal(tableToText({ ...table, rows: [] }, 80), '  name  text  value\n──────  ────  ─────\n');
  });

  test('what all rows say stands above it once; what the table is about stays', () => {
    const rows = [
      { name: 'a', set: 'random', won: 'yes', empty: '' },
      { name: 'b', set: 'random', won: 'yes', empty: '' },
    ];
    const lean = (own: typeof rows) =>
      leanMarkdown(
        buildTable(own, [
          { header: 'name', align: 'left', cell: (row) => row.name },
          { header: 'set', align: 'left', cell: (row) => row.set },
          { header: 'won', align: 'left', kept: true, cell: (row) => row.won },
          { header: 'nothing', align: 'left', cell: (row) => row.empty },
        ]),
      );
    assert.equal(
      lean(rows),
      'All rows: set: random.\n\n| name | won |\n| :-- | :-- |\n| a | yes |\n| b | yes |\n',
    );
    assert.match(lean(rows.slice(1)), /^\| name \| set \| won \| nothing \|/);
    // Rows that are equal in everything still are rows.
    const same = buildTable(rows, [{ header: 'set', align: 'left', cell: (row) => row.set }]);
    assert.equal(leanMarkdown(same), tableToMarkdown(same));
  });

  test('text stays text', () => {
    assert.equal(escapeMarkdown(' a_b\n<c> ~d~ '), 'a\\_b &lt;c\\> \\~d\\~');
    assert.equal(codeMarkdown('a `b` | c'), '`` a `b` \\| c ``');
    assert.equal(codeMarkdown('a'), '`a`');
  });
});
