/**
 * Statistics of paired differences: the Hodges–Lehmann shift, its exact interval, and the test that the
 * interval inverts, all through the Walsh averages (the means of all pairs of differences, each with
 * itself too). When the order within each pair was drawn at random, the sign of every difference is a
 * fair coin under the null hypothesis, whatever drift or outliers the machine has, and the test is
 * exact. (Hodges & Lehmann 1963; Hollander & Wolfe, Nonparametric Statistical Methods, chapter 3.)
 */
import type { Interval } from './stats.ts';

/** The shift of paired differences, with its interval. */
export interface Shift extends Interval {
  /** The Hodges–Lehmann estimate: the median of the Walsh averages. */
  readonly shift: number;
}

/** All n(n + 1)/2 Walsh averages of `differences`, ascending. */
export function walshAverages(differences: readonly number[]): Float64Array {
  const n = differences.length;
  if (n === 0) throw new RangeError('a shift needs at least one difference');
  const averages = new Float64Array((n * (n + 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) averages[at++] = (differences[i]! + differences[j]!) / 2;
  }
  return averages.sort();
}

/**
 * The Hodges–Lehmann shift and the interval that inverts the two-sided signed-rank test. Where so few
 * differences cannot reach `confidence`, the interval is [min, max], and `coverage` says what it has.
 * @throws {RangeError} when there are no differences
 */
export function shiftInterval(differences: readonly number[], confidence = 0.95): Shift {
  const averages = walshAverages(differences);
  const count = averages.length;
  const below = signedRankDistribution(differences.length);
  // The largest k with 2·P(W ≤ k − 1) ≤ 1 − confidence: from the k-th smallest to the k-th largest.
  let k = 1;
  while (k < count / 2 && 2 * below[k]! <= 1 - confidence) k++;
  const middle = (averages[(count - 1) >> 1]! + averages[count >> 1]!) / 2;
  return {
    shift: middle,
    low: averages[k - 1]!,
    high: averages[count - k]!,
    coverage: Math.max(0, 1 - 2 * below[k - 1]!),
  };
}

/**
 * Exact one-sided p-value of the signed-rank test against "the shift is at most `bound`". Differences
 * equal to the bound count as if they spoke for it.
 */
export function pValueAbove(differences: readonly number[], bound: number): number {
  const notAbove = walshAverages(differences).filter((average) => average <= bound).length;
  return signedRankDistribution(differences.length)[notAbove]!;
}

const distributions = new Map<number, Float64Array>();

/**
 * P(W ≤ w) for w = 0 … n(n + 1)/2, where W is the sum of those ranks 1 … n whose fair coin shows heads:
 * the exact null distribution of Wilcoxon's signed-rank statistic without ties.
 */
export function signedRankDistribution(n: number): Float64Array {
  const known = distributions.get(n);
  if (known) return known;
  const density = new Float64Array((n * (n + 1)) / 2 + 1);
  density[0] = 1;
  for (let rank = 1, highest = 0; rank <= n; rank++) {
    highest += rank;
    for (let sum = highest; sum >= 0; sum--) {
      density[sum] = (density[sum]! + (sum >= rank ? density[sum - rank]! : 0)) / 2;
    }
  }
  for (let sum = 1; sum < density.length; sum++)
    density[sum] = Math.min(1, density[sum]! + density[sum - 1]!);
  distributions.set(n, density);
  return density;
}
