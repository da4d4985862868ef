/**
 * The answer at one glance: size × network, and in each place who is faster, both times and one ratio that
 * always points the same way: the best cryptography's time over the enclave's, above 1 the enclave is faster.
 */

import { formatMs, NOTHING, significant } from '../format/numbers.ts';
import { buildTable, leanMarkdown, type TableColumn } from '../format/table.ts';
import type { Mode } from '../record/samples.ts';
import type { CellSummary } from './cell.ts';
import { type ClaimVerdict, decide } from './claims/decide.ts';
import type { Claim } from './claims/list.ts';
import { formatSizes, type Setting } from './claims/text.ts';
import type { Group, Machine } from './model.ts';

/** One mode of one place. */
export interface MatrixEntry {
  readonly verdict: ClaimVerdict;
  /** Who is faster, or `undecided`, or why nothing can be said. */
  readonly winner: string;
  readonly enclaveMs: number | null;
  readonly cryptographyMs: number | null;
  /** The best cryptography's time over the enclave's; null where either is missing. */
  readonly ratio: number | null;
}

export interface MatrixRow extends Setting {
  readonly entries: Readonly<Partial<Record<Mode, MatrixEntry>>>;
}

/** What is measured in each mode, in words. */
export const MODE_MEANINGS: Readonly<Record<Mode, string>> = {
  'one-shot':
    'fresh processes, as for parties that meet once: code loaded, enclave launched, keys, tables and base oblivious transfers made, all inside the time',
  warm: 'later runs of the same processes, as of a service: what an implementation keeps between runs is left out, and named below',
};

/** Protocols that are known to be faster than others here: named where a run lacks them. */
const KNOWN_FAST: readonly { readonly impl: string; readonly name: string }[] = [
  { impl: 'rr22', name: 'RR22 (Raghuraman and Rindal, CCS 2022: vector OLE and key-value stores)' },
  { impl: 'kkrt', name: 'KKRT (Kolesnikov and others, CCS 2016: oblivious transfer extension)' },
];

/** The matrix of one machine and output: `parts` are its modes. Subject is the plain enclave, or the first there is. */
export function matrixOf(parts: readonly Machine[]): MatrixRow[] {
  const places = new Map<string, { group: Group; entries: Partial<Record<Mode, MatrixEntry>> }>();
  for (const { mode, groups } of parts) {
    for (const group of groups) {
      const claim = headlineClaim(group);
      if (claim === null) continue;
      const { dataset, receiverSize, senderSize, overlap, network } = group;
      const key = JSON.stringify([dataset, receiverSize, senderSize, overlap, network]);
      const place = places.get(key) ?? { group, entries: {} };
      place.entries[mode] = entryOf(group, claim);
      places.set(key, place);
    }
  }
  return [...places.values()].map(({ group, entries }) => {
    const { dataset, receiverSize, senderSize, overlap, network } = group;
    return { dataset, receiverSize, senderSize, overlap, network, entries };
  });
}

function headlineClaim({ claims }: Group): Claim | null {
  const own = claims.filter(({ kind, against }) => kind === 'enclave' && against === 'cryptography');
  return own.find(({ impl }) => impl === 'enclave') ?? own[0] ?? null;
}

function entryOf({ cells }: Group, { subject, evidence }: Claim): MatrixEntry {
  const { verdict, ratio, reason } = decide(evidence);
  const timeOf = (found: CellSummary | undefined) => found?.wallMs.median ?? null;
  const rivals = cells.filter(({ facts, failed }) => facts.kind === 'cryptography' && failed === 0);
  const best = rivals.toSorted((a, b) => a.wallMs.median - b.wallMs.median)[0];
  const winner = { supported: subject, refuted: ratio?.rival ?? NOTHING, undecided: 'undecided' }[verdict];
  return {
    verdict,
    winner: ratio === null ? reason : winner,
    enclaveMs: timeOf(cells.find(({ label }) => label === subject)),
    cryptographyMs: timeOf(best),
    ratio: ratio?.ratio ?? null,
  };
}

/** The columns of the matrix, for every view. */
export function matrixColumns(rows: readonly MatrixRow[], modes: readonly Mode[]): TableColumn<MatrixRow>[] {
  const several = new Set(rows.map(({ dataset }) => dataset)).size > 1;
  return [
    ...(several
      ? [{ header: 'data set', align: 'left', cell: ({ dataset }: MatrixRow) => dataset } as const]
      : []),
    { header: 'items', align: 'left', cell: formatSizes },
    { header: 'network', align: 'left', cell: ({ network }) => network },
    ...modes.flatMap((mode): TableColumn<MatrixRow>[] => [
      {
        header: `${mode}: faster`,
        align: 'left',
        kept: true,
        cell: ({ entries }) => entries[mode]?.winner ?? NOTHING,
      },
      {
        header: 'enclave',
        align: 'right',
        kept: true,
        cell: ({ entries }) => time(entries[mode]?.enclaveMs),
      },
      {
        header: 'best cryptography',
        align: 'right',
        kept: true,
        cell: ({ entries }) => time(entries[mode]?.cryptographyMs),
      },
      { header: 'ratio', align: 'right', kept: true, cell: ({ entries }) => times(entries[mode]?.ratio) },
    ]),
  ];
}

/** The matrix and what its words mean; empty where no enclave was measured. */
export function renderMatrix(parts: readonly Machine[]): string {
  const rows = matrixOf(parts);
  if (rows.length === 0) return '';
  const modes = parts.map(({ mode }) => mode);
  const columns = matrixColumns(rows, modes);
  const meanings = modes.map((mode) => `- **${mode}**: ${MODE_MEANINGS[mode]}.\n`);
  return [
    `${leanMarkdown(buildTable(rows, columns))}`,
    'Ratio: the best cryptography’s time over the enclave’s; above 1 the enclave is faster. It is also the factor by ' +
      'which enclave hardware may slow the whole run down before cryptography is faster.\n',
    meanings.join(''),
    missingRivals(parts),
  ].join('\n');
}

/** Which protocols that are known to be fast the records have no time of. */
export function missingRivals(parts: readonly Machine[]): string {
  const measured = new Set(
    parts.flatMap(({ groups }) => groups.flatMap(({ cells }) => cells.map(({ impl }) => impl))),
  );
  const missing = KNOWN_FAST.filter(({ impl }) => !measured.has(impl)).map(({ name }) => name);
  if (missing.length === 0) return '';
  return (
    `**Not measured here, and known to be faster than ecdh at large sets:** ${missing.join('; ')}. ` +
    'A lead over the cryptography above is no lead over these.\n'
  );
}

function time(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? NOTHING : formatMs(ms);
}

function times(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? NOTHING : `${significant(ratio)} ×`;
}
