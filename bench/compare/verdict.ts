/**
 * What a comparison says of a cell, and the only place that decides it. `bench compare` and `bench ab`
 * both ask here; views print what they are given.
 */
import { ExitCode, UsageError } from '../errors.ts';
import type { Interval } from '../statistics/stats.ts';

/** In the order of their weight: of several that apply to a cell, the first is its verdict. */
export const VERDICTS = [
  /** The head has no right run, or one that failed. */
  'broken',
  /** The base has a right run, the head has none and no failure either. */
  'missing',
  'regressed',
  /** Something that the comparison takes for equal is not; the field is named. */
  'incomparable',
  /** The interval reaches from one side of a bound to the other. */
  'inconclusive',
  'improved',
  /** Only the head has a right run. */
  'new',
  'same',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The relative change that counts, e.g. 0.05, from `5%` or `0.05`. */
export function parseShare(text: string, flag: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(String(text).trim()) ?? [];
  const value = Number(digits) / (percent ? 100 : 1);
  if (!(value > 0 && value < 1)) {
    throw new UsageError(`--${flag} expects a share between 0 and 100 %, as 5% or 0.05, got ${text}`);
  }
  return value;
}

/**
 * The rule for noisy figures, where less is better: `interval` is of the ratio head / base. Regressed
 * or improved only when the whole interval is beyond the threshold, same only when it is within.
 * @param needed the coverage that the interval must have to decide anything
 */
export function decideRatio(
  interval: Interval,
  threshold: number,
  needed: number,
): 'regressed' | 'improved' | 'same' | 'inconclusive' {
  if (interval.coverage < needed) return 'inconclusive';
  const [low, high] = [1 / (1 + threshold), 1 + threshold];
  if (interval.low > high) return 'regressed';
  if (interval.high < low) return 'improved';
  return interval.low >= low && interval.high <= high ? 'same' : 'inconclusive';
}

/** The rule for exact figures, where less is better: no tolerance. */
export function decideExact(base: number, head: number): 'regressed' | 'improved' | 'same' {
  return head > base ? 'regressed' : head < base ? 'improved' : 'same';
}

/** The verdict that outweighs the others; `same` when there are none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? 'same';
}

/** The exit code of a cell's verdict. */
export function exitCodeOf(verdict: Verdict, strict: boolean): number {
  switch (verdict) {
    case 'broken':
    case 'missing':
      return ExitCode.broken;
    case 'regressed':
      return ExitCode.difference;
    case 'incomparable':
    case 'inconclusive':
      return strict ? ExitCode.undecided : ExitCode.fine;
    case 'improved':
    case 'new':
    case 'same':
      return ExitCode.fine;
  }
}

/** Verdicts that compare nothing with anything. */
const UNDECIDED: readonly Verdict[] = ['incomparable', 'inconclusive', 'new'];

/** Whether a comparison decided nothing at all, also because it had no cells. */
export function isUndecided(verdicts: readonly Verdict[]): boolean {
  return verdicts.every((verdict) => UNDECIDED.includes(verdict));
}

/** The exit code of a comparison: when several apply, 3 before 1 before 4. (Usage errors, 2, end it sooner.) */
export function exitCodeOfAll(verdicts: readonly Verdict[], strict: boolean): number {
  if (strict && isUndecided(verdicts)) return ExitCode.undecided;
  const codes = verdicts.map((verdict) => exitCodeOf(verdict, strict));
  const { broken, difference, undecided, fine } = ExitCode;
  return [broken, difference, undecided].find((code) => codes.includes(code)) ?? fine;
}
