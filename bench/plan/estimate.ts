/** How long a run will take: from what other sizes and networks took, or from the own cost model. */
import { type LinkObservation, networkCostMs } from '../network/model.ts';
import type { Cell } from './plan.ts';

/** What one run of a cell took; with what it sent, it tells of other networks too. */
export interface Observation extends Partial<Pick<LinkObservation, 'flights' | 'sentBytes'>> {
  readonly cell: Cell;
  readonly wallMs: number;
}

/** An observation as it would have been over the network in question. */
interface Point {
  readonly work: number;
  readonly wallMs: number;
  /** Whether it was over that network. */
  readonly direct: boolean;
}

/** The work of a protocol is taken to grow with the items of both sets. */
function workOf(cell: Cell): number {
  return cell.sizes.receiver + cell.sizes.sender;
}

/**
 * Predicted wall time of one run of `cell` in ms: a straight line through the last two sizes measured
 * that are not larger (never below the last), in proportion where there is one, else the
 * implementation's `estimate`; `null` without either. What was measured over another network counts
 * with that network's cost taken off and this one's put on (bytes / bandwidth + flights · RTT / 2),
 * where nothing of that size was measured over this one.
 */
export function predictWallMs(cell: Cell, observations: readonly Observation[]): number | null {
  const points = observations
    .filter((known) => known.cell.series === cell.series && workOf(known.cell) <= workOf(cell))
    .flatMap((known) => pointOf(known, cell))
    .sort((a, b) => a.work - b.work || Number(a.direct) - Number(b.direct));
  const last = points.at(-1);
  if (!last) return cell.located.implementation.estimate?.(cell.sizes, cell.options).wallMs ?? null;
  const before = points.findLast(({ work }) => work < last.work);
  if (!before) return last.wallMs * Math.max(1, workOf(cell) / Math.max(1, last.work));
  const slope = (last.wallMs - before.wallMs) / (last.work - before.work);
  return last.wallMs + Math.max(0, slope) * (workOf(cell) - last.work);
}

function pointOf({ cell: known, wallMs, flights, sentBytes }: Observation, cell: Cell): Point[] {
  const work = workOf(known);
  if (known.network === cell.network) return [{ work, wallMs, direct: true }];
  if (flights === undefined || sentBytes === undefined) return [];
  const traffic = { flights, sentBytes };
  const computeMs = Math.max(0, wallMs - networkCostMs(traffic, known.link));
  return [{ work, wallMs: computeMs + networkCostMs(traffic, cell.link), direct: false }];
}
