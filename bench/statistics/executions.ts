/**
 * Times that were measured in several *executions*: sets of processes that were started anew. Runs of one
 * execution share its memory layout, its compiled code and its luck, so they are not independent; the
 * executions are. Each counts once, with the median of its runs; what is said of a cell rests on how
 * these medians differ. (Kalibera and Jones, Rigorous benchmarking in reasonable time, ISMM 2013;
 * Georges, Buytaert and Eeckhout, OOPSLA 2007.)
 *
 * Times vary by factors, so all is done on their logarithms: the estimate is the geometric mean of the
 * medians, its interval is Student's, and that of a ratio is Welch's.
 */
import { type Interval, median, medianInterval, type Ratio } from './stats.ts';
import { studentFactor } from './student.ts';

/** Runs by execution; every execution has at least one, and all are positive. */
export type Executions = readonly (readonly number[])[];

/** With fewer executions than these nothing is decided. */
export const FEWEST_EXECUTIONS = 3;

interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Of the mean; not known (NaN) with a single execution. */
  readonly variance: number;
}

/** Mean of the logarithms of the executions' medians, and the variance of that mean. */
function spreadOf(executions: Executions): Spread {
  if (executions.length === 0) throw new RangeError('an estimate needs at least one execution');
  const logs = executions.map((runs) => {
    const middle = median(runs);
    if (!(middle > 0)) throw new RangeError(`times are expected to be positive, got ${middle}`);
    return Math.log(middle);
  });
  const n = logs.length;
  const mean = logs.reduce((sum, log) => sum + log, 0) / n;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  return { n, mean, variance: squares / (n - 1) / n };
}

/** The geometric mean of the executions' medians. @throws {RangeError} without an execution */
export function centre(executions: Executions): number {
  return Math.exp(spreadOf(executions).mean);
}

/**
 * Student's interval of {@link centre}. With a single execution nothing is known of how executions
 * differ: then it is the order-statistic interval of that execution's median, and its `coverage` is 0.
 * @throws {RangeError} without an execution
 */
export function centreInterval(executions: Executions, confidence = 0.95): Interval {
  const [only] = executions;
  if (executions.length === 1 && only !== undefined) {
    return { ...medianInterval(only, confidence), coverage: 0 };
  }
  const { n, mean, variance } = spreadOf(executions);
  const reach = studentFactor(confidence, n - 1) * Math.sqrt(variance);
  return { low: Math.exp(mean - reach), high: Math.exp(mean + reach), coverage: confidence };
}

/**
 * The ratio centre(a) / centre(b) of independent executions with Welch's interval. Where either has a
 * single execution there is no interval worth the name: the extremes of the runs, with coverage 0.
 * @throws {RangeError} without an execution on either side
 */
export function ratioOfExecutions(a: Executions, b: Executions, confidence = 0.95): Ratio {
  const [above, below] = [spreadOf(a), spreadOf(b)];
  const ratio = Math.exp(above.mean - below.mean);
  if (above.n === 1 || below.n === 1) {
    const [x, y] = [a.flat(), b.flat()];
    return {
      ratio,
      low: Math.min(...x) / Math.max(...y),
      high: Math.max(...x) / Math.min(...y),
      coverage: 0,
    };
  }
  const variance = above.variance + below.variance;
  if (variance === 0) return { ratio, low: ratio, high: ratio, coverage: confidence };
  const freedom = variance ** 2 / (above.variance ** 2 / (above.n - 1) + below.variance ** 2 / (below.n - 1));
  const reach = studentFactor(confidence, freedom) * Math.sqrt(variance);
  return { ratio, low: ratio * Math.exp(-reach), high: ratio * Math.exp(reach), coverage: confidence };
}

/**
 * The ratio centre(few) / centre(many) where `few` has too few executions to show how they differ: they are taken to differ as
 * those of `many` do (Student's interval with the variance and the freedom of `many`).
 * @throws {RangeError} without an execution on either side
 */
export function ratioOfFew(
  few: Executions,
  many: Executions,
  confidence: number,
): Interval & { ratio: number } {
  const [above, below] = [spreadOf(few), spreadOf(many)];
  const ratio = Math.exp(above.mean - below.mean);
  const ofOne = below.variance * below.n;
  const reach = studentFactor(confidence, below.n - 1) * Math.sqrt(ofOne / above.n + ofOne / below.n);
  return { ratio, low: ratio * Math.exp(-reach), high: ratio * Math.exp(reach), coverage: confidence };
}

/**
 * After how many executions the interval's width is looked at with `--precision`. To stop when it looks
 * good is to choose, so the confidence is shared out among the looks (Bonferroni): whichever ends the
 * sampling, its interval has the confidence that was asked for.
 */
export const LOOKS: readonly number[] = [3, 5, 8, 12, 18, 27, 40];

/** What each look's interval must have, so that all of them together have `confidence`. */
export function confidenceOfLook(confidence: number): number {
  return 1 - (1 - confidence) / LOOKS.length;
}
