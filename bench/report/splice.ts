/** Puts the answer of a report into another document, between its markers, so that no figure is typed by hand. */
import { UsageError } from '../errors.ts';

const BEGIN = '<!-- figures: npm run figures -->';
const END = '<!-- /figures -->';

/**
 * `document` with what `report` (Markdown) says below "The answer" between its markers.
 * @throws UsageError when `document` has no markers, or the report no answer
 */
export function splice(document: string, report: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new UsageError(`no figures can be put in: it lacks ${BEGIN} … ${END}`);
  const answer = report
    .split(/^## /m)
    .find((section) => section.startsWith('The answer\n'))
    ?.slice('The answer\n'.length)
    .trim();
  if (!answer) throw new UsageError('the report has no answer to put in: no enclave was measured');
  return `${document.slice(0, begin + BEGIN.length)}\n\n${answer}\n\n${document.slice(end)}`;
}
