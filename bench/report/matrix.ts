/**
 * The answer at one glance: size × network, and in each place who is faster, both times and one ratio that
 * always points the same way: the best cryptography's time over the enclave's, above 1 the enclave is faster.
 */

import { formatMs, formatSize, NOTHING, significant } from '../format/numbers.ts';
import { buildTable, escapeMarkdown, leanMarkdown, type TableColumn } from '../format/table.ts';
import type { Mode } from '../record/samples.ts';
import type { CellSummary } from './cell.ts';
import { linkOf } from './charts/data.ts';
import { networkName } from './charts/network-name.ts';
import { type ClaimVerdict, decide } from './claims/decide.ts';
import type { Claim } from './claims/list.ts';
import { formatSizes, type Setting, subjectName } from './claims/text.ts';
import { PRIVATE_MEANS } from './columns.ts';
import { renderFasterElsewhere } from './faster-elsewhere.ts';
import type { Group, Machine } from './model.ts';

/** One mode of one place. */
export interface MatrixEntry {
  readonly verdict: ClaimVerdict;
  /** The enclave, with its caveat. */
  readonly subject: string;
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
      const claim = headlineClaim(group.claims);
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

/** The claim that the matrix is about: of the plain enclave, or the first there is, against cryptography. */
export function headlineClaim(claims: readonly Claim[]): Claim | null {
  const own = claims.filter(({ kind, against }) => kind === 'enclave' && against === 'cryptography');
  return own.find(({ impl }) => impl === 'enclave') ?? own[0] ?? null;
}

function entryOf({ cells }: Group, claim: Claim): MatrixEntry {
  const { subject, evidence } = claim;
  const { verdict, ratio, reason } = decide(evidence);
  const timeOf = (found: CellSummary | undefined) => found?.wallMs.median ?? null;
  const rivals = cells.filter(({ facts, failed }) => facts.kind === 'cryptography' && failed === 0);
  const best = rivals.toSorted((a, b) => a.wallMs.median - b.wallMs.median)[0];
  const winner = { supported: subject, refuted: ratio?.rival ?? NOTHING, undecided: 'undecided' }[verdict];
  return {
    verdict,
    subject: subjectName(claim),
    winner: ratio === null ? reason : winner,
    enclaveMs: timeOf(cells.find(({ label }) => label === subject)),
    cryptographyMs: timeOf(best),
    ratio: ratio?.ratio ?? null,
  };
}

/** `2^12`, or `2^8 × 2^20` where the sides differ. */
export function shortSizes(setting: Setting): string {
  return setting.receiverSize === setting.senderSize
    ? formatSize(setting.receiverSize)
    : formatSizes(setting);
}

/**
 * What the matrix says, a sentence for each mode: where the enclave is faster, where cryptography is, and where
 * nothing is decided. The verdict that most places have stands for all the others.
 */
export function matrixSentences(
  rows: readonly MatrixRow[],
  modes: readonly Mode[],
): (readonly [Mode, string])[] {
  return modes.flatMap((mode) => {
    const known = rows.flatMap((row) => {
      const entry = row.entries[mode];
      return entry ? [{ row, entry }] : [];
    });
    const [first] = known;
    if (first === undefined) return [];
    const of = (verdict: ClaimVerdict) => known.filter(({ entry }) => entry.verdict === verdict);
    const order: readonly ClaimVerdict[] = ['supported', 'refuted', 'undecided'];
    const most = order.toSorted((a, b) => of(b).length - of(a).length)[0];
    const parts = order.flatMap((verdict) => {
      const own = of(verdict);
      if (own.length === 0) return [];
      const where =
        verdict === most ? everywhere(own.length, known.length) : placesOf(own.map(({ row }) => row));
      const says = {
        supported: `${first.entry.subject} is faster`,
        refuted: 'cryptography is faster',
        undecided: 'undecided',
      };
      return [{ verdict, text: `${says[verdict]} ${where}` }];
    });
    const ordered = [
      ...parts.filter(({ verdict }) => verdict !== most),
      ...parts.filter(({ verdict }) => verdict === most),
    ];
    return [[mode, `${ordered.map(({ text }) => text).join('; ')}.`] as const];
  });
}

function everywhere(count: number, all: number): string {
  if (count === all) return all === 1 ? 'in the one place measured' : `in all ${all} places`;
  return `in the other ${count} of ${all} places`;
}

/** `at 2^16, 2^20 over wan and 2^12 over loopback, lan`. */
function placesOf(rows: readonly MatrixRow[]): string {
  const byNetwork = [...Map.groupBy(rows, ({ network }) => network)].map(([network, own]) => ({
    name: network === 'none' ? 'loopback' : network,
    sizes: [...new Set(own.map(shortSizes))].join(', '),
  }));
  const alike = [...Map.groupBy(byNetwork, ({ sizes }) => sizes)];
  const texts = alike.map(([sizes, own]) => `${sizes} over ${own.map(({ name }) => name).join(', ')}`);
  return `at ${texts.join(' and ')}`;
}

/** The columns of the matrix, for every view. */
export function matrixColumns(rows: readonly MatrixRow[], modes: readonly Mode[]): TableColumn<MatrixRow>[] {
  const several = new Set(rows.map(({ dataset }) => dataset)).size > 1;
  return [
    ...(several
      ? [{ header: 'data set', align: 'left', cell: ({ dataset }: MatrixRow) => dataset } as const]
      : []),
    { header: 'items', align: 'left', kept: true, cell: formatSizes },
    { header: 'network', align: 'left', kept: true, cell: ({ network }) => network },
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
  const findings = matrixSentences(rows, modes).map(
    ([mode, text]) => `- **${mode}**: ${escapeMarkdown(text)}\n`,
  );
  const networks = [...new Set(rows.map(({ network }) => network))].map((network) =>
    networkName(network, parts.map((part) => linkOf(part, network)).find(Boolean)),
  );
  return [
    findings.join(''),
    leanMarkdown(buildTable(rows, columns)),
    `Networks, as measured before the runs: ${escapeMarkdown(networks.join('; '))}. ${PRIVATE_MEANS}\n`,
    'Ratio: the best cryptography’s time over the enclave’s; above 1 the enclave is faster. It is also the factor by ' +
      'which enclave hardware may slow the whole run down before cryptography is faster.\n',
    meanings.join(''),
    missingRivals(parts),
    renderFasterElsewhere(parts),
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
