/** Shows two machines side by side. Runs in a browser. */

import { formatMs, NOTHING, significant } from '../../format/numbers.ts';
import { nameOf, type Point } from '../charts/point.ts';
import type { Decision } from '../claims/decide.ts';
import { formatRivalRatio, formatSizes } from '../claims/text.ts';
import { pairAnswers, pairTimes } from './comparison.ts';
import type { PageHost, PageMachine } from './data.ts';
import { htmlTable } from './html.ts';

/** One side: the machine, and its part that is shown. */
export interface Side {
  readonly host: PageHost;
  readonly part: PageMachine;
}

/** Fills `place` with what both machines are, their verdicts, and their times. */
export function showComparison(place: HTMLElement, here: Side, there: Side): void {
  const [a, b] = [here.host.name, there.host.name];
  const answers = pairAnswers(here.part, there.part);
  const times = pairTimes(here.part, there.part);
  const facts = here.host.facts.map(([name, value]) => ({
    name,
    here: value,
    there: there.host.facts.find(([other]) => other === name)?.[1] ?? NOTHING,
  }));
  const verdict = (decision: Decision | null) => decision?.verdict ?? 'not measured';
  const interval = ({ low, high, ms }: Point) => `${formatMs(ms)} [${formatMs(low)} … ${formatMs(high)}]`;
  // Built from escaped text, as everything else on the page.
  place.innerHTML = [
    '<h3 id="pair-facts-title">What they are</h3>',
    htmlTable('pair-facts', 'pair-facts-title', facts, [
      { header: 'what', kept: true, cell: ({ name }) => name },
      { header: a, kept: true, cell: (fact) => fact.here },
      { header: b, kept: true, cell: (fact) => fact.there },
    ]),
    `<h3 id="pair-answers-title">Enclave or cryptography, ${here.part.mode}: the best cryptography’s time over the enclave’s</h3>`,
    htmlTable('pair-answers', 'pair-answers-title', answers, [
      { header: 'data set', cell: (row) => row.dataset },
      { header: 'items', nowrap: true, kept: true, cell: formatSizes },
      { header: 'network', kept: true, cell: (row) => row.network },
      { header: `${a}: verdict`, kept: true, cell: (row) => verdict(row.here) },
      { header: 'ratio', number: true, kept: true, cell: (row) => formatRivalRatio(row.here?.ratio ?? null) },
      { header: 'against', kept: true, cell: (row) => row.here?.ratio?.rival ?? NOTHING },
      { header: `${b}: verdict`, kept: true, cell: (row) => verdict(row.there) },
      {
        header: 'ratio',
        number: true,
        kept: true,
        cell: (row) => formatRivalRatio(row.there?.ratio ?? null),
      },
      { header: 'against', kept: true, cell: (row) => row.there?.ratio?.rival ?? NOTHING },
    ]),
    `<h3 id="pair-times-title">Times of each implementation, ${here.part.mode}, with 95 % intervals</h3>`,
    '<p class="note">The ratio is the second machine’s time over the first’s: above 1 the first is faster. Its interval ' +
      'is Welch’s, of each row by itself. There is none where a network of that name was another link.</p>',
    htmlTable('pair-times', 'pair-times-title', times, [
      { header: 'implementation', kept: true, cell: (pair) => nameOf(pair.here) },
      { header: 'data set', cell: (pair) => pair.here.dataset },
      {
        header: 'items',
        nowrap: true,
        kept: true,
        cell: (pair) => formatSizes({ ...pair.here, overlap: 0 }),
      },
      { header: 'network', kept: true, cell: (pair) => pair.here.network },
      { header: a, number: true, kept: true, cell: (pair) => interval(pair.here) },
      { header: b, number: true, kept: true, cell: (pair) => interval(pair.there) },
      {
        header: 'ratio',
        number: true,
        kept: true,
        cell: ({ ratio }) =>
          ratio === null
            ? NOTHING
            : `${significant(ratio.ratio)} × [${significant(ratio.low)} … ${significant(ratio.high)}]`,
      },
    ]),
  ].join('\n');
}
