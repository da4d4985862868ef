/** What tables of results show, for every view, and the words they share. */

import {
  formatAmount,
  formatBytes,
  formatBytesOr,
  formatCount,
  formatInterval,
  formatMs,
  formatRate,
  formatRatio,
  formatSize,
  NOTHING,
  significant,
} from '../format/numbers.ts';
import type { TableColumn } from '../format/table.ts';
import type { ImplementationFacts } from '../record/environment.ts';
import type { CellSummary, Section } from './cell.ts';
import type { FailureRow, Group, Machine } from './model.ts';

export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  private: 'Private',
  enclave: 'Enclave',
  simulated: 'Simulated enclave',
  'trusted-party': 'Trusted third party',
  'not-private': 'Not private',
};

/** What an implementation promises, in the words of the tables: *private* is what cryptography alone makes so. */
export function guaranteeOf({ kind, build }: ImplementationFacts): string {
  if (kind === 'enclave')
    return build === 'enclave-simulated' ? 'none: simulated' : 'private if the hardware is trusted';
  return {
    cryptography: 'private',
    'third-party': 'private if the third party is trusted',
    open: 'not private',
  }[kind];
}

/** What the word means, wherever it stands. */
export const PRIVATE_MEANS =
  '*Private* means in all of this: by cryptography alone, with nobody to trust but the two parties themselves.';

/** What each implementation asks to be trusted, and what it reveals. */
export const PRICE_COLUMNS: readonly TableColumn<Machine['implementations'][number]>[] = [
  {
    header: 'implementation',
    align: 'left',
    cell: ({ id, facts }) =>
      facts.kind === 'enclave' && facts.build === 'enclave-simulated' ? `${id} (simulated)` : id,
  },
  { header: 'guarantee', align: 'left', cell: ({ facts }) => guaranteeOf(facts) },
  { header: 'must be trusted', align: 'left', cell: ({ facts }) => facts.security.trust },
  {
    header: 'reveals besides sizes and result',
    align: 'left',
    cell: ({ facts }) =>
      Object.entries(facts.security.learns)
        .filter(([, what]) => what !== '')
        .map(([role, what]) => `to the ${role}: ${what}`)
        .join('; ') || 'nothing',
  },
  { header: 'rests on', align: 'left', cell: ({ facts }) => facts.security.assumption },
  { header: 'post-quantum', align: 'left', cell: ({ facts }) => (facts.security.postQuantum ? 'yes' : 'no') },
];

/** What a group's cells have in common, e.g. `random, 2^10 × 2^12 items, 512 shared, network lan`. */
export function groupTitle(group: Group): string {
  const sizes = `${formatSize(group.receiverSize)} × ${formatSize(group.senderSize)} items`;
  return `${group.dataset}, ${sizes}, ${formatCount(group.overlap)} shared, network ${group.network}`;
}

/** The headline figures of a cell. */
export const RESULT_COLUMNS: readonly TableColumn<CellSummary>[] = [
  { header: 'implementation', align: 'left', cell: (cell) => cell.label },
  { header: 'time', align: 'right', cell: (cell) => formatMs(cell.wallMs.median) },
  { header: '95 % interval', align: 'right', cell: (cell) => formatInterval(cell.wallMs) },
  { header: 'speed', align: 'right', cell: formatCellRatio, dispensable: 1 },
  { header: 'CPU', align: 'right', cell: (cell) => formatMs(cell.cpuMs) },
  { header: 'sent', align: 'right', cell: (cell) => formatBytes(cell.sentBytes) },
  { header: 'flights', align: 'right', cell: (cell) => formatAmount(cell.flights) },
  { header: 'memory', align: 'right', cell: (cell) => formatBytesOr(cell.peakBytes) },
  { header: 'trust', align: 'left', cell: (cell) => cell.facts.security.trust, dispensable: 2 },
  { header: 'build', align: 'left', cell: (cell) => cell.build, dispensable: 3 },
  { header: 'runs', align: 'right', cell: formatRuns },
];

/** The same for a terminal, where there is less room: ratios without their intervals. */
export const RESULT_TEXT_COLUMNS: readonly TableColumn<CellSummary>[] = RESULT_COLUMNS.map((column) =>
  column.header === 'speed'
    ? {
        ...column,
        cell: ({ ratio }: CellSummary) => (ratio === null ? NOTHING : `${significant(ratio.ratio)} ×`),
      }
    : column,
);

