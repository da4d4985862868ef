import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTable } from '../record/csv-table.ts';
import { syntheticRecord } from '../testing/synthetic.ts';
import { buildModel } from './build-model.ts';
import { SUMMARY_COLUMNS, summaryCsv } from './tidy.ts';

const model = buildModel([syntheticRecord()]);
const { rows } = parseTable(summaryCsv(model), 'summary.csv', SUMMARY_COLUMNS, []);
const rowOf = (label: string, network: string) =>
  rows.find((row) => row.label === label && row.network === network);

test('there is one row for each cell, with the very numbers of the model', () => {
  const cells = model.machines.flatMap(({ groups }) => groups.flatMap((group) => group.cells));
  const without = model.machines.flatMap(({ groups }) => groups.flatMap((group) => group.without));
  assert.equal(rows.length, cells.length + without.length);
  const group = model.machines[0]?.groups.find(({ network }) => network === 'none');
  const cell = group?.cells.find(({ label }) => label === 'slow');
  assert.ok(cell !== undefined);
  const row = rowOf('slow', 'none');
  assert.deepEqual(
    [row?.wallMs, row?.wallLowMs, row?.wallHighMs, row?.wallCoverage, row?.runs, row?.executions],
    [cell.wallMs.median, cell.wallMs.interval.low, cell.wallMs.interval.high, 0.95, 6, 3],
  );
  assert.deepEqual(
    [row?.speedRatio, row?.speedLowRatio, row?.speedHighRatio, row?.reference],
    [cell.ratio?.ratio, cell.ratio?.low, cell.ratio?.high, false],
  );
  assert.deepEqual(
    [row?.cpuMs, row?.senderCpuMs, row?.sentBytes, row?.flights, row?.onlineMs, row?.helperCpuMs],
    [cell.cpuMs, cell.partyCpuMs.sender, cell.sentBytes, cell.flights, cell.phasesMs.online, null],
  );
  assert.deepEqual([row?.options, row?.kind, row?.state], ['curve=a;wide=true', 'cryptography', 'ok']);
});

test('the reference is 1 times as fast as itself, and an enclave says what isolated it', () => {
  const reference = rowOf('fast', 'none');
  assert.deepEqual([reference?.reference, reference?.speedRatio, reference?.speedLowRatio], [true, 1, 1]);
  assert.deepEqual(
    [rowOf('enclave', 'none')?.hardware, rowOf('party', 'none')?.helperPeakBytes],
    ['simulated', 2 ** 26],
  );
});

test('a cell that has no right run has a state, every reason, its link, and no figure', () => {
  const row = rowOf('slow', 'lan');
  assert.deepEqual([row?.state, row?.runs, row?.failedRuns, row?.rttMs], ['wrong', 0, 5, 1]);
  assert.match(String(row?.reason), /synthetic wrong; .*synthetic broken/);
  const figures = SUMMARY_COLUMNS.filter(
    ([column]) => /_(ms|bytes|ratio)$/.test(column) && column !== 'rtt_ms',
  );
  assert.ok(figures.length > 20);
  assert.deepEqual(
    figures.filter(([, name]) => row?.[name] !== null),
    [],
  );
});

test('a cell of which some runs failed has figures, and says so', () => {
  const row = rowOf('hash', 'lan');
  assert.deepEqual([row?.state, row?.failedRuns, row?.speedRatio], ['died', 2, null]);
  assert.ok(Number(row?.wallMs) > 0);
});
