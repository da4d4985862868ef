/** Two machines side by side: verdict by verdict, and time by time. Nothing of one is pooled with the other. */

import { ratioOfExecutions } from '../../statistics/executions.ts';
import type { Ratio } from '../../statistics/stats.ts';
import type { Point } from '../charts/point.ts';
import { type Decision, decide } from '../claims/decide.ts';
import type { ClaimRow, Setting } from '../claims/text.ts';
import { headlineClaim } from '../matrix.ts';
import type { PageMachine } from './data.ts';

/** What the matrix says of one place on either machine; null where it was not measured. */
export interface AnswerPair extends Setting {
  readonly here: Decision | null;
  readonly there: Decision | null;
}

/** The headline claim of every setting that either machine has. */
export function pairAnswers(here: PageMachine, there: PageMachine): AnswerPair[] {
  const [own, other] = [answersOf(here), answersOf(there)];
  return [...new Map([...own, ...other]).entries()].map(
    ([key, { dataset, receiverSize, senderSize, overlap, network }]) => {
      const decided = (answers: ReadonlyMap<string, ClaimRow>) => {
        const row = answers.get(key);
        return row === undefined ? null : decide(row.claim.evidence);
      };
      return {
        dataset,
        receiverSize,
        senderSize,
        overlap,
        network,
        here: decided(own),
        there: decided(other),
      };
    },
  );
}

function answersOf({ claims }: PageMachine): ReadonlyMap<string, ClaimRow> {
  const settings = Map.groupBy(claims, (row) =>
    JSON.stringify([row.dataset, row.receiverSize, row.senderSize, row.overlap, row.network]),
  );
  return new Map(
    [...settings].flatMap(([key, rows]) => {
      const headline = headlineClaim(rows.map(({ claim }) => claim));
      const row = rows.find(({ claim }) => claim === headline);
      return row === undefined ? [] : [[key, row] as const];
    }),
  );
}

/** One implementation in one setting on both machines. */
export interface TimePair {
  readonly here: Point;
  readonly there: Point;
  /** `there`'s time over `here`'s with Welch's 95 % interval; null where their links differ. */
  readonly ratio: Ratio | null;
}

/** What was measured on both, by the names of rows. */
export function pairTimes(here: PageMachine, there: PageMachine): TimePair[] {
  const key = ({ dataset, receiverSize, senderSize, network, label }: Point) =>
    JSON.stringify([dataset, receiverSize, senderSize, network, label]);
  const others = new Map(there.charts.points.map((point) => [key(point), point]));
  const executions = ({ medians }: Point) => medians.map((ms) => [ms]);
  return here.charts.points.flatMap((point) => {
    const other = others.get(key(point));
    if (other === undefined) return [];
    const alike = isSameLink(here.charts.links[point.network], there.charts.links[point.network]);
    const ratio = alike ? ratioOfExecutions(executions(other), executions(point)) : null;
    return [{ here: point, there: other, ratio }];
  });
}

type Links = PageMachine['charts']['links'];

/** A name may mean another link on another machine: within a tenth, and 1 ms, they are one. */
function isSameLink(a: Links[string] | undefined, b: Links[string] | undefined): boolean {
  if (!a || !b) return !a && !b;
  return (
    Math.abs(a.bandwidthBps / b.bandwidthBps - 1) <= 0.1 &&
    Math.abs(a.rttMs - b.rttMs) <= Math.max(1, 0.1 * a.rttMs)
  );
}
