/** How long a run will take: from what smaller sizes took, or from the implementation's own cost model. */
import type { Cell } from './plan.ts';

/** What one run of a cell took. */
export interface Observation {
  readonly cell: Cell;
  readonly wallMs: number;
}

/** The work of a protocol is taken to grow with the items of both sets. */
function workOf(cell: Cell): number {
  return cell.sizes.receiver + cell.sizes.sender;
}

/** Whether two cells differ in nothing but their sizes. */
function sameSeries(a: Cell, b: Cell): boolean {
  return a.series === b.series;
}

/**
 * Predicted wall time of one run of `cell` in ms: a straight line through the last two smaller sizes
 * measured (never below the last), in proportion where there is one, else the implementation's
 * `estimate`; `null` without either.
 */
export function predictWallMs(cell: Cell, observations: readonly Observation[]): number | null {
  const smaller = observations
    .filter((known) => sameSeries(known.cell, cell) && workOf(known.cell) <= workOf(cell))
    .sort((a, b) => workOf(a.cell) - workOf(b.cell));
  const last = smaller.at(-1);
  if (!last) return cell.located.implementation.estimate?.(cell.sizes, cell.options).wallMs ?? null;
  const before = smaller.findLast((known) => workOf(known.cell) < workOf(last.cell));
  if (!before) return last.wallMs * Math.max(1, workOf(cell) / Math.max(1, workOf(last.cell)));
  const slope = (last.wallMs - before.wallMs) / (workOf(last.cell) - workOf(before.cell));
  return last.wallMs + Math.max(0, slope) * (workOf(cell) - workOf(last.cell));
}
