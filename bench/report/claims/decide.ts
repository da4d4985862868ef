/**
 * The claims: is A faster than B? Every verdict in every view comes from {@link decide}, and from
 * nowhere else. Pure functions of times; nothing here reads, rounds or prints.
 *
 * A claim speaks of a *subject* (an enclave, say) and of all its *rivals* (every implementation that is
 * private by cryptography). It is *supported* when the subject is faster than each of them, *refuted*
 * when one of them is faster, and *undecided* otherwise. The intervals hold for all rivals, and for all
 * claims of a kind, together (Bonferroni): neither taking the fastest of many nor asking often helps.
 */

import type { Kind } from '../../contract.ts';
import {
  centre,
  type Executions,
  FEWEST_EXECUTIONS,
  ratioOfExecutions,
  ratioOfFew,
} from '../../statistics/executions.ts';

export type ClaimVerdict = 'supported' | 'refuted' | 'undecided';

/** One implementation (under one set of options) in one setting: sizes, data and network are the same for all. */
export interface Contender {
  readonly label: string;
  readonly impl: string;
  readonly kind: Kind;
  /** Whether it is an enclave without its hardware. */
  readonly simulated: boolean;
  /** Wall times of its right runs by sets of processes, warm-up left out; empty when no run was right. */
  readonly executions: Executions;
  /** How runs failed, each outcome once. */
  readonly failures: readonly string[];
}

/** A rival's time over the subject's: above 1 the subject is faster. */
export interface RivalRatio {
  readonly rival: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /**
   * With what confidence the order may be believed where the interval leaves 1 out, for all decisions
   * together. Below {@link CONFIDENCE} there were too few sets of processes.
   */
  readonly confidence: number;
}

/** What is known of one claim: everything that {@link decide} needs. Plain JSON. */
export interface Evidence {
  readonly subject: string;
  readonly simulated: boolean;
  /** By the rivals' median times, the fastest first. */
  readonly comparisons: readonly RivalRatio[];
  /** Why the question cannot be asked here; empty when it can. */
  readonly obstacles: readonly string[];
  /** Rivals that failed: how fast they are is not known, so nothing is faster than all of them. */
  readonly failed: readonly string[];
  /** Rivals that were not run here (skipped, unavailable). */
  readonly notRun: readonly string[];
}

export interface Decision {
  readonly verdict: ClaimVerdict;
  /** Why, in a few words. */
  readonly reason: string;
  /** The fastest rival's time over the subject's, slowed down as asked; null without a fair pair. */
  readonly ratio: RivalRatio | null;
}

/** What an interval must have to decide. */
export const CONFIDENCE = 0.95;

/** Outcomes that say nothing against an implementation: it was not run. */
export const NOT_RUN: readonly string[] = ['skipped', 'unavailable'];

/**
 * Compares `subject` with every one of `rivals` that has no failed run. `decisions`: how many such claims
 * are decided along with this one. The probability that even one of all their intervals misses is kept
 * below 1 − {@link CONFIDENCE} (Bonferroni over decisions and rivals).
 */
export function gather(subject: Contender, rivals: readonly Contender[], decisions = 1): Evidence {
  const failures = (contender: Contender) => contender.failures.filter((how) => !NOT_RUN.includes(how));
  const isSound = (contender: Contender) =>
    contender.failures.length === 0 && contender.executions.length > 0;
  const sound = rivals
    .filter(isSound)
    .toSorted((a, b) => centre(a.executions) - centre(b.executions) || (a.label < b.label ? -1 : 1));
  const obstacles: string[] = [];
  if (failures(subject).length > 0) obstacles.push(`${subject.label} had failed runs`);
  else if (!isSound(subject)) obstacles.push(`${subject.label} was not run`);
  if (sound.length === 0) obstacles.push('no rival has a correct result');
  return {
    subject: subject.label,
    simulated: subject.simulated,
    comparisons:
      obstacles.length > 0 ? [] : sound.map((rival) => compare(subject, rival, sound.length * decisions)),
    obstacles,
    failed: rivals.filter((rival) => failures(rival).length > 0).map((rival) => rival.label),
    notRun: rivals
      .filter((rival) => !isSound(rival) && failures(rival).length === 0)
      .map((rival) => rival.label),
  };
}

function compare(subject: Contender, rival: Contender, intervals: number): RivalRatio {
  const [a, b] = [rival.executions, subject.executions];
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, intervals);
  // A rival that is so slow that the budget held few executions of it must not leave everything open.
  const isFew = a.length < FEWEST_EXECUTIONS && b.length >= FEWEST_EXECUTIONS;
  const { ratio, low, high } = isFew ? ratioOfFew(a, b, confidence) : ratioOfExecutions(a, b, confidence);
  const enough = Math.min(a.length, b.length) >= FEWEST_EXECUTIONS;
  return { rival: rival.label, ratio, low, high, confidence: enough ? CONFIDENCE : 0 };
}

/**
 * The verdict, if the subject took `slowdown` times as long as it was measured to take.
 * @throws RangeError when `slowdown` is not a positive number
 */
export function decide(evidence: Evidence, slowdown = 1): Decision {
  if (!(slowdown > 0 && Number.isFinite(slowdown))) {
    throw new RangeError(`"slowdown" expected a positive number, got ${slowdown}`);
  }
  const [obstacle] = evidence.obstacles;
  const comparisons = evidence.comparisons.map((comparison) => ({
    ...comparison,
    ratio: comparison.ratio / slowdown,
    low: comparison.low / slowdown,
    high: comparison.high / slowdown,
  }));
  const fastest = comparisons[0];
  if (obstacle !== undefined || fastest === undefined) {
    return { verdict: 'undecided', reason: obstacle ?? 'nothing to compare with', ratio: null };
  }
  const verdict = (is: ClaimVerdict, reason: string): Decision => ({ verdict: is, reason, ratio: fastest });
  const faster = comparisons.find(({ high, confidence }) => high < 1 && confidence >= CONFIDENCE);
  if (faster) return verdict('refuted', `${faster.rival} is faster`);
  const close = comparisons.find(({ low, high }) => low <= 1 && high >= 1);
  if (close) return verdict('undecided', `no difference to ${close.rival} can be seen`);
  if (fastest.confidence < CONFIDENCE || fastest.high < 1)
    return verdict('undecided', 'too few sets of processes');
  const [failed] = evidence.failed;
  if (failed !== undefined)
    return verdict('undecided', `${failed} had failed runs, so its time is not known`);
  return verdict('supported', `faster than ${fastest.rival}, the fastest of ${comparisons.length}`);
}

/**
 * The break-even slowdown: by what factor the subject might take longer before its fastest rival takes
 * as long. Up to `low` the claim stands, above `high` it is turned; null without a fair pair.
 */
export function breakEven(evidence: Evidence): { ratio: number; low: number; high: number } | null {
  const { ratio } = decide(evidence);
  if (ratio === null) return null;
  const { comparisons } = evidence;
  const smallest = (of: 'low' | 'high') => Math.min(...comparisons.map((comparison) => comparison[of]));
  return { ratio: ratio.ratio, low: smallest('low'), high: smallest('high') };
}
