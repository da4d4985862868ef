/** The exhibits of the price: a dictionary against transcripts, and what an enclave's host sees. */

import type { HostView } from '../attack/host-view.ts';
import { type AttackRecord, type AttackRow, FEWEST_FOR_RATE } from '../attack/record.ts';
import { formatCount, formatSize, NOTHING, significant } from '../format/numbers.ts';
import { buildTable, escapeMarkdown, leanMarkdown, type TableColumn } from '../format/table.ts';

/** How long a whole dictionary takes: extrapolated, unless it was tried to its end. */
function wholeDictionary(row: AttackRow): string {
  if (row.guesses >= row.space) return 'tried';
  if (row.guesses < FEWEST_FOR_RATE) return NOTHING;
  return `${formatLong(row.space / row.guessesPerSecond)} (extrapolated)`;
}

export const ATTACK_COLUMNS: readonly TableColumn<AttackRow>[] = [
  {
    header: 'implementation',
    align: 'left',
    cell: (row) => [row.impl, row.options].filter(Boolean).join(' '),
  },
  { header: 'patients known by', align: 'left', cell: (row) => row.fields },
  { header: 'dictionary', align: 'left', cell: (row) => row.dictionary },
  {
    header: 'guesses',
    align: 'right',
    cell: (row) => `${formatCount(row.guesses)} of ${formatCount(row.space)}`,
  },
  { header: 'unshared records', align: 'right', cell: (row) => formatCount(row.unshared) },
  { header: 'of them among the guesses', align: 'right', cell: (row) => formatCount(row.withinReach) },
  { header: 'recovered', align: 'right', cell: (row) => formatCount(row.recovered) },
  {
    header: 'guesses/s',
    align: 'right',
    cell: (row) =>
      row.guesses < FEWEST_FOR_RATE ? NOTHING : formatCount(Number(row.guessesPerSecond.toPrecision(3))),
  },
  {
    header: "of the digest kernel's speed",
    align: 'right',
    cell: (row) =>
      row.guesses < FEWEST_FOR_RATE
        ? NOTHING
        : `${significant(row.guessesPerSecond / row.kernelGuessesPerSecond, 2)} ×`,
  },
  { header: 'whole dictionary, one core', align: 'right', cell: wholeDictionary },
];

export const HOST_COLUMNS: readonly TableColumn<HostView>[] = [
  { header: 'join', align: 'left', cell: (view) => view.join },
  {
    header: 'items',
    align: 'left',
    cell: (view) => `${formatSize(view.receiverSize)} × ${formatSize(view.senderSize)}`,
  },
  { header: 'events', align: 'right', cell: (view) => view.events.map(formatCount).join(' and ') },
  {
    header: 'traces',
    align: 'left',
    cell: (view) =>
      view.firstDifference === null ? 'equal' : `differ from event ${formatCount(view.firstDifference)} on`,
  },
  {
    header: 'shared items that the host picks out',
    align: 'right',
    cell: (view) => (view.pickedOut === null ? 'none' : `${view.pickedOut} of ${view.shared}`),
  },
];

/** Both exhibits, as Markdown. */
export function renderAttack({ environment, attacks, hostViews }: AttackRecord): string {
  const parts = [
    '### A dictionary against transcripts\n',
    `Measured by \`${environment.command.replaceAll('`', '')}\` on ${escapeMarkdown(environment.host.cpu)}. Generated ` +
      'patients, half of them in both sets. The attacker has what crossed the wire and a dictionary; every guess is ' +
      'digested and looked up at every offset of every message, the same for all protocols. *Unshared* records are ' +
      "the sender's own: nobody else should learn them.\n",
    leanMarkdown(buildTable(attacks, ATTACK_COLUMNS)),
    '### What the host of an enclave sees\n',
    'The joins that run inside, on two inputs of equal sizes, watched at every memory access:\n',
    leanMarkdown(buildTable(hostViews, HOST_COLUMNS)),
  ];
  return parts.join('\n');
}

/** A long time in the unit that people would use. */
function formatLong(seconds: number): string {
  const units: [string, number][] = [
    ['years', 31_557_600],
    ['days', 86_400],
    ['h', 3600],
    ['min', 60],
  ];
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? ['s', 1];
  return `${significant(seconds / size)} ${unit}`;
}
