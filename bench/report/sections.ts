/** The parts of the report that answer the question: claims, turns, charts, the price, published figures. */

import type { AttackRecord } from '../attack/record.ts';
import { formatBytesOr, formatMs, formatSize, NOTHING } from '../format/numbers.ts';
import { buildTable, escapeMarkdown, leanMarkdown, type TableColumn } from '../format/table.ts';
import type { Chart } from './charts/chart.ts';
import { breakEven, decide } from './claims/decide.ts';
import { type Against, RIVALS, STATEMENTS } from './claims/list.ts';
import {
  answer,
  bySubject,
  CLAIM_COLUMNS,
  type ClaimRow,
  claimRows,
  formatBreakEven,
  formatSizes,
  subjectName,
  tally,
  turnsOverSize,
} from './claims/text.ts';
import { PRICE_COLUMNS } from './columns.ts';
import { renderAttack } from './exhibits.ts';
import type { LinkTurn } from './link-crossovers.ts';
import { renderMatrix } from './matrix.ts';
import type { Machine } from './model.ts';
import { PUBLISHED_ENCLAVES, PUBLISHED_PSI } from './published.ts';

const ORDER: readonly Against[] = ['cryptography', 'plain-enclave', 'third-party', 'open'];

/** The answer in sentences: what a reader who has one minute takes with them. */
export function renderAnswer(machine: Machine, parts: readonly Machine[]): string {
  const rows = claimRows(machine.groups);
  const subjects = bySubject(rows, 'cryptography').toSorted(([, a], [, b]) => rank(a) - rank(b));
  if (subjects.length === 0) {
    return '## The answer\n\nNeither an enclave nor hash comparison was measured: no claim can be examined.\n';
  }
  const lines = subjects.map(([, own]) => `- ${escapeMarkdown(answer(own))}\n`);
  const others = ORDER.slice(1).flatMap((against) => bySubject(rows, against));
  lines.push(...others.map(([, own]) => `- ${escapeMarkdown(answer(own))}\n`));
  const simulated = rows.some(({ claim }) => claim.evidence.simulated)
    ? '\nThe enclave is **simulated**: its times are those of the work, without memory encryption, vsock or a real ' +
      'security module. The break-even slowdown below says how much slower real hardware may be before a verdict turns.\n'
    : '';
  const matrix = renderMatrix(parts);
  const counted = `## The claims in sentences (${machine.mode})\n\n${lines.join('')}`;
  return matrix === '' ? counted + simulated : `## The answer\n\n${matrix}${simulated}\n${counted}`;
}

function rank(rows: readonly ClaimRow[]): number {
  return rows[0]!.claim.kind === 'enclave' ? 0 : 1;
}

/** Every claim, its verdict and on what it rests. */
export function renderClaims(machine: Machine): string {
  const rows = claimRows(machine.groups);
  if (rows.length === 0) return '';
  const parts = [
    '## The claims\n',
    'A claim is *supported* when its subject is faster than every rival, *refuted* when one of them is faster, and ' +
      '*undecided* otherwise: when the intervals leave both open, when there were fewer than three sets of processes, ' +
      'or when a rival failed. Ratios are of times, a rival over the subject. Their intervals come from how sets of ' +
      'processes differ (Welch, on logarithms), and are as wide as it takes for all of one kind to hold together: ' +
      `${decisionText(machine)}\n`,
  ];
  for (const against of ORDER) {
    for (const [, own] of bySubject(rows, against)) {
      const { claim } = own[0]!;
      const title = `${escapeMarkdown(subjectName(claim))} ${STATEMENTS[against]}`;
      const table = leanMarkdown(buildTable(own, CLAIM_COLUMNS));
      // What the report is about stands open; the rest is a click away.
      if (against === 'cryptography' && claim.kind === 'enclave') parts.push(`### ${title}\n`, table);
      else parts.push(`<details><summary>${title}</summary>\n`, table, '</details>\n');
    }
  }
  return parts.join('\n');
}

/** How many verdicts there are, and what to expect of them. */
function decisionText({ decisions }: Machine): string {
  const counts = ORDER.flatMap((against) => {
    const count = decisions[against];
    return count === undefined ? [] : [`${count} against ${RIVALS[against]}`];
  });
  if (counts.length === 0) return 'nothing could be decided.';
  return (
    `${counts.join(', ')}. Of each kind, the probability that even one verdict is false is at most 5 %, so none is ` +
    'to be expected.'
  );
}

