/**
 * A machine made of noise, to try the rule of `bench ab` on. It is harder than the machines that it was
 * modelled on: drift and a step that meet both sides, autocorrelation from run to run, outliers, and
 * processes that are slow or quick by accident for as long as they live, which meet one side only.
 */

import { mulberry32 } from '../statistics/stats.ts';
import { middleMean } from './pairs.ts';
import { type Assessment, confirm, DEFAULT_RULE, differenceOf, isSettled, judge, type Rule } from './rule.ts';

/** Standard deviations are of the logarithm: 0.03 is 3 %. */
export interface Noise {
  /** From run to run, independent. */
  readonly white: number;
  /** Autocorrelated part: its deviation, and how much of it the next run keeps. */
  readonly slow: number;
  readonly memory: number;
  /** Per process and side. */
  readonly process: number;
  readonly outlierShare: number;
  /** Mean of an outlier's excess. */
  readonly outlier: number;
  /** Drift per run. */
  readonly drift: number;
  /** The machine has two speeds, a neighbour's doing: how far apart, and how often it changes per run. */
  readonly twoSpeeds: number;
  readonly switching: number;
}

/** A CI machine that does nothing else. */
export const NOISE: Noise = {
  white: 0.1,
  slow: 0.05,
  memory: 0.95,
  process: 0.03,
  outlierShare: 0.05,
  outlier: 0.3,
  drift: 0.0002,
  twoSpeeds: 0,
  switching: 0,
};

/** Other work on every core, as measured while this was written: nothing small can be resolved there. */
export const BUSY: Noise = { ...NOISE, white: 0.2, slow: 0.1, process: 0.1, twoSpeeds: 0.6, switching: 0.1 };

const ROUNDS = 10;

/** Logarithms of head / base, pair after pair; `slowdown` 0.2 makes the head 20 % slower. */
export function* pairs(seed: number, slowdown: number, noise: Noise = NOISE): Generator<number, never> {
  const random = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let [slow, step, speed, t] = [noise.slow * normal(), 0, 0, 0];
  const run = (bias: number) => {
    slow = noise.memory * slow + Math.sqrt(1 - noise.memory ** 2) * noise.slow * normal();
    if (random() < 0.001) step = 0.1 * normal(); // a neighbour comes or goes
    if (random() < noise.switching) speed = random() < 0.5 ? 0 : noise.twoSpeeds;
    const outlier = random() < noise.outlierShare ? -noise.outlier * Math.log(1 - random()) : 0;
    return Math.exp(bias + noise.drift * t++ + step + speed + slow + noise.white * normal() + outlier);
  };
  for (;;) {
    const bias = { base: noise.process * normal(), head: noise.process * normal() + Math.log(1 + slowdown) };
    const times: { base: number[]; head: number[] } = { base: [], head: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const headFirst = random() < 0.5;
      for (const side of headFirst ? (['head', 'base'] as const) : (['base', 'head'] as const)) {
        times[side].push(run(bias[side]));
      }
    }
    yield differenceOf({ base: middleMean(times.base), head: middleMean(times.head) });
  }
}

export interface Trial {
  readonly assessments: readonly Assessment[];
  /** Pairs measured in all, confirmation included. */
  readonly pairs: number;
  /** Cells that the first measurement flagged. */
  readonly flagged: number;
}

/** One whole `bench ab` over `cells` cells, the first of which has the slow-down. */
export function simulate(
  seed: number,
  slowdown: number,
  { cells = 1, rule = DEFAULT_RULE, noise = NOISE }: { cells?: number; rule?: Rule; noise?: Noise } = {},
): Trial {
  let used = 0;
  const measure = (cell: number, attempt: number, among: number) => {
    const source = pairs(seed * 1000 + cell * 10 + attempt, cell === 0 ? slowdown : 0, noise);
    const differences: number[] = [];
    while (!isSettled(differences, rule, among)) differences.push(source.next().value);
    used += differences.length;
    return differences;
  };
  const first = judge(
    Array.from({ length: cells }, (_, cell) => measure(cell, 0, cells)),
    rule,
  );
  const flagged = first.flatMap(({ verdict }, cell) => (verdict === 'regressed' ? [cell] : []));
  const again = judge(
    flagged.map((cell) => measure(cell, 1, flagged.length)),
    rule,
  );
  const assessments = first.map((one, cell) => {
    const at = flagged.indexOf(cell);
    return at < 0 ? one : confirm(one, again[at]!);
  });
  return { assessments, pairs: used, flagged: flagged.length };
}

/** How often each verdict came out over many trials. */
export function tally(trials: number, slowdown: number, options: Parameters<typeof simulate>[2] = {}) {
  const verdicts = { same: 0, improved: 0, regressed: 0, inconclusive: 0 };
  let [total, alarms, flagged] = [0, 0, 0];
  for (let seed = 1; seed <= trials; seed++) {
    const trial = simulate(seed, slowdown, options);
    total += trial.pairs;
    flagged += trial.flagged > 0 ? 1 : 0;
    verdicts[trial.assessments[0]!.verdict]++;
    if (trial.assessments.some(({ verdict }) => verdict === 'regressed')) alarms++;
  }
  return { verdicts, alarms, flagged, meanPairs: total / trials / (options.cells ?? 1) };
}

/** Upper 95 % bound of a probability after `hits` in `trials` (Clopper–Pearson, one-sided; for 0 hits about 3/n). */
export function upperBound(hits: number, trials: number): number {
  let [low, high] = [hits / trials, 1];
  while (high - low > 1e-9) {
    const p = (low + high) / 2;
    if (binomialAtMost(hits, trials, p) > 0.05) low = p;
    else high = p;
  }
  return high;
}

function binomialAtMost(hits: number, trials: number, p: number): number {
  let sum = 0;
  let log = trials * Math.log1p(-p);
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(log);
    log += Math.log((trials - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return sum;
}
