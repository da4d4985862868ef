/** Claims in words, for every view: verdict, ratio, break-even, and crossovers. */

import { formatSize, NOTHING, significant } from '../../format/numbers.ts';
import type { TableColumn } from '../../format/table.ts';
import { breakEven, type ClaimVerdict, decide, type RivalRatio } from './decide.ts';
import { type Against, type Claim, findTurns, STATEMENTS } from './list.ts';

/** Where a claim was examined. */
export interface Setting {
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly overlap: number;
  readonly network: string;
}

export interface ClaimRow extends Setting {
  readonly claim: Claim;
}

/** All claims of all settings, in the order of the settings. */
export function claimRows(groups: readonly (Setting & { readonly claims: readonly Claim[] })[]): ClaimRow[] {
  return groups.flatMap(({ dataset, receiverSize, senderSize, overlap, network, claims }) =>
    claims.map((claim) => ({ dataset, receiverSize, senderSize, overlap, network, claim })),
  );
}

/** The claims of one kind, each subject by itself, in the order in which they appear. */
export function bySubject(
  rows: readonly ClaimRow[],
  against: Against,
): (readonly [string, readonly ClaimRow[]])[] {
  const own = rows.filter((row) => row.claim.against === against);
  return [...Map.groupBy(own, (row) => row.claim.subject)];
}

/** The subject, and that it is no real enclave where it is none. */
export function subjectName({ subject, evidence }: Claim): string {
  return evidence.simulated ? `${subject} (simulated)` : subject;
}

/** `4.02 × [3.9 … 4.1]`; the range of few runs is called so. */
export function formatRivalRatio(comparison: RivalRatio | null): string {
  if (comparison === null) return NOTHING;
  return `${significant(comparison.ratio)} × [${significant(comparison.low)} … ${significant(comparison.high)}]`;
}

/** By what factor the subject may be slower before the verdict turns. */
export function formatBreakEven({ evidence }: Claim): string {
  const even = breakEven(evidence);
  if (even === null) return NOTHING;
  return `${significant(even.ratio)} × [${significant(even.low)} … ${significant(even.high)}]`;
}

export function formatSizes({ receiverSize, senderSize }: Setting): string {
  return `${formatSize(receiverSize)} × ${formatSize(senderSize)}`;
}

/** What is said of rivals that could not be counted. */
function absent({ evidence }: Claim): string {
  const parts = [
    ...(evidence.failed.length > 0 ? [`failed: ${evidence.failed.join(', ')}`] : []),
    ...(evidence.notRun.length > 0 ? [`not run: ${evidence.notRun.join(', ')}`] : []),
  ];
  return parts.join('; ');
}

export const CLAIM_COLUMNS: readonly TableColumn<ClaimRow>[] = [
  { header: 'data set', align: 'left', cell: (row) => row.dataset },
  { header: 'items', align: 'left', cell: formatSizes },
  { header: 'network', align: 'left', cell: (row) => row.network },
  { header: 'verdict', align: 'left', kept: true, cell: ({ claim }) => decide(claim.evidence).verdict },
  {
    header: 'fastest rival',
    align: 'left',
    cell: ({ claim }) => decide(claim.evidence).ratio?.rival ?? NOTHING,
  },
  {
    header: "rival's time over its time",
    align: 'right',
    cell: ({ claim }) => formatRivalRatio(decide(claim.evidence).ratio),
  },
  { header: 'why', align: 'left', cell: ({ claim }) => decide(claim.evidence).reason },
  { header: 'not counted', align: 'left', cell: ({ claim }) => absent(claim) },
];

/** How often each verdict was given. */
export function tally(rows: readonly ClaimRow[], slowdown = 1): Record<ClaimVerdict, number> {
  const count = { supported: 0, refuted: 0, undecided: 0 };
  for (const { claim } of rows) count[decide(claim.evidence, slowdown).verdict]++;
  return count;
}

/** One sentence on one subject and kind of claim, over all settings. */
export function answer(rows: readonly ClaimRow[]): string {
  const { claim } = rows[0]!;
  const count = tally(rows);
  const decisions = rows.map((row) => decide(row.claim.evidence));
  const ratios = decisions.flatMap(({ ratio }) => (ratio === null ? [] : [ratio.ratio]));
  const verdicts = (['supported', 'refuted', 'undecided'] as const)
    .filter((verdict) => count[verdict] > 0)
    .map((verdict) => `${verdict} in ${count[verdict]}`);
  const range =
    ratios.length === 0
      ? 'No ratio can be given.'
      : `The rival took ${span(ratios)} times as long (below 1: the rival was faster).`;
  const settings = rows.length === 1 ? '1 setting' : `${rows.length} settings`;
  const where = exceptions(
    rows,
    decisions.map(({ verdict }) => verdict),
  );
  return `${subjectName(claim)} ${STATEMENTS[claim.against]}: ${verdicts.join(', ')} of ${settings}${where}. ${range}`;
}

/** Names the settings of the rarer verdicts, while they are few. */
function exceptions(rows: readonly ClaimRow[], verdicts: readonly ClaimVerdict[]): string {
  const found = Map.groupBy(
    rows.map((row, i) => ({ row, verdict: verdicts[i]! })),
    ({ verdict }) => verdict,
  );
  const few = [...found.values()].filter((own) => own.length <= 4 && own.length < rows.length);
  // Where all are few, the rest is what is left.
  const rare = few.length === found.size ? few.filter((own) => own[0]!.verdict !== 'supported') : few;
  const texts = rare.map(
    (own) =>
      `${own[0]!.verdict}: ${own.map(({ row }) => `${formatSizes(row)} on ${row.network}`).join(', ')}`,
  );
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
}

function span(values: readonly number[]): string {
  const [low, high] = [significant(Math.min(...values)), significant(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

/** Crossovers over sizes, for balanced sets, network by network: one sentence each. */
export function turnsOverSize(rows: readonly ClaimRow[]): string[] {
  const balanced = rows.filter((row) => row.receiverSize === row.senderSize && row.senderSize > 0);
  const lines = [...Map.groupBy(balanced, (row) => `${row.dataset}, network ${row.network}`)];
  return lines.map(([where, own]) => {
    const places = own.map(({ receiverSize, claim }) => ({
      at: receiverSize,
      ratio: decide(claim.evidence).ratio?.ratio ?? null,
    }));
    const known = places.filter((place) => place.ratio !== null);
    const subject = subjectName(own[0]!.claim);
    if (known.length < 2) return `${where}: ${subject}: too few sizes to see a turn.`;
    const turns = findTurns(places);
    if (turns.length === 0) {
      const ahead = known[0]!.ratio! > 1 ? subject : 'the fastest private cryptography';
      const [first, last] = [Math.min(...known.map(({ at }) => at)), Math.max(...known.map(({ at }) => at))];
      return `${where}: no crossover between ${formatSize(first)} and ${formatSize(last)}: ${ahead} is faster at every size.`;
    }
    const texts = turns.map(
      ({ from, to, about, fasterAbove }) =>
        `between ${formatSize(from)} and ${formatSize(to)} items, at about ${significant(about, 2)} (interpolated), ` +
        `above which ${fasterAbove === 'subject' ? subject : 'cryptography'} is faster`,
    );
    return `${where}: ${subject} turns ${texts.join('; ')}.`;
  });
}
