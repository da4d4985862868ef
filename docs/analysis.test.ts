/** The lines of `analysis.md`, run as they stand there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseTable } from '../bench/record/csv-table.ts';
import { SUMMARY_COLUMNS } from '../bench/report/tidy.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3 to run them';

test('Python: the ratios of the reference report', { skip }, () => {
  const [, code] = /```python\n([^`]+)```/.exec(readFileSync(`${root}/docs/analysis.md`, 'utf8')) ?? [];
  const { status, stdout, stderr } = spawnSync('python3', ['-c', code ?? ''], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const table = readFileSync(`${root}/reports/reference/summary.csv`, 'utf8');
  const { rows } = parseTable(table, 'summary.csv', SUMMARY_COLUMNS, []);
  const placeOf = (row: Record<string, unknown>) =>
    [row.output, row.mode, row.network, row.receiverSize, row.senderSize].join(' ');
  const expected = rows
    .filter(({ label, state }) => label === 'rr22' && state === 'ok')
    .flatMap((row) => {
      const enclave = rows.find((other) => other.label === 'enclave' && placeOf(other) === placeOf(row));
      return enclave?.state === 'ok'
        ? [`${placeOf(row)} ${Number(row.wallMs) / Number(enclave.wallMs)}`]
        : [];
    });
  assert.ok(expected.length > 0);
  assert.deepEqual(stdout.trim().split('\n'), expected);
});
