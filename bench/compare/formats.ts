/**
 * The views of a comparison: Markdown for people and job summaries, JSON for programs, and the formats
 * that github-action-benchmark and Bencher read. They print verdicts; none of them decides one.
 */

import { ExitCode } from '../errors.ts';
import { formatAmount, formatBytes, formatMs, NOTHING } from '../format/numbers.ts';
import {
  buildTable,
  codeMarkdown,
  escapeMarkdown,
  type TableColumn,
  tableToMarkdown,
} from '../format/table.ts';
import type { CellComparison, Comparison, Finding, Side } from './comparison.ts';
import { exitCodeOf, exitCodeOfAll, isUndecided, VERDICTS, type Verdict } from './verdict.ts';

export const FORMATS = ['md', 'json', 'gha', 'bmf'] as const;
export type Format = (typeof FORMATS)[number];

/** The comparison as text that ends with a line break. `strict`: whether undecided cells fail. */
export function formatComparison(comparison: Comparison, format: Format, strict: boolean): string {
  switch (format) {
    case 'md':
      return toMarkdown(comparison, strict);
    case 'json':
      return `${JSON.stringify(toJson(comparison, strict), null, 2)}\n`;
    case 'gha':
      return `${JSON.stringify(toGithubActionBenchmark(comparison), null, 2)}\n`;
    case 'bmf':
      return `${JSON.stringify(toBencher(comparison), null, 2)}\n`;
  }
}

/** The finding that made the verdict, for a row that has room for one. */
function telling({ findings, verdict }: CellComparison): Finding | undefined {
  return findings.find((finding) => finding.verdict === verdict) ?? findings[0];
}

/** A table cell counts for the reader when something happened in it. */
const QUIET: readonly Verdict[] = ['same'];

const COLUMNS: readonly TableColumn<CellComparison>[] = [
  { header: 'cell', align: 'left', cell: ({ cell }) => cell },
  { header: 'verdict', align: 'left', cell: ({ verdict }) => verdict },
  { header: 'base', align: 'right', cell: (row) => figure(telling(row), 'base') },
  { header: 'head', align: 'right', cell: (row) => figure(telling(row), 'head') },
  { header: 'change', align: 'right', cell: (row) => change(telling(row)) },
  { header: 'n', align: 'right', cell: (row) => counts(telling(row)) },
  { header: 'why', align: 'left', cell: ({ reason }) => reason },
];

function toMarkdown(comparison: Comparison, strict: boolean): string {
  const { base, head, metric, threshold, cells, warnings } = comparison;
  const loud = cells.filter(({ verdict, onlyIn }) => !QUIET.includes(verdict) && onlyIn === undefined);
  const ordered = VERDICTS.flatMap((verdict) => loud.filter((cell) => cell.verdict === verdict));
  const quiet = cells.filter(({ verdict }) => QUIET.includes(verdict));
  const table = (rows: readonly CellComparison[]) =>
    tableToMarkdown(
      buildTable(rows, COLUMNS, { strong: ({ verdict }) => exitCodeOf(verdict, strict) !== 0 }),
    );
  const parts = [
    `## ${headline(comparison, strict)}\n\n`,
    `${sideText(head)} against ${sideText(base)}; by ${metric}, a change counts from ${percent(threshold)} on${comparison.kind === 'records' ? '; bytes, messages and flights are exact' : ', when the whole interval is beyond it, twice'}.\n`,
    ...warnings.map((warning) => `\n> ${escapeMarkdown(warning)}\n`),
    ordered.length > 0 ? `\n${table(ordered)}` : '',
    onlyInText('head', cells),
    onlyInText('base', cells),
    quiet.length > 0
      ? `\n<details><summary>${quiet.length} ${quiet.length === 1 ? 'cell is' : 'cells are'} the same</summary>\n\n${table(quiet)}\n</details>\n`
      : '',
  ];
  return parts.join('');
}

/** One line for all cells that only one side has: a row for each would hide the others. */
function onlyInText(side: 'base' | 'head', cells: readonly CellComparison[]): string {
  const [first, ...others] = cells.filter(({ onlyIn }) => onlyIn === side);
  if (first === undefined) return '';
  const name = codeMarkdown(first.cell);
  if (others.length === 0) return `\n1 cell is only in the ${side}: ${name}.\n`;
  return `\n${1 + others.length} cells are only in the ${side}: ${name}, …; \`--format json\` lists all of them.\n`;
}

