/** Tables that sort by a click or key on a column's header, and that can be taken along as CSV. */

/** A cell's value for sorting: `data-value` where it has one (a number), its text otherwise. */
function sortValue(row: HTMLTableRowElement, column: number): number | string {
  const cell = row.cells[column]!;
  return cell.dataset.value === undefined ? cell.textContent! : Number(cell.dataset.value);
}

/** Puts a button into every header cell; `announcer` is a live region that says how the table is sorted. */
export function makeSortable(table: HTMLTableElement, announcer: HTMLElement): void {
  const headers = [...table.tHead!.rows[0]!.cells];
  headers.forEach((header, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = header.textContent;
    header.replaceChildren(button);
    button.addEventListener('click', () => {
      const up = header.getAttribute('aria-sort') !== 'ascending';
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const body = table.tBodies[0]!;
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [sortValue(a, column), sortValue(b, column)];
        const order =
          typeof x === 'number' && typeof y === 'number'
            ? x - y
            : String(x) < String(y)
              ? -1
              : x === y
                ? 0
                : 1;
        return up ? order : -order;
      });
      body.append(...rows);
      announcer.textContent = `Sorted by ${button.textContent}, ${up ? 'ascending' : 'descending'}.`;
    });
  });
}

/** The rows that are shown, values unrounded. */
export function tableToCsv(table: HTMLTableElement): string {
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = [...table.tHead!.rows[0]!.cells].map((cell) => cell.dataset.name ?? cell.textContent!);
  const rows = [...table.tBodies[0]!.rows].filter((row) => !row.hidden);
  const lines = rows.map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent!));
  return [head, ...lines].map((line) => `${line.map(quoted).join(',')}\n`).join('');
}