function formatCellRatio(cell: CellSummary): string {
  if (cell.ratio === null) return NOTHING;
  return cell.reference ? '1 ×' : formatRatio(cell.ratio);
}

function formatRuns(cell: CellSummary): string {
  const sets = cell.executions.length;
  const runs = cell.n === sets ? String(cell.n) : `${cell.n} in ${sets}`;
  return cell.failed === 0 ? runs : `${runs} (+ ${cell.failed} failed)`;
}

/** Where a cell's time goes, and what it costs per item. */
export const PHASE_COLUMNS: readonly TableColumn<CellSummary>[] = [
  { header: 'implementation', align: 'left', cell: (cell) => cell.label },
  { header: 'start', align: 'right', cell: (cell) => formatMs(cell.phasesMs.start) },
  { header: 'of it loading', align: 'right', cell: (cell) => formatMs(cell.loadMs) },
  { header: 'setup', align: 'right', cell: (cell) => formatMs(cell.phasesMs.setup) },
  { header: 'prepare', align: 'right', cell: (cell) => formatMs(cell.phasesMs.prepare) },
  { header: 'online', align: 'right', cell: (cell) => formatMs(cell.phasesMs.online) },
  {
    header: 'close, after it',
    align: 'right',
    cell: ({ closeMs }) => (closeMs === null ? NOTHING : formatMs(closeMs)),
  },
  { header: 'kept between runs', align: 'left', cell: ({ keeps }) => keeps.join('; ') || 'nothing' },
  { header: 'items/s', align: 'right', cell: (cell) => formatRate(cell.itemsPerSecond) },
  { header: 'bytes/item', align: 'right', cell: (cell) => significant(cell.bytesPerItem) },
  { header: 'messages', align: 'right', cell: (cell) => formatAmount(cell.messages) },
  { header: 'engine', align: 'left', cell: (cell) => cell.engine },
  { header: 'options', align: 'left', cell: (cell) => cell.options.replaceAll(';', ', ') },
];

type PartyLine = CellSummary['partyPhases'][number] & { readonly label: string };

/** One row for each party and phase of a cell. */
export function partyLines(cells: readonly CellSummary[]): PartyLine[] {
  return cells.flatMap((cell) => cell.partyPhases.map((phase) => ({ ...phase, label: cell.label })));
}

export const PARTY_COLUMNS: readonly TableColumn<PartyLine>[] = [
  { header: 'implementation', align: 'left', cell: (line) => line.label },
  { header: 'party', align: 'left', cell: (line) => line.party },
  { header: 'phase', align: 'left', cell: (line) => line.phase },
  { header: 'time', align: 'right', cell: (line) => formatMs(line.wallMs) },
  { header: 'CPU', align: 'right', cell: (line) => formatMs(line.cpuMs) },
  { header: 'sent', align: 'right', cell: (line) => formatBytes(line.sentBytes) },
  { header: 'messages', align: 'right', cell: (line) => formatAmount(line.sentMessages) },
  { header: 'flights', align: 'right', cell: (line) => formatAmount(line.flights) },
  { header: 'memory', align: 'right', cell: (line) => formatBytesOr(line.peakBytes) },
  {
    header: 'steps',
    align: 'left',
    cell: (line) =>
      Object.entries(line.steps)
        .map(([name, ms]) => `${name} ${formatMs(ms)}`)
        .join(', '),
  },
];

export const FAILURE_COLUMNS: readonly TableColumn<FailureRow>[] = [
  { header: 'implementation', align: 'left', cell: (row) => row.label },
  { header: 'data set', align: 'left', cell: (row) => row.dataset },
  {
    header: 'items',
    align: 'left',
    cell: (row) => `${formatSize(row.receiverSize)} × ${formatSize(row.senderSize)}`,
  },
  { header: 'network', align: 'left', cell: (row) => row.network },
  { header: 'outcome', align: 'left', cell: (row) => row.outcome },
  { header: 'runs', align: 'right', cell: (row) => String(row.count) },
  { header: 'reason', align: 'left', cell: (row) => row.reason },
];
