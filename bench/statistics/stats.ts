/**
 * Statistics of samples, as pure functions. Times of programs are skewed and have outliers, so the
 * middle of a sample is its median, and intervals come from order statistics or from resampling;
 * nothing here assumes a normal distribution.
 */

/** An interval with the confidence that it has, which may differ from what was asked. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Probability that such an interval covers the true value, 0 to 1. */
  readonly coverage: number;
}

/** A median with its interval. */
export interface Estimated {
  readonly median: number;
  readonly interval: Interval;
}

/**
 * The quantile `q` (0 to 1) by linear interpolation between order statistics (Hyndman & Fan 1996,
 * type 7, as in R and NumPy).
 * @throws {RangeError} when there are no values
 */
export function quantile(values: readonly number[], q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`"q" expected 0 to 1, got ${q}`);
  const sorted = ascending(values);
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}

/** @throws {RangeError} when there are no values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The order-statistic interval of the median: from the k-th smallest to the k-th largest value, with
 * the largest k whose coverage, exact by the binomial distribution, reaches `confidence`. It holds for
 * every continuous distribution. With n < 6 values no interval reaches 95 %: then it is [min, max],
 * whose coverage is 1 − 2^(1−n). (Conover, Practical Nonparametric Statistics, section 3.2.)
 * @throws {RangeError} when there are no values
 */
export function medianInterval(values: readonly number[], confidence = 0.95): Interval {
  const sorted = ascending(values);
  const n = sorted.length;
  // Twice the probability that fewer than k of n values lie below the median.
  let outside = 2 * binomialHalf(n, 0);
  let k = 1;
  while (k < n / 2) {
    const next = outside + 2 * binomialHalf(n, k);
    if (1 - next < confidence) break;
    outside = next;
    k++;
  }
  return { low: sorted[k - 1]!, high: sorted[n - k]!, coverage: Math.max(0, 1 - outside) };
}

/** Probability of k heads in n throws of a fair coin, through logarithms so that no n overflows. */
function binomialHalf(n: number, k: number): number {
  let log = -n * Math.LN2;
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return Math.exp(log);
}

/** Half the interval's width relative to `value`: 0.05 reads "± 5 %". */
export function relativeHalfWidth(interval: Interval, value: number): number {
  return (interval.high - interval.low) / 2 / Math.abs(value);
}

/** A ratio of medians and its interval. */
export interface Ratio extends Interval {
  readonly ratio: number;
}

/** Below this many values resampling sees too little of a distribution to speak of 95 %. */
const FEWEST_FOR_BOOTSTRAP = 6;

/**
 * The ratio median(a) / median(b) of independent samples of positive values, with its percentile
 * bootstrap interval. The same arguments give the same interval: resampling is seeded. With fewer than
 * 6 values in either sample it is instead the quotient of both medians' intervals, which covers at
 * least what it says (Bonferroni): little, and 0 for a single value.
 * @param options.resamples how many times both samples are drawn anew
 * @throws {RangeError} when a sample is empty or has a value that is not positive
 */
export function ratioInterval(
  a: readonly number[],
  b: readonly number[],
  { confidence = 0.95, resamples = 2000, seed = 1 } = {},
): Ratio {
  for (const value of [...a, ...b]) {
    if (!(value > 0)) throw new RangeError(`a ratio expects positive values, got ${value}`);
  }
  const ratio = median(a) / median(b);
  if (Math.min(a.length, b.length) < FEWEST_FOR_BOOTSTRAP) {
    const above = medianInterval(a, confidence);
    const below = medianInterval(b, confidence);
    const coverage = Math.max(0, above.coverage + below.coverage - 1);
    return { ratio, low: above.low / below.high, high: above.high / below.low, coverage };
  }
  const random = mulberry32(seed);
  const drawA = medianOfResample(a, random);
  const drawB = medianOfResample(b, random);
  const ratios = Array.from({ length: resamples }, () => drawA() / drawB());
  const tail = (1 - confidence) / 2;
  return { ratio, low: quantile(ratios, tail), high: quantile(ratios, 1 - tail), coverage: confidence };
}

/** Draws `values` anew (with replacement) at every call and returns the median, without sorting. */
function medianOfResample(values: readonly number[], random: () => number): () => number {
  const sorted = ascending(values);
  const n = sorted.length;
  const drawn = new Uint32Array(n);
  return () => {
    drawn.fill(0);
    for (let i = 0; i < n; i++) drawn[Math.floor(random() * n)]!++;
    // The lower and the upper of the middle pair, which are one when n is odd.
    let i = 0;
    let passed = drawn[0]!;
    while (passed < (n + 1) >> 1) passed += drawn[++i]!;
    const lower = sorted[i]!;
    while (passed < (n >> 1) + 1) passed += drawn[++i]!;
    return (lower + sorted[i]!) / 2;
  };
}

/**
 * Uniform numbers in [0, 1) from a 32-bit seed: mulberry32 by Tommy Ettinger. For resampling only,
 * where it must be the same everywhere; it is no source of secrets.
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

function ascending(values: readonly number[]): Float64Array {
  if (values.length === 0) throw new RangeError('a statistic needs at least one value');
  return Float64Array.from(values).sort();
}
