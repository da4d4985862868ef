/**
 * Comparing two pieces of code on a machine that is never quite quiet: both run in turns, each turn gives
 * one ratio, and the median of the ratios has an interval that assumes nothing about their distribution.
 */

import { type Player, takeTurns } from '../bench/run/turns.ts';

/** A value with its interval; `coverage` is the probability that such an interval holds the true median. */
export interface Median {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly coverage: number;
}

export interface TimeRatio {
  /** Time of the one over time of the other, in the same turn. */
  readonly ratio: Median;
  /** Wall time of each, in ms. */
  readonly ms: readonly [Median, Median];
}

/**
 * Median and order-statistic interval: the narrowest from the k-th smallest to the k-th largest value that
 * covers at least 95 % (exact, by the binomial distribution); with fewer than 6 values, all of them.
 * @throws RangeError when there are no values.
 */
export function median(values: readonly number[]): Median {
  const n = values.length;
  if (n === 0) throw new RangeError('"values" must not be empty');
  const sorted = values.toSorted((a, b) => a - b);
  let k = 0;
  let coverage = 1 - 2 ** (1 - n);
  for (let tail = 2 ** -n, term = tail; k + 1 < n / 2; k++) {
    term *= (n - k) / (k + 1);
    tail += term;
    if (1 - 2 * tail < 0.95) break;
    coverage = 1 - 2 * tail;
  }
  const value = (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
  return { value, low: sorted[k]!, high: sorted[n - 1 - k]!, coverage };
}

/** A piece of code that is timed: `units` of it are one turn. */
export interface Work {
  readonly units: number;
  run(): unknown;
}

/** Runs each work once per round, in random order; ms per unit, a list per work. `warmUp` rounds do not count. */
export async function interleave(
  works: readonly Work[],
  rounds: number,
  warmUp: number,
): Promise<number[][]> {
  const times = works.map((): number[] => []);
  const players = works.map(
    ({ units, run }, i): Player => ({
      name: String(i),
      wants: (turns) => turns < warmUp + rounds,
      play: run,
      took: (ms) => times[i]?.push(ms / units),
    }),
  );
  await takeTurns(players, Math.random);
  return times.map((all) => all.slice(warmUp));
}

/**
 * Runs `one` and `other` in turns, after a turn that does not count. `scale` is how much more work `other` stands
 * for than it does, where all of it would take too long.
 */
export async function compare(
  one: () => unknown,
  other: () => unknown,
  turns: number,
  scale = 1,
): Promise<TimeRatio> {
  const works = [
    { units: 1, run: one },
    { units: 1 / scale, run: other },
  ];
  const [first = [], second = []] = await interleave(works, turns, 1);
  return {
    ratio: median(first.map((time, i) => time / second[i]!)),
    ms: [median(first), median(second)],
  };
}

/** `1.23 (1.20 … 1.31)`. */
export function show({ value, low, high }: Median, digits = 2): string {
  return `${value.toFixed(digits)} (${low.toFixed(digits)} … ${high.toFixed(digits)})`;
}

/** All of `median` divided by `by`; an interval turned round when `by` goes the other way is the caller's. */
export function scaled(median: Median, by: number): Median {
  return { ...median, value: median.value * by, low: median.low * by, high: median.high * by };
}

/** The inverse of a ratio: `one` over `other` becomes `other` over `one`. */
export function inverse({ value, low, high, coverage }: Median): Median {
  return { value: 1 / value, low: 1 / high, high: 1 / low, coverage };
}