/** One line: the outcome, and how many cells have which verdict. */
export function headline({ cells }: Comparison, strict: boolean): string {
  const verdicts = cells.map(({ verdict }) => verdict);
  const counted = VERDICTS.flatMap((verdict) => {
    const count = verdicts.filter((one) => one === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return `${outcome(verdicts, strict)}: ${counted.join(', ') || 'no cells'}`;
}

function outcome(verdicts: readonly Verdict[], strict: boolean): string {
  if (isUndecided(verdicts)) return 'Undecided';
  switch (exitCodeOfAll(verdicts, strict)) {
    case ExitCode.broken:
      return 'Broken or missing';
    case ExitCode.difference:
      return 'Regression';
    case ExitCode.undecided:
      return 'Undecided';
    default:
      return 'No regression';
  }
}

function sideText({ name, commit }: Side): string {
  return commit === null || commit === name
    ? codeMarkdown(name)
    : `${codeMarkdown(name)} (${commit.slice(0, 10)})`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function figure(finding: Finding | undefined, side: 'base' | 'head'): string {
  if (!finding) return NOTHING;
  const value = finding[side];
  switch (finding.unit) {
    case 'ms':
      return formatMs(value);
    case 'bytes':
      return finding.exact ? `${value} B` : formatBytes(value);
    default:
      return formatAmount(value);
  }
}

/** The ratio as a change in percent with its interval: `+12 % [+9.1 … +15]`. */
function change(finding: Finding | undefined): string {
  if (!finding) return NOTHING;
  if (finding.ratio === null) return finding.exact ? signed(finding.head - finding.base) : NOTHING;
  const { estimate, low, high, coverage } = finding.ratio;
  if (coverage === 0) return `${change100(estimate)} %`;
  return `${change100(estimate)} % [${change100(low)} … ${change100(high)}]`;
}

function change100(ratio: number): string {
  return signed(Number(((ratio - 1) * 100).toFixed(1)));
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '0';
}

function counts(finding: Finding | undefined): string {
  if (!finding) return NOTHING;
  const { base, head } = finding.n;
  return base === head ? String(base) : `${base}, ${head}`;
}

function toJson(comparison: Comparison, strict: boolean): object {
  const exitCode = exitCodeOfAll(
    comparison.cells.map(({ verdict }) => verdict),
    strict,
  );
  return { schema: 1, exitCode, strict, ...comparison };
}

/**
 * `customSmallerIsBetter` of github-action-benchmark: the head's figures. A cell without figures would
 * vanish from its charts, so every cell also has its verdict as a number: the exit code that it stands for.
 */
function toGithubActionBenchmark({ cells }: Comparison): object[] {
  return cells.flatMap((cell) => {
    const extra = `verdict: ${cell.verdict}${cell.reason === '' ? '' : `; ${cell.reason}`}`;
    return [
      ...cell.findings.map((finding) => {
        const range = finding.ratio && finding.ratio.coverage > 0 ? { range: change(finding) } : {};
        const { metric, unit, head } = finding;
        return { name: `${cell.cell} · ${metric}`, unit, value: head, ...range, extra };
      }),
      {
        name: `${cell.cell} · verdict`,
        unit: 'exit code',
        value: exitCodeOf(cell.verdict, true),
        extra,
      },
    ];
  });
}

/** Names of Bencher's measures; `latency` is its own, in nanoseconds. */
const BENCHER_MEASURES: Readonly<Record<string, string>> = {
  wall: 'latency',
  cpu: 'cpu-time-ns',
  online: 'online-time-ns',
  memory: 'peak-memory-bytes',
  bytes: 'sent-bytes',
  messages: 'messages',
  flights: 'flights',
};

/** Bencher Metric Format: the head's figures, and every cell's verdict as the exit code that it stands for. */
function toBencher({ cells }: Comparison): object {
  return Object.fromEntries(
    cells.map((cell) => [
      cell.cell,
      {
        ...Object.fromEntries(
          cell.findings.map(({ metric, unit, head }) => [
            BENCHER_MEASURES[metric] ?? metric,
            { value: unit === 'ms' ? head * 1e6 : head },
          ]),
        ),
        verdict: { value: exitCodeOf(cell.verdict, true) },
      },
    ]),
  );
}
