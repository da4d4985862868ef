/** Tables as HTML. */

import { constantColumns, constantText } from '../../format/table.ts';

export interface HtmlColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => string;
  /** Unrounded, for sorting and export. */
  readonly value?: (row: Row) => number;
  /** The column's name in an export, with its unit. */
  readonly name?: string;
  readonly number?: boolean;
  /** Stays on one line. */
  readonly nowrap?: boolean;
  /** Stays a column where all rows say the same. */
  readonly kept?: boolean;
}

/**
 * A table in a box that scrolls sideways, named by the heading `labelledBy`. Columns that say the same in all
 * rows are hidden, and stand above it in words: an export has them still.
 */
export function htmlTable<Row>(
  id: string,
  labelledBy: string,
  rows: readonly Row[],
  columns: readonly HtmlColumn<Row>[],
  dataOf: (row: Row) => Readonly<Record<string, string>> = () => ({}),
): string {
  const table = {
    columns: columns.map(({ header, kept = false }) => ({ header, kept, align: 'left' as const })),
    rows: rows.map((row) => ({ cells: columns.map(({ cell }) => cell(row)), strong: false, heading: '' })),
  };
  const constant = constantColumns(table);
  const common = constantText(table, constant);
  const hidden = (i: number) => (constant.includes(i) ? ' hidden' : '');
  const head = columns
    .map(({ header, name, number }, i) => {
      const attributes = (number ? ' class="number"' : '') + (name ? ` data-name="${name}"` : '') + hidden(i);
      return `<th scope="col"${attributes}>${escapeHtml(header)}</th>`;
    })
    .join('');
  const body = rows.map((row) => {
    const data = Object.entries(dataOf(row)).map(([key, value]) => ` data-${key}="${escapeHtml(value)}"`);
    const cells = columns.map(({ cell, value, number, nowrap }, i) => {
      const attributes =
        (number ? ' class="number"' : nowrap ? ' class="nowrap"' : '') +
        (value ? ` data-value="${value(row)}"` : '') +
        hidden(i);
      return `<td${attributes}>${escapeHtml(cell(row))}</td>`;
    });
    return `<tr${data.join('')}>${cells.join('')}</tr>`;
  });
  return (
    (common === '' ? '' : `<p class="note">All rows: ${escapeHtml(common)}.</p>`) +
    `<div class="scroll" tabindex="0" role="region" aria-labelledby="${labelledBy}">` +
    `<table id="${id}" aria-labelledby="${labelledBy}"><thead><tr>${head}</tr></thead>` +
    `<tbody>${body.join('\n')}</tbody></table></div>`
  );
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
