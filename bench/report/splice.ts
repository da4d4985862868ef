/** Puts the answer of a report into another document, between its markers, so that no figure is typed by hand. */
import { UsageError } from '../errors.ts';

/** A section of a report, and the name of the markers between which it goes. */
export interface Spliced {
  readonly title: string;
  readonly marker: string;
}
const ANSWER: Spliced = { title: 'The answer', marker: 'figures' };

/**
 * `document` with what `report` (Markdown) says below a title, by default "The answer", between its markers.
 * @throws UsageError when `document` has no markers, or the report no such section
 */
export function splice(document: string, report: string, { title, marker }: Spliced = ANSWER): string {
  const [begins, ends] = [`<!-- ${marker}: npm run figures -->`, `<!-- /${marker} -->`];
  const begin = document.indexOf(begins);
  const end = document.indexOf(ends, begin);
  if (begin < 0 || end < 0) throw new UsageError(`no figures can be put in: it lacks ${begins} … ${ends}`);
  const answer = report
    .split(/^## /m)
    .find((section) => section.startsWith(`${title}\n`))
    ?.slice(title.length + 1)
    .trim();
  if (!answer) {
    throw new UsageError(
      marker === ANSWER.marker
        ? 'the report has no answer to put in: no enclave was measured'
        : `the report has no section "${title}" to put in`,
    );
  }
  return `${document.slice(0, begin + begins.length)}\n\n${answer}\n\n${document.slice(end)}`;
}
