/** Choosing cells by name, as `--cells` does. */
import { splitList } from '../words.ts';

/** Whether a cell's name is one of those that `text` names, with commas; `*` stands for anything. */
export function cellPattern(text: string): (cell: string) => boolean {
  const escaped = splitList(text).map((part) =>
    part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'),
  );
  const pattern = new RegExp(`^(?:${escaped.join('|')})$`);
  return (cell) => pattern.test(cell);
}
