/** The page's tables, which need no script. */

import { formatBytes, formatBytesOr, formatMs, formatSize, NOTHING } from '../../format/numbers.ts';
import type { TableColumn } from '../../format/table.ts';
import type { CellSummary } from '../cell.ts';
import { caveatOf } from '../charts/point.ts';
import { decide } from '../claims/decide.ts';
import { STATEMENTS } from '../claims/list.ts';
import { type ClaimRow, formatRivalRatio, formatSizes, subjectName } from '../claims/text.ts';
import { PRICE_COLUMNS } from '../columns.ts';
import { ATTACK_COLUMNS, HOST_COLUMNS } from '../exhibits.ts';
import type { Group, Machine, ReportModel } from '../model.ts';
import { PUBLISHED_PSI } from '../published.ts';
import { htmlTable } from './html.ts';
import { sizeKey } from './selection.ts';

export function claimTable(rows: readonly ClaimRow[]): string {
  return htmlTable('claims', 'claims-title', rows, [
    { header: 'claim', cell: ({ claim }) => `${subjectName(claim)} ${STATEMENTS[claim.against]}` },
    { header: 'data set', cell: (row) => row.dataset },
    { header: 'items', nowrap: true, cell: formatSizes },
    { header: 'network', cell: (row) => row.network },
    { header: 'verdict', kept: true, cell: ({ claim }) => decide(claim.evidence).verdict },
    {
      header: 'fastest rival',
      kept: true,
      cell: ({ claim }) => decide(claim.evidence).ratio?.rival ?? NOTHING,
    },
    {
      header: "rival's time over its time",
      number: true,
      kept: true,
      cell: ({ claim }) => formatRivalRatio(decide(claim.evidence).ratio),
    },
    { header: 'why', kept: true, cell: ({ claim }) => decide(claim.evidence).reason },
  ]);
}

interface ResultRow {
  readonly machine: number;
  readonly group: Group;
  readonly cell: CellSummary;
}

export function resultTable(machines: readonly Machine[]): string {
  const rows = machines.flatMap((each, machine) =>
    each.groups.flatMap((group) => group.cells.map((cell): ResultRow => ({ machine, group, cell }))),
  );
  return htmlTable(
    'results',
    'results-title',
    rows,
    [
      { header: 'implementation', cell: ({ cell }) => cell.label },
      { header: 'guarantee', cell: ({ cell }) => caveatOf(cell.section) || 'private' },
      { header: 'data set', cell: ({ group }) => group.dataset },
      { header: 'mode', cell: ({ machine }) => machines[machine]?.mode ?? NOTHING },
      {
        header: 'receiver’s items',
        name: 'receiver_size',
        nowrap: true,
        cell: ({ group }) => formatSize(group.receiverSize),
        value: ({ group }) => group.receiverSize,
      },
      {
        header: 'sender’s items',
        name: 'sender_size',
        nowrap: true,
        cell: ({ group }) => formatSize(group.senderSize),
        value: ({ group }) => group.senderSize,
      },
      { header: 'network', cell: ({ group }) => group.network },
      {
        header: 'time',
        name: 'wall_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.wallMs.median),
        value: ({ cell }) => cell.wallMs.median,
      },
      {
        header: 'from',
        name: 'wall_low_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.wallMs.interval.low),
        value: ({ cell }) => cell.wallMs.interval.low,
      },
      {
        header: 'to',
        name: 'wall_high_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.wallMs.interval.high),
        value: ({ cell }) => cell.wallMs.interval.high,
      },
      {
        header: 'CPU',
        name: 'cpu_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.cpuMs),
        value: ({ cell }) => cell.cpuMs,
      },
      {
        header: 'sent',
        name: 'sent_bytes',
        number: true,
        cell: ({ cell }) => formatBytes(cell.sentBytes),
        value: ({ cell }) => cell.sentBytes,
      },
      {
        header: 'flights',
        number: true,
        cell: ({ cell }) => String(cell.flights),
        value: ({ cell }) => cell.flights,
      },
      {
        header: 'memory',
        name: 'peak_bytes',
        number: true,
        cell: ({ cell }) => formatBytesOr(cell.peakBytes),
        value: ({ cell }) => cell.peakBytes ?? -1,
      },
      {
        header: 'runs',
        number: true,
        cell: ({ cell }) => (cell.failed === 0 ? String(cell.n) : `${cell.n} (+ ${cell.failed} failed)`),
        value: ({ cell }) => cell.n,
      },
    ],
    ({ machine, group, cell }) => ({
      machine: String(machine),
      size: sizeKey(group),
      network: group.network,
      label: cell.label,
    }),
  );
}

export function priceTable({ machines }: ReportModel): string {
  const all = machines.flatMap(({ implementations }) => implementations);
  // The parts of a machine have them in common.
  const rows = [...new Map(all.map((entry) => [JSON.stringify(entry), entry])).values()];
  return `<h2 id="price-title">The price: what must be trusted, what is revealed</h2>
${htmlTable('price', 'price-title', rows, plain(PRICE_COLUMNS))}`;
}

/** Columns of the report as they are. */
function plain<Row>(columns: readonly TableColumn<Row>[]) {
  return columns.map(({ header, align, cell }) => ({ header, cell, number: align === 'right' }));
}

export function exhibitTables({ attacks }: ReportModel): string {
  if (attacks.length === 0) return '';
  return `<h2 id="attack-title">A dictionary against transcripts</h2>
<p>Generated patients, half of them in both sets. Unshared records are the sender’s own, which nobody else should learn.</p>
${htmlTable(
  'attack',
  'attack-title',
  attacks.flatMap((record) => record.attacks),
  plain(ATTACK_COLUMNS),
)}
<h2 id="host-title">What the host of an enclave sees of the joins inside</h2>
${htmlTable(
  'host',
  'host-title',
  attacks.flatMap(({ hostViews }) => hostViews),
  plain(HOST_COLUMNS),
)}`;
}

export function publishedTable(): string {
  return `<h2 id="published-title">Figures of others, in no ratio above</h2>
${htmlTable('published', 'published-title', PUBLISHED_PSI, [
  { header: 'system', cell: ({ system }) => system },
  { header: 'protocol', cell: ({ protocol }) => protocol },
  { header: 'items', nowrap: true, cell: formatPublished },
  { header: 'time', number: true, cell: ({ ms }) => formatMs(ms) },
  { header: 'output', cell: ({ output }) => output },
  { header: 'mode', cell: ({ mode }) => mode },
  { header: 'network', cell: ({ network }) => network },
  { header: 'threads', number: true, cell: ({ threads }) => String(threads) },
  { header: 'machine', cell: ({ machine }) => machine },
  { header: 'origin', cell: ({ origin }) => origin },
  { header: 'source', cell: ({ source }) => source },
])}`;
}

function formatPublished(row: (typeof PUBLISHED_PSI)[number]): string {
  return formatSizes({ ...row, dataset: '', overlap: 0, network: '' });
}
