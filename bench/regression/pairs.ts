/**
 * Taking one pair: both sides play in turns, round by round, in fresh processes that are warm, and each
 * side's figure is the mean of the middle half of its rounds. Turns that short meet the same neighbours,
 * clock rates and caches. A process is slow or quick by accident for as long as it lives, so the next pair
 * has new ones: pairs, not rounds, are what is independent. (Kalibera & Jones, Rigorous benchmarking in
 * reasonable time, 2013.)
 */
import type { Cost, Pair } from '../compare/comparison.ts';

/** Something that can be run once, again and again. */
export interface Player {
  /** Plays once. */
  play(): Promise<Cost>;
}

/** A side's rounds of one pair last at least so long in all: shorter ones are mostly the harness's noise. */
const SIDE_CPU_MS = 40;
const FEWEST_ROUNDS = 4;
const MOST_ROUNDS = 30;

/** How many rounds make a pair of runs that take `cpuMs` each. */
export function roundsFor(cpuMs: number): number {
  return Math.max(FEWEST_ROUNDS, Math.min(MOST_ROUNDS, Math.ceil(SIDE_CPU_MS / Math.max(cpuMs, 0.001))));
}

/**
 * Plays `rounds` rounds. The order within each is drawn anew, so that exchanging both sides' names is as
 * likely as not: that makes the sign of a pair a fair coin when the sides are alike.
 * @param random numbers in [0, 1)
 */
export async function takePair(
  base: Player,
  head: Player,
  rounds: number,
  random: () => number,
): Promise<Pair> {
  const costs: { base: Cost[]; head: Cost[] } = { base: [], head: [] };
  for (let round = 0; round < rounds; round++) {
    const headFirst = random() < 0.5;
    for (const side of headFirst ? (['head', 'base'] as const) : (['base', 'head'] as const)) {
      costs[side].push(await (side === 'base' ? base : head).play());
    }
  }
  const middle = (side: readonly Cost[]): Cost => ({
    cpuMs: middleMean(side.map(({ cpuMs }) => cpuMs)),
    wallMs: middleMean(side.map(({ wallMs }) => wallMs)),
  });
  return { base: middle(costs.base), head: middle(costs.head) };
}

/**
 * The mean of the middle half of `values` (the interquartile mean): it forgets outliers, and yet does not
 * jump where a machine has two speeds, as a median does.
 */
export function middleMean(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const drop = Math.floor(sorted.length / 4);
  const kept = sorted.slice(drop, sorted.length - drop);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
