/**
 * `summary.csv`: what the report says of each cell as one tidy table, unrounded, for whoever goes on with it elsewhere. It takes
 * its figures from the model that the report is printed from; `docs/columns.md` says what each column means.
 */
import { type Column, formatRows } from '../record/csv-table.ts';
import { FAILURES, MODES, STAGES } from '../record/rows.ts';
import { ROLES } from '../terms.ts';
import type { CellSummary, PerParty } from './cell.ts';
import { NOT_RUN } from './claims/decide.ts';
import type { FailureRow, Group, Machine, ReportModel } from './model.ts';

export const SUMMARY_FILE = 'summary.csv';

export const SUMMARY_COLUMNS: readonly Column[] = [
  ['machine', 'machine', 'text'],
  ['cpu', 'cpu', 'text'],
  ['output', 'output', 'text'],
  ['mode', 'mode', MODES],
  ['dataset', 'dataset', 'text'],
  ['receiver_size', 'receiverSize', 'count'],
  ['sender_size', 'senderSize', 'count'],
  ['overlap', 'overlap', 'count'],
  ['network', 'network', 'text'],
  ['bandwidth_bps', 'bandwidthBps', 'optional number'],
  ['rtt_ms', 'rttMs', 'optional number'],
  ['implementation', 'label', 'text'],
  ['impl', 'impl', 'text'],
  ['version', 'version', 'text'],
  ['kind', 'kind', ['cryptography', 'enclave', 'third-party', 'open']],
  ['build', 'build', ['ts', 'wasm', 'native', 'enclave', 'enclave-simulated']],
  ['hardware', 'hardware', ['', 'simulated', 'emulated', 'vm', 'real']],
  ['engine', 'engine', 'text'],
  ['options', 'options', 'text'],
  ['threads', 'threads', 'count'],
  ['state', 'state', ['ok', ...FAILURES]],
  ['reason', 'reason', 'text'],
  ['runs', 'runs', 'count'],
  ['failed_runs', 'failedRuns', 'count'],
  ['executions', 'executions', 'count'],
  ['wall_ms', 'wallMs', 'optional number'],
  ['wall_low_ms', 'wallLowMs', 'optional number'],
  ['wall_high_ms', 'wallHighMs', 'optional number'],
  ['wall_coverage', 'wallCoverage', 'optional number'],
  ['reference', 'reference', 'flag'],
  ['speed_ratio', 'speedRatio', 'optional number'],
  ['speed_low_ratio', 'speedLowRatio', 'optional number'],
  ['speed_high_ratio', 'speedHighRatio', 'optional number'],
  ...STAGES.map((stage): Column => [`${stage}_ms`, `${stage}Ms`, 'optional number']),
  ['load_ms', 'loadMs', 'optional number'],
  ['close_ms', 'closeMs', 'optional number'],
  ['cpu_ms', 'cpuMs', 'optional number'],
  ...ROLES.map((role): Column => [`${role}_cpu_ms`, `${role}CpuMs`, 'optional number']),
  ['sent_bytes', 'sentBytes', 'optional number'],
  ...ROLES.map((role): Column => [`${role}_sent_bytes`, `${role}SentBytes`, 'optional number']),
  ['messages', 'messages', 'optional number'],
  ['flights', 'flights', 'optional number'],
  ['peak_bytes', 'peakBytes', 'optional number'],
  ...ROLES.map((role): Column => [`${role}_peak_bytes`, `${role}PeakBytes`, 'optional number']),
  ['items_per_second', 'itemsPerSecond', 'optional number'],
  ['bytes_per_item', 'bytesPerItem', 'optional number'],
  ['keeps', 'keeps', 'text'],
  ['false_positive_log2', 'falsePositiveLog2', 'optional number'],
  ['cell', 'cell', 'text'],
  ['records', 'records', 'text'],
];

/** The table as CSV: a header, then a row per machine, output, mode, place and implementation, in the report's order. */
export function summaryCsv(model: ReportModel): string {
  const header = SUMMARY_COLUMNS.map(([column]) => column).join(',');
  return `${header}\n${formatRows(SUMMARY_COLUMNS, model.machines.flatMap(rowsOf))}`;
}

