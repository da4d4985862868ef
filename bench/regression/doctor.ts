/**
 * How noisy this machine is, by an A/A test: one cell against itself in interleaved pairs, as `bench ab`
 * takes them, judged by the same rule. From the pairs follows what can be resolved here.
 */
import type { Cost, Pair } from '../compare/comparison.ts';
import { metricNamed } from '../compare/metrics.ts';
import { UsageError } from '../errors.ts';
import { sampleLoad } from '../machine/foreign-load.ts';
import { sampleAes, sampleCopy, sampleX25519 } from '../machine/yardstick.ts';
import { type Cell, makePlan, obstacleOf } from '../plan/plan.ts';
import { smallRequest } from '../plan/request.ts';
import { shuffled } from '../run/turns.ts';
import { shiftInterval } from '../statistics/signed-rank.ts';
import { median, mulberry32, quantile } from '../statistics/stats.ts';
import { type Player, roundsFor, takePair } from './pairs.ts';
import { assess, differenceOf, type Rule } from './rule.ts';
import { WarmCell } from './warm-cell.ts';

const TIMEOUT_MS = 30_000;
const LOAD_MS = 500;
/** How often pairs are drawn anew to see how intervals of other such pairs would fall. */
const RESAMPLES = 200;
/** A change counts as resolved when it is found this often. */
const POWER = 0.9;

/** Fixed work, repeated: how steady the bare machine is. */
export interface YardstickFacts {
  readonly name: string;
  readonly medianUs: number;
  /** From the 10th to the 90th percentile, relative to the median. */
  readonly spread: number;
}

/** What a metric's pairs say. All shares are relative: 0.05 is 5 %. */
export interface NoiseFacts {
  readonly metric: 'cpu' | 'wall';
  readonly medianMs: number;
  /** From run to run: 10th to 90th percentile over the median. */
  readonly spread: number;
  /** Medians of the last quarter over the first, minus 1: what comparing two runs one after the other would see. */
  readonly drift: number;
  /** Half the 95 % interval of the shift of all pairs. */
  readonly halfWidth: number;
  /** By number of pairs: the slow-down that `bench ab` would flag nine times in ten. */
  readonly resolvable: readonly { readonly pairs: number; readonly slowdown: number }[];
}

export interface Diagnosis {
  readonly cell: string;
  /** Busy share of each core before anything was started. */
  readonly load: readonly number[];
  readonly yardsticks: readonly YardstickFacts[];
  readonly pairs: readonly Pair[];
  readonly noise: readonly NoiseFacts[];
  /** What `bench ab` would have said: anything but "same" or "inconclusive" is a false alarm. */
  readonly verdict: string;
}

/** Runs the A/A test on a small cell of `impl`. @throws UsageError when it cannot run here */
export async function diagnose(
  impl: string,
  size: number,
  rule: Rule,
  pairs: number,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const load = await sampleLoad(LOAD_MS);
  const yardsticks = [
    yardstickFacts('X25519 (OpenSSL)', sampleX25519),
    yardstickFacts('AES-128-CTR, 1 MiB', sampleAes),
    yardstickFacts('copy of 1 MiB', sampleCopy),
  ];
  const cell = await cellOf(impl, size);
  const measured = await samplePairs(cell, pairs, signal);
  return {
    cell: cell.id,
    load,
    yardsticks,
    pairs: measured,
    noise: (['cpu', 'wall'] as const).map((metric) => noiseFacts(metric, measured, rule)),
    verdict: assess(differencesOf('cpu', measured), rule, 1)?.verdict ?? 'inconclusive',
  };
}

function yardstickFacts(name: string, sample: () => number): YardstickFacts {
  const times = Array.from({ length: 25 }, () => sample());
  return { name, medianUs: median(times), spread: spreadOf(times) };
}

function spreadOf(values: readonly number[]): number {
  return (quantile(values, 0.9) - quantile(values, 0.1)) / median(values);
}

async function cellOf(impl: string, size: number): Promise<Cell> {
  const sizes = { receiver: [size], sender: [size] };
  const { blocks } = await makePlan(smallRequest([impl], sizes, { seed: 'doctor', timeoutMs: TIMEOUT_MS }));
  const cell = blocks[0]!.cells[0]!;
  const obstacle = await obstacleOf(cell);
  if (obstacle) throw new UsageError(`--impl ${impl} cannot run here: ${obstacle.reason}`);
  return cell;
}

