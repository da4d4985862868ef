/** One table for every view: built once from rows, printed as Markdown or as text of fixed width. */

import { NOTHING } from './numbers.ts';

export interface TableColumn<Row> {
  readonly header: string;
  /** Numbers stand on the right, so that their units line up. */
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** May be left out when the text table is too wide; the highest goes first. 0 (default) stays. */
  readonly dispensable?: number;
  /** Stays a column where all rows say the same: what the table is about. */
  readonly kept?: boolean;
}

export interface TableData {
  readonly columns: readonly Omit<TableColumn<never>, 'cell'>[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  readonly cells: readonly string[];
  readonly strong: boolean;
  /** Rows under the same heading follow each other; the text table prints it before the first. */
  readonly heading: string;
}

/** Builds a table; rows for which `strong` holds stand out, `heading` says which rows belong together. */
export function buildTable<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  {
    strong = () => false,
    heading = () => '',
  }: { readonly strong?: (row: Row) => boolean; readonly heading?: (row: Row) => string } = {},
): TableData {
  return {
    columns: columns.map(({ cell, ...column }) => column),
    rows: rows.map((row) => ({
      cells: columns.map(({ cell }) => cell(row)),
      strong: strong(row),
      heading: heading(row),
    })),
  };
}

/** Which columns say the same in all rows, of which there are several; never all of them. */
export function constantColumns({ columns, rows }: TableData): number[] {
  const [first] = rows;
  if (first === undefined || rows.length < 2) return [];
  const constant = columns.flatMap(({ kept }, i) =>
    !kept && rows.every(({ cells }) => cells[i] === first.cells[i]) ? [i] : [],
  );
  return constant.length === columns.length ? constant.slice(1) : constant;
}

/** What those columns say, e.g. `data set: random; network: lan`; nothing of those that are empty. */
export function constantText({ columns, rows }: TableData, constant: readonly number[]): string {
  const values = constant.map((i) => [columns[i]?.header ?? '', rows[0]?.cells[i] ?? ''] as const);
  return values
    .filter(([, value]) => value !== '' && value !== NOTHING)
    .map(([header, value]) => (header === '' ? value : `${header}: ${value}`))
    .join('; ');
}

/** The table in Markdown, and above it, on one line, what all its rows have in common. */
export function leanMarkdown(table: TableData): string {
  const constant = constantColumns(table);
  const varies = (_: unknown, i: number) => !constant.includes(i);
  const rest = {
    columns: table.columns.filter(varies),
    rows: table.rows.map((row) => ({ ...row, cells: row.cells.filter(varies) })),
  };
  const common = constantText(table, constant);
  return (common === '' ? '' : `All rows: ${escapeMarkdown(common)}.\n\n`) + tableToMarkdown(rest);
}

/** The table in GitHub's Markdown; strong rows are bold. Ends with a line break. */
export function tableToMarkdown({ columns, rows }: TableData): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const bold = (cell: string, strong: boolean) => (strong && cell !== '' ? `**${cell}**` : cell);
  return (
    line(columns.map((column) => escapeMarkdown(column.header))) +
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))) +
    rows.map(({ cells, strong }) => line(cells.map((cell) => bold(escapeMarkdown(cell), strong)))).join('')
  );
}

/** Text that Markdown shows as it is, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));
}

/** Text as code on one line of Markdown, also within a table. */
export function codeMarkdown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return longest > 0 ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`;
}

/**
 * The table as aligned text of at most `width` characters: dispensable columns are left out, then the
 * widest left-aligned one is cut short. Strong rows begin with an asterisk. Ends with a line break.
 */
export function tableToText(table: TableData, width: number): string {
  const all = table.rows.map(({ cells, strong }) => [
    `${strong ? '* ' : '  '}${cells[0]}`,
    ...cells.slice(1),
  ]);
  let kept = table.columns.map((_, i) => i);
  const headers = table.columns.map(({ header }, i) => (i === 0 ? `  ${header}` : header));
  const natural = headers.map((header, i) =>
    Math.max(lengthOf(header), ...all.map((cells) => lengthOf(cells[i]!))),
  );
  const total = () => kept.reduce((sum, i) => sum + natural[i]!, 2 * (kept.length - 1));
  while (total() > width) {
    const rank = (i: number) => table.columns[i]!.dispensable ?? 0;
    const next = kept.reduce((a, b) => (rank(b) > rank(a) ? b : a));
    if (rank(next) === 0) break;
    kept = kept.filter((i) => i !== next);
  }
  const left = kept.filter((i) => table.columns[i]!.align === 'left');
  const widest = left.reduce((a, b) => (natural[b]! > natural[a]! ? b : a), left[0] ?? 0);
  const limits = [...natural];
  limits[widest] = Math.max(Math.min(10, natural[widest]!), natural[widest]! - Math.max(0, total() - width));
  const line = (cells: readonly string[]) =>
    `${kept
      .map((i) => {
        const cell = cut(cells[i]!, limits[i]!);
        const fill = ' '.repeat(limits[i]! - lengthOf(cell));
        return table.columns[i]!.align === 'right' ? fill + cell : cell + fill;
      })
      .join('  ')
      .trimEnd()}\n`;
  const rule = line(limits.map((limit) => '─'.repeat(limit)));
  const body = all.map((cells, i) => {
    const { heading } = table.rows[i]!;
    return (heading === (table.rows[i - 1]?.heading ?? '') ? '' : `${heading}\n`) + line(cells);
  });
  return line(headers) + rule + body.join('');
}

function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, limit: number): string {
  return lengthOf(text) <= limit ? text : `${[...text].slice(0, limit - 1).join('')}…`;
}
