/**
 * When two revisions differ: the decision of `bench ab`, as pure functions over sequences of pairs.
 *
 * One pair is one measurement of each revision by fresh processes (see `ab-pairs.ts`), interleaved in random
 * order; what counts is the logarithm of head / base of their CPU times. After 10, 20, 40 and 80 pairs the exact signed-rank
 * interval of the Hodges–Lehmann shift is looked at. A cell is regressed only when that whole interval is
 * beyond the threshold, and sampling stops as soon as the interval decides either way.
 *
 * False alarms are bounded three times over. Each look spends its share of `alpha`, in proportion to the
 * pairs that it adds, so that all looks together spend no more than `alpha` whatever their dependence
 * (union bound). The cells of one comparison share `alpha` by Holm's step-down method. And a flagged cell
 * is measured anew with fresh processes, and must be flagged again.
 */
import type { RatioFound } from '../compare/comparison.ts';
import { decideRatio } from '../compare/verdict.ts';
import { pValueAbove, type Shift, shiftInterval } from '../statistics/signed-rank.ts';

export interface Rule {
  /** The relative change that counts, e.g. 0.05. */
  readonly threshold: number;
  /** Bound on the probability of any false verdict among the cells of one comparison, before confirmation. */
  readonly alpha: number;
  /** After how many pairs to look, ascending; the last is the most that are taken. */
  readonly looks: readonly number[];
}

export const DEFAULT_RULE: Rule = { threshold: 0.05, alpha: 0.05, looks: [10, 20, 40, 80] };

export interface Assessment {
  readonly verdict: 'same' | 'improved' | 'regressed' | 'inconclusive';
  /** Head / base, with the interval that decided. */
  readonly ratio: RatioFound;
  /** After how many pairs it was decided. */
  readonly pairs: number;
}

/** The logarithm of head / base of one pair of positive values. */
export function differenceOf(pair: { readonly base: number; readonly head: number }): number {
  return Math.log(pair.head / pair.base);
}

/** The share of `alpha` that look `i` may spend. */
function weight({ looks }: Rule, i: number): number {
  return (looks[i]! - (looks[i - 1] ?? 0)) / looks.at(-1)!;
}

/**
 * The first look that decides, else the last one taken.
 * @param divisor among how many cells `alpha` is shared
 * @returns null before the first look
 */
export function assess(differences: readonly number[], rule: Rule, divisor: number): Assessment | null {
  let last: Assessment | null = null;
  for (const [i, pairs] of rule.looks.entries()) {
    if (pairs > differences.length) break;
    const level = 1 - (rule.alpha * weight(rule, i)) / divisor;
    const found = shiftInterval(differences.slice(0, pairs), level);
    const ratio = ratioOf(found);
    last = { verdict: decideRatio(ratio, rule.threshold, level), ratio, pairs };
    if (last.verdict !== 'inconclusive') break;
  }
  return last;
}

function ratioOf({ shift, low, high, coverage }: Shift): RatioFound {
  return { estimate: Math.exp(shift), low: Math.exp(low), high: Math.exp(high), coverage };
}

/** Whether a cell, one of `cells`, needs no more pairs. */
export function isSettled(differences: readonly number[], rule: Rule, cells: number): boolean {
  if (differences.length >= rule.looks.at(-1)!) return true;
  if (!rule.looks.includes(differences.length)) return false;
  return assess(differences, rule, cells)!.verdict !== 'inconclusive';
}

/** How little chance explains of a cell's change: of both directions and all looks together. */
function pValueOf(differences: readonly number[], rule: Rule): number {
  const bound = Math.log(1 + rule.threshold);
  const values = rule.looks.flatMap((pairs, i) => {
    if (pairs > differences.length) return [];
    const seen = differences.slice(0, pairs);
    const mirrored = seen.map((difference) => -difference);
    const p = 2 * Math.min(pValueAbove(seen, bound), pValueAbove(mirrored, bound));
    return [p / weight(rule, i)];
  });
  return Math.min(1, ...values);
}

/**
 * The verdicts of all cells by Holm's method: the clearest must hold against `alpha` shared among all
 * cells, the next against one cell fewer, and so on until one does not hold. Every cell needs at least
 * as many pairs as the first look.
 */
export function judge(cells: readonly (readonly number[])[], rule: Rule): Assessment[] {
  const order = cells
    .map((differences, i) => ({ i, differences, p: pValueOf(differences, rule) }))
    .sort((a, b) => a.p - b.p || a.i - b.i);
  const found: Assessment[] = [];
  let divisor = cells.length;
  for (const { i, differences } of order) {
    const assessment = assess(differences, rule, divisor);
    if (!assessment) throw new RangeError(`a verdict needs at least ${rule.looks[0]} pairs`);
    found[i] = assessment;
    const holds = assessment.verdict === 'regressed' || assessment.verdict === 'improved';
    if (holds) divisor = Math.max(1, divisor - 1);
  }
  return found;
}

/** What remains of a flagged cell's verdict after its second measurement. */
export function confirm(first: Assessment, second: Assessment): Assessment {
  return first.verdict === second.verdict ? second : { ...second, verdict: 'inconclusive' };
}