function rowsOf(machine: Machine): object[] {
  const { output, mode } = machine;
  const host = machine.environments[0]?.host;
  const part = { machine: host?.fingerprint ?? '', cpu: host?.cpu ?? '', output, mode };
  return machine.groups.flatMap((group) => {
    const { dataset, receiverSize, senderSize, overlap, network } = group;
    const place = { ...part, dataset, receiverSize, senderSize, overlap, network, ...linkOf(machine, group) };
    const failures = Map.groupBy(
      machine.failures.filter((failure) => isIn(failure, group)),
      ({ label }) => label,
    );
    const measured = group.cells.map((cell) => ({ ...place, ...figuresOf(cell, failures.get(cell.label)) }));
    const without = group.without.map((label) => ({ ...nothingOf(failures.get(label) ?? []), ...place }));
    return [...measured, ...without];
  });
}

function isIn(failure: FailureRow, group: Group): boolean {
  return (
    failure.dataset === group.dataset &&
    failure.receiverSize === group.receiverSize &&
    failure.senderSize === group.senderSize &&
    failure.overlap === group.overlap &&
    failure.network === group.network
  );
}

/** What was asked of the link; nothing where the party was on another host. */
function linkOf({ environments }: Machine, { network }: Group): object {
  const facts = environments.flatMap(({ networks }) => networks[network] ?? [])[0];
  return { bandwidthBps: facts?.bandwidthBps ?? null, rttMs: facts?.rttMs ?? null };
}

function figuresOf(cell: CellSummary, failures: readonly FailureRow[] = []): object {
  const { wallMs, facts, phasesMs, partyCpuMs, partySentBytes, partyPeakBytes } = cell;
  // Against itself it takes as long, whatever the interval of two such times would be.
  const ratio = cell.reference ? { ratio: 1, low: 1, high: 1 } : cell.ratio;
  return {
    ...cell,
    ...stateOf(failures),
    kind: facts.kind,
    runs: cell.n,
    executions: cell.executions.length,
    records: cell.runs.join(' '),
    wallMs: wallMs.median,
    wallLowMs: wallMs.interval.low,
    wallHighMs: wallMs.interval.high,
    wallCoverage: wallMs.interval.coverage,
    speedRatio: ratio?.ratio ?? null,
    speedLowRatio: known(ratio?.low),
    speedHighRatio: known(ratio?.high),
    ...Object.fromEntries(STAGES.map((stage) => [`${stage}Ms`, phasesMs[stage]])),
    ...byRole('CpuMs', partyCpuMs),
    ...byRole('SentBytes', partySentBytes),
    ...byRole('PeakBytes', partyPeakBytes),
    keeps: cell.keeps.join('; '),
    falsePositiveLog2: facts.security.falsePositiveLog2,
  };
}

/** A cell of which no run was right: what it is and why, and not one figure. */
function nothingOf(failures: readonly FailureRow[]): object {
  const none = SUMMARY_COLUMNS.filter(([, , kind]) => kind === 'optional number').map(([, name]) => [
    name,
    null,
  ]);
  return {
    ...Object.fromEntries(none),
    ...failures[0],
    ...stateOf(failures),
    ...{ runs: 0, executions: 0, reference: false, keeps: '' },
    records: [...new Set(failures.flatMap(({ runs }) => runs))].join(' '),
  };
}

/** The first kind of failure, and every reason. */
function stateOf(failures: readonly FailureRow[]): object {
  return {
    state: failures[0]?.outcome ?? 'ok',
    reason: failures.map(({ reason }) => reason).join('; '),
    failedRuns: failures.reduce(
      (sum, { outcome, count }) => sum + (NOT_RUN.includes(outcome) ? 0 : count),
      0,
    ),
  };
}

function byRole(suffix: string, values: PerParty): object {
  return Object.fromEntries(ROLES.map((role) => [`${role}${suffix}`, values[role]]));
}

/** Of one set of processes against another, a ratio has no interval: it could be anything. */
function known(bound: number | undefined): number | null {
  return bound !== undefined && Number.isFinite(bound) ? bound : null;
}