async function samplePairs(cell: Cell, count: number, signal: AbortSignal): Promise<Pair[]> {
  const pairs: Pair[] = [];
  while (pairs.length < count && !signal.aborted) {
    const sides: WarmCell[] = [];
    try {
      for (let side = 0; side < 2; side++) {
        const warm = await WarmCell.start(cell, TIMEOUT_MS, signal);
        if ('outcome' in warm) throw new Error(`${warm.outcome}: ${warm.reason}`);
        sides.push(warm);
      }
      const rounds = roundsFor(Math.max(...sides.map(({ lastCpuMs }) => lastCpuMs)));
      const [a, b] = shuffled(sides, Math.random).map(playerOf) as [Player, Player];
      pairs.push(await takePair(a, b, rounds, Math.random));
    } catch (error) {
      if (signal.aborted) return pairs;
      throw error;
    } finally {
      await Promise.all(sides.map((side) => side.close()));
    }
  }
  return pairs;
}

/** Plays the cell, as one side of a pair. */
function playerOf(warm: WarmCell): Player {
  return {
    play: async () => {
      const sample = await warm.run();
      if (sample.outcome !== 'ok') throw new Error(`${sample.outcome}: ${sample.reason}`);
      return { cpuMs: metricNamed('cpu').of(sample)!, wallMs: sample.wallMs };
    },
  };
}

function valuesOf(metric: 'cpu' | 'wall', pairs: readonly Pair[]) {
  const of = (side: Cost) => (metric === 'cpu' ? side.cpuMs : side.wallMs);
  return pairs.map(({ base, head }) => ({ base: of(base), head: of(head) }));
}

function differencesOf(metric: 'cpu' | 'wall', pairs: readonly Pair[]): number[] {
  return valuesOf(metric, pairs).map(differenceOf);
}

/** What the pairs of an A/A test say of a metric. Needs a pair at least. */
export function noiseFacts(metric: 'cpu' | 'wall', pairs: readonly Pair[], rule: Rule): NoiseFacts {
  const values = valuesOf(metric, pairs);
  const runs = values.flatMap(({ base, head }) => [base, head]);
  const quarter = Math.max(1, runs.length >> 2);
  const differences = values.map(differenceOf);
  const { low, high } = shiftInterval(differences, 0.95);
  return {
    metric,
    medianMs: median(runs),
    spread: spreadOf(runs),
    drift: median(runs.slice(-quarter)) / median(runs.slice(0, quarter)) - 1,
    halfWidth: (high - low) / 2,
    resolvable: rule.looks.map((count) => ({ pairs: count, slowdown: resolvable(differences, count, rule) })),
  };
}

/**
 * The slow-down that is found nine times in ten with `count` pairs as noisy as `differences`: as pairs are
 * drawn anew, their interval moves with the slow-down, so one pass over resamples tells.
 */
function resolvable(differences: readonly number[], count: number, rule: Rule): number {
  const random = mulberry32(1);
  const centre = median(differences);
  const level = 1 - (rule.alpha * count) / rule.looks.at(-1)! / 2;
  const lows = Array.from({ length: RESAMPLES }, () => {
    const drawn = Array.from(
      { length: count },
      () => differences[Math.floor(random() * differences.length)]! - centre,
    );
    return shiftInterval(drawn, level).low;
  });
  return Math.exp(Math.log(1 + rule.threshold) - quantile(lows, 1 - POWER)) - 1;
}

/** What to do about it, the most useful first. */
export function advice({ load, yardsticks, noise, verdict }: Diagnosis, threshold: number): string[] {
  const said: string[] = [];
  const busy = load.filter((share) => share >= 0.2).length;
  if (busy > 0) {
    said.push(
      busy < load.length
        ? 'Something else is running: close it, or keep the benchmark off its cores with --cpus.'
        : 'Something else is running on every core: close it before measuring.',
    );
  }
  const unsteady = yardsticks.find(({ spread }) => spread > 0.15);
  if (unsteady) {
    said.push(
      `Even fixed work (${unsteady.name}) varies by ${percent(unsteady.spread)}: a shared or throttled machine. Compare in pairs only (bench ab).`,
    );
  }
  const [cpu, wall] = noise as [NoiseFacts, NoiseFacts];
  if (Math.abs(wall.drift) > threshold) {
    said.push(
      `Times drifted by ${percent(Math.abs(wall.drift))} within this test: two runs made one after the other (bench compare) would differ by as much.`,
    );
  }
  const enough = cpu.resolvable.find(({ slowdown }) => slowdown < 2 * threshold + threshold / 2);
  said.push(
    enough
      ? `bench ab finds a slow-down of ${percent(enough.slowdown)} here with ${enough.pairs} pairs, at its threshold of ${percent(threshold)}.`
      : `Here bench ab finds slow-downs from ${percent(cpu.resolvable.at(-1)!.slowdown)} on only: use larger sets, or a quieter machine.`,
  );
  if (verdict === 'regressed' || verdict === 'improved') {
    said.push(
      `This A/A test came out "${verdict}", which is false: bench ab would measure again before it says so; do not gate on this machine if that happens twice.`,
    );
  }
  return said;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
