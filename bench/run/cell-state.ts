/** How far a cell has come in a sweep, and when it has enough. */
import type { Cell } from '../plan/plan.ts';
import type { RunRequest } from '../plan/request.ts';
import { formatOptions, type Sample } from '../record/samples.ts';
import { median, medianInterval, relativeHalfWidth } from '../statistics/stats.ts';
import type { Circumstances } from './one-run.ts';

/** The confidence that `--precision` speaks of. */
const CONFIDENCE = 0.95;

export class CellState {
  readonly cell: Cell;
  readonly estimateMs: number | null;
  ended: boolean;
  spentMs = 0;
  /** What the last run took in all, and what of it was measured. */
  lastMs = 0;
  lastWallMs = 0;
  readonly #run: string;
  readonly #request: RunRequest;
  readonly #walls: number[];
  #sample: number;

  /** `earlier`: the rows of an interrupted run that is continued. */
  constructor(
    cell: Cell,
    { request, run, earlier }: { request: RunRequest; run: string; earlier: readonly Sample[] },
    estimateMs: number | null,
  ) {
    const mine = earlier.filter((sample) => sample.cell === cell.id);
    this.cell = cell;
    this.estimateMs = estimateMs;
    this.#run = run;
    this.#request = request;
    this.#sample = mine.length === 0 ? 0 : Math.max(...mine.map(({ sample }) => sample)) + 1;
    this.ended = mine.some(({ outcome }) => outcome !== 'ok');
    const right = mine.filter((sample) => sample.outcome === 'ok');
    this.#walls = right.filter(({ warmup }) => !warmup).map(({ wallMs }) => wallMs);
    for (const { wallMs } of right) {
      this.spentMs += wallMs;
      this.lastMs = wallMs;
    }
  }

  /** Measured runs so far. */
  get measured(): number {
    return this.#walls.length;
  }

  /** Whether an earlier, interrupted run has already done all of it, or all that the budget allows. */
  get isComplete(): boolean {
    const outOfBudget = this.measured > 0 && this.spentMs + this.lastMs > this.#request.budgetMs;
    return this.ended || this.remainingRuns === 0 || outOfBudget;
  }

  /** Runs that are asked for still; with a precision, the most that it may take. */
  get remainingRuns(): number {
    const { runs, precision } = this.#request;
    if (precision === null) return Math.max(0, runs - this.measured);
    return this.isPrecise ? 0 : Math.max(0, precision.maxRuns - this.measured);
  }

  /**
   * Whether there are runs and time enough, and the interval of the median is as tight as asked. False
   * where no precision is asked for.
   */
  get isPrecise(): boolean {
    const { runs, timeMs, precision } = this.#request;
    if (precision === null || this.measured < runs) return false;
    const halfWidth = this.halfWidth;
    if (halfWidth === null || halfWidth > precision.share) return false;
    return this.#walls.reduce((sum, wallMs) => sum + wallMs, 0) >= timeMs;
  }

  /** Half the 95 % interval of the median time, relative to it; null where so few runs have no such interval. */
  get halfWidth(): number | null {
    if (this.measured === 0) return null;
    const interval = medianInterval(this.#walls, CONFIDENCE);
    return interval.coverage < CONFIDENCE ? null : relativeHalfWidth(interval, median(this.#walls));
  }

  circumstances(warmup: boolean, yardsticks: { x25519Us: number } | null): Circumstances {
    return {
      run: this.#run,
      sample: this.#sample,
      warmup,
      optionsText: formatOptions(this.cell.options),
      estimateMs: this.estimateMs,
      yardsticks,
    };
  }

  took(totalMs: number, wallMs: number, warmup: boolean): void {
    this.#sample++;
    this.spentMs += totalMs;
    this.lastMs = totalMs;
    this.lastWallMs = wallMs;
    if (!warmup) this.#walls.push(wallMs);
  }
}