/** Break-even slowdowns, beside what others published about real enclaves. */
export function renderBreakEven(machine: Machine): string {
  const rows = claimRows(machine.groups).filter(
    ({ claim }) => claim.kind === 'enclave' && claim.against === 'cryptography',
  );
  const known = rows.filter(({ claim }) => breakEven(claim.evidence) !== null);
  if (known.length === 0) return '';
  const factors = PUBLISHED_ENCLAVES.filter(({ factor }) => factor !== null);
  const slowed = (factor: number) => {
    const count = tally(known, factor);
    return `${count.supported} supported, ${count.refuted} refuted, ${count.undecided} undecided`;
  };
  return [
    '## How much slower may enclave hardware be?\n',
    'The factor by which the *whole* run of the enclave may take longer before the fastest private cryptography ' +
      'takes as long. Below the interval the verdict stands, above it, it is turned; below 1 cryptography is ahead ' +
      'already. Hardware slows down only what runs inside, so this is the cautious reading.\n',
    leanMarkdown(
      buildTable(known, [
        { header: 'enclave', align: 'left', cell: ({ claim }) => subjectName(claim) },
        { header: 'data set', align: 'left', cell: (row) => row.dataset },
        { header: 'items', align: 'left', cell: formatSizes },
        { header: 'network', align: 'left', cell: (row) => row.network },
        { header: 'break-even slowdown', align: 'right', cell: ({ claim }) => formatBreakEven(claim) },
        { header: 'against', align: 'left', cell: ({ claim }) => decide(claim.evidence).ratio!.rival },
      ]),
    ),
    'Published by others, measured elsewhere, on other work; the last column puts each factor into the claims above:\n',
    leanMarkdown(
      buildTable(PUBLISHED_ENCLAVES, [
        { header: 'hardware', align: 'left', cell: ({ hardware }) => hardware },
        { header: 'what', align: 'left', cell: ({ what }) => what },
        { header: 'published', align: 'left', cell: ({ figure }) => figure },
        { header: 'source', align: 'left', cell: ({ source }) => source },
        {
          header: 'if all of the run were slowed down so',
          align: 'left',
          cell: (entry) => (factors.includes(entry) ? slowed(entry.factor!) : NOTHING),
        },
      ]),
    ),
  ].join('\n');
}

/** Crossovers: over sizes as measured, over links as modelled. */
export function renderTurns(machine: Machine, modelled: readonly LinkTurn[]): string {
  const subjects = bySubject(claimRows(machine.groups), 'cryptography').filter(([, own]) => rank(own) === 0);
  if (subjects.length === 0) return '';
  const lines = subjects
    .flatMap(([, own]) => turnsOverSize(own))
    .map((line) => `- ${escapeMarkdown(line)}\n`);
  const parts = ['## Crossovers\n', 'Over set sizes (measured):\n', lines.join('')];
  if (modelled.length > 0) {
    const columns: readonly TableColumn<LinkTurn>[] = [
      { header: 'enclave', align: 'left', cell: ({ subject }) => subject },
      { header: 'items per party', align: 'left', cell: ({ sizes }) => sizes },
      { header: 'along', align: 'left', cell: ({ along }) => along },
      { header: 'modelled: the order turns', align: 'left', cell: ({ finding }) => finding },
      { header: "model's largest error at a network held out", align: 'right', cell: ({ error }) => error },
    ];
    parts.push(
      '<details><summary>Over links: modelled from compute, flights and bytes of what was measured</summary>\n',
      leanMarkdown(buildTable(modelled, columns)),
      '</details>\n',
    );
  }
  return parts.join('\n');
}

/** Charts by relative link, each with its finding as alternative text; `notes` on those that are not there. */
export function renderCharts(charts: readonly Chart[], notes: readonly string[]): string {
  if (charts.length === 0) return '';
  const images = charts.map(({ id, alt }) => `![${escapeMarkdown(alt)}](${id}.svg)\n`);
  return [
    '## Charts\n',
    'Dashed and hollow: simulated, or not private by cryptography.\n',
    ...images,
    ...notes.map((note) => `${escapeMarkdown(note)}\n`),
  ].join('\n');
}

/** What each implementation asks to be trusted, what it reveals, and what that means when somebody looks. */
export function renderPrice(machine: Machine, attacks: readonly AttackRecord[]): string {
  const table = buildTable(machine.implementations, PRICE_COLUMNS);
  const parts = ['## The price\n', 'As the implementations declare it:\n', leanMarkdown(table)];
  if (attacks.length === 0) {
    parts.push(
      'What a dictionary recovers from transcripts was not measured: `bench attack --into <folder of the run>` does.\n',
    );
  }
  for (const record of attacks) parts.push(renderAttack(record));
  return parts.join('\n');
}

/** Figures of others, in a table of their own. */
export function renderPublished(): string {
  const table = buildTable(PUBLISHED_PSI, [
    { header: 'system', align: 'left', cell: ({ system }) => system },
    { header: 'protocol', align: 'left', cell: ({ protocol }) => protocol },
    {
      header: 'items',
      align: 'left',
      cell: (row) => `${formatSize(row.receiverSize)} × ${formatSize(row.senderSize)}`,
    },
    { header: 'time', align: 'right', cell: ({ ms }) => formatMs(ms) },
    { header: 'sent', align: 'right', cell: ({ bytes }) => formatBytesOr(bytes) },
    { header: 'output', align: 'left', cell: ({ output }) => output },
    { header: 'mode', align: 'left', cell: ({ mode }) => mode },
    { header: 'network', align: 'left', cell: ({ network }) => network },
    { header: 'threads', align: 'right', cell: ({ threads }) => String(threads) },
    { header: 'machine', align: 'left', cell: ({ machine }) => machine },
    { header: 'origin', align: 'left', cell: ({ origin }) => origin },
    { header: 'source', align: 'left', cell: ({ source }) => source },
  ]);
  return `## Figures of others\n\nNot measured by this benchmark: other programs, machines and links. They are in no ratio above.\n\n${leanMarkdown(table)}`;
}
