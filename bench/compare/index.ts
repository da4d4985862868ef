/** Compares two sets of records, cell by cell. Reads records and nothing else. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../record/environment.ts';
import {
  type FailedSample,
  listRecords,
  type OkSample,
  RecordError,
  type RunRecord,
  readRecord,
  type Sample,
} from '../record/samples.ts';
import { median, ratioInterval } from '../statistics/stats.ts';
import type { CellComparison, Comparison, Finding, RatioFound } from './comparison.ts';
import { type CellRuns, differingMachine, differingSubject } from './fields.ts';
import { EXACT_METRICS, type Metric } from './metrics.ts';
import { decideExact, decideRatio, type Verdict, worst } from './verdict.ts';

/** Intervals of ratios are asked to cover this much; a record has many cells, and each is one question. */
const CONFIDENCE = 0.99;
/** An interval that covers less than this decides nothing: that of five runs or fewer. */
const NEEDED = 0.95;

export interface CompareOptions {
  /** What to decide by; null: wall time and all exact figures. */
  readonly metric: Metric | null;
  readonly wall: Metric;
  readonly threshold: number;
}

/**
 * The record in `dir`, or the records of the folders in it, as `bench merge` leaves them.
 * @throws RecordError when there is none or one cannot be read
 */
export async function readRecords(dir: string): Promise<RunRecord[]> {
  if (existsSync(join(dir, 'environment.json'))) return [await readRecord(dir)];
  const folders = await listRecords(dir);
  if (folders.length === 0) {
    throw new RecordError(`${dir} is not the folder of a run: it has no environment.json`);
  }
  return Promise.all(folders.map(readRecord));
}

/** Compares `head` with `base`. @throws RecordError when a side has the same cell twice for one machine. */
export function compareRecords(
  base: readonly RunRecord[],
  head: readonly RunRecord[],
  options: CompareOptions,
): Comparison {
  const bases = cellsOf(base);
  const heads = cellsOf(head);
  const metric = options.metric ?? options.wall;
  return {
    kind: 'records',
    base: sideOf(base),
    head: sideOf(head),
    metric: metric.name,
    threshold: options.threshold,
    cells: [...new Set([...bases.keys(), ...heads.keys()])]
      .sort()
      .flatMap((cell) => compareCells(cell, bases.get(cell) ?? [], heads.get(cell) ?? [], options)),
    warnings: [...base, ...head].flatMap(({ warnings }) => warnings),
  };
}

function sideOf(records: readonly RunRecord[]) {
  const commits = new Set(records.map(({ environment }) => environment.code.commit));
  return {
    name: records.map(({ environment }) => environment.run).join(', '),
    commit: commits.size === 1 ? [...commits][0]! : null,
  };
}

/** One cell as one record has it. */
interface Recorded {
  readonly environment: Environment;
  readonly samples: readonly Sample[];
  /** X25519 beside the runs of the whole record, in µs. */
  readonly yardsticks: readonly number[];
}

function cellsOf(records: readonly RunRecord[]): Map<string, Recorded[]> {
  const found = new Map<string, Recorded[]>();
  for (const { environment, samples } of records) {
    const yardsticks = samples.map(({ yardstickUs }) => yardstickUs).filter((us) => us !== null);
    for (const [cell, own] of Map.groupBy(samples, ({ cell }) => cell)) {
      const known = found.get(cell) ?? [];
      const twin = known.find((other) => other.environment.host.fingerprint === environment.host.fingerprint);
      if (twin) {
        throw new RecordError(
          `${cell} is in two records of one machine, ${twin.environment.run} and ${environment.run}: compare one run at a time`,
        );
      }
      found.set(cell, [...known, { environment, samples: own, yardsticks }]);
    }
  }
  return found;
}

/** Pairs the records of a cell machine by machine; what is left over has no partner of its own. */
function compareCells(
  cell: string,
  bases: readonly Recorded[],
  heads: readonly Recorded[],
  options: CompareOptions,
): CellComparison[] {
  const left = [...heads];
  const pairs: [Recorded | null, Recorded | null][] = [];
  const take = (base: Recorded, host: boolean) => {
    const at = left.findIndex(
      ({ environment }) => !host || environment.host.fingerprint === base.environment.host.fingerprint,
    );
    return at < 0 ? null : left.splice(at, 1)[0]!;
  };
  const alone: Recorded[] = [];
  for (const base of bases) {
    const partner = take(base, true);
    if (partner) pairs.push([base, partner]);
    else alone.push(base);
  }
  for (const base of alone) pairs.push([base, take(base, false)]);
  for (const head of left) pairs.push([null, head]);
  const several = pairs.length > 1;
  return pairs.map(([base, head]) => {
    const host = (base ?? head)!.environment.host.fingerprint;
    return compareCell(several ? `${cell} @${host}` : cell, base, head, options);
  });
}

function compareCell(
  cell: string,
  base: Recorded | null,
  head: Recorded | null,
  options: CompareOptions,
): CellComparison {
  const verdict = (verdict: Verdict, reason: string): CellComparison => {
    const alone = verdict !== 'broken' && (!head ? 'base' : !base ? 'head' : null);
    return { cell, verdict, reason, ...(alone && { onlyIn: alone }), findings: [] };
  };
  const failure = head && failureOf(head);
  if (failure && !isExcuse(failure)) return verdict('broken', `${failure.outcome}: ${failure.reason}`);
  const before = base && failureOf(base);
  const measuredBefore = base !== null && !before && rightRuns(base).length > 0;
  if (!head || failure) {
    const why = failure ? `${failure.outcome}: ${failure.reason}` : 'not in the head';
    if (measuredBefore) return verdict('missing', why);
    if (!base || (before && isExcuse(before)))
      return verdict('incomparable', `${why}; no figures on either side`);
    return verdict('missing', `${why}; the base has no correct result either`);
  }
  if (rightRuns(head).length === 0) {
    return measuredBefore
      ? verdict('missing', 'the head was interrupted before a measured run')
      : verdict('incomparable', 'no measured run on either side');
  }
  if (!measuredBefore) {
    const why = before ? `${before.outcome} in the base` : base ? 'no measured run in the base' : '';
    return verdict('new', why);
  }
  return compareFigures(cell, base, head, options);
}

/** What was skipped or cannot run is no fault of the code. */
function isExcuse({ outcome }: FailedSample): boolean {
  return outcome === 'skipped' || outcome === 'unavailable';
}

/** The failure that ended the cell: a real one before an excuse. */
function failureOf({ samples }: Recorded): FailedSample | null {
  const failed = samples.filter((sample): sample is FailedSample => sample.outcome !== 'ok');
  return failed.find((sample) => !isExcuse(sample)) ?? failed[0] ?? null;
}

function rightRuns({ samples }: Recorded): OkSample[] {
  return samples.filter((sample): sample is OkSample => sample.outcome === 'ok' && !sample.warmup);
}

function compareFigures(
  cell: string,
  base: Recorded,
  head: Recorded,
  options: CompareOptions,
): CellComparison {
  const sides: [CellRuns, CellRuns] = [
    { environment: base.environment, runs: rightRuns(base) },
    { environment: head.environment, runs: rightRuns(head) },
  ];
  const subject = differingSubject(...sides);
  if (subject.length > 0) {
    return { cell, verdict: 'incomparable', reason: `differs: ${subject.join(', ')}`, findings: [] };
  }
  const machine = differingMachine(base.environment, head.environment);
  const timeless = whyTimeless(sides[0].runs[0]!);
  const metrics = options.metric ? [options.metric] : [options.wall, ...EXACT_METRICS];
  const findings = metrics.flatMap((metric) => {
    const values = sides.map(({ runs }) => runs.map((run) => metric.of(run)).filter((one) => one !== null));
    const [a, b] = values as [number[], number[]];
    if (a.length === 0 || b.length === 0) return [];
    if (metric.exact) return [exactFinding(metric, a, b)];
    if (timeless !== null) return [];
    const finding = ratioFinding(metric, a, b, machineRatio(base, head), options.threshold);
    if (machine.length === 0) return [finding];
    return [
      { ...finding, ratio: null, verdict: 'incomparable' as const, reason: `differs: ${machine.join(', ')}` },
    ];
  });
  if (findings.length === 0) {
    const reason = timeless ?? `${metrics[0]!.title} was not measured`;
    return { cell, verdict: 'incomparable', reason, findings };
  }
  const verdict = worst(findings.map((finding) => finding.verdict));
  const reasons = findings.filter((finding) => finding.verdict === verdict && finding.reason !== '');
  return { cell, verdict, reason: reasons.map(({ reason }) => reason).join('; '), findings };
}

/** Why the times of such runs are no measurements; null when they are. */
function whyTimeless({ seeded, hardware }: OkSample): string | null {
  if (seeded) return 'seeded protocols: a test, which has no times';
  return hardware === 'emulated' ? 'a machine emulated in software, whose times mean nothing' : null;
}

function exactFinding(metric: Metric, base: readonly number[], head: readonly number[]): Finding {
  const [a, b] = [median(base), median(head)];
  const constant = [base, head].every((values) => values.every((value) => value === values[0]));
  const verdict = constant ? decideExact(a, b) : 'inconclusive';
  const reason = !constant
    ? `${metric.name} vary between runs`
    : verdict === 'same'
      ? ''
      : `${metric.name} ${a} → ${b}`;
  const n = { base: base.length, head: head.length };
  return {
    metric: metric.name,
    unit: metric.unit,
    exact: true,
    base: a,
    head: b,
    n,
    ratio: null,
    verdict,
    reason,
  };
}

/** How much slower the machine itself was in the head: 1 where the yardstick does not tell. */
function machineRatio(base: Recorded, head: Recorded): number {
  if (base.yardsticks.length === 0 || head.yardsticks.length === 0) return 1;
  return median(head.yardsticks) / median(base.yardsticks);
}

/**
 * Two runs of the same code differ by more than their intervals say, because the machine drifts between
 * them. So a change must hold both as measured and beside the yardstick: the interval that decides spans
 * both readings, and no figure is divided by anything.
 */
function ratioFinding(
  metric: Metric,
  base: readonly number[],
  head: readonly number[],
  machine: number,
  threshold: number,
): Finding {
  const n = { base: base.length, head: head.length };
  const common = { metric: metric.name, unit: metric.unit, exact: false, n };
  const figures = { base: median(base), head: median(head) };
  if ([...base, ...head].some((value) => !(value > 0))) {
    const verdict = figures.base === figures.head ? 'same' : 'inconclusive';
    return { ...common, ...figures, ratio: null, verdict, reason: 'some runs took no time at all' };
  }
  const measured = ratioInterval(head, base, { confidence: CONFIDENCE, seed: 1 });
  const ratio: RatioFound = {
    estimate: measured.ratio,
    low: measured.low,
    high: measured.high,
    coverage: measured.coverage,
  };
  const drift = metric.unit === 'ms' ? machine : 1;
  const widened = {
    low: Math.min(measured.low, measured.low / drift),
    high: Math.max(measured.high, measured.high / drift),
    coverage: measured.coverage,
  };
  const verdict = decideRatio(widened, threshold, NEEDED);
  return { ...common, ...figures, ratio, verdict, reason: reasonOf() };

  function reasonOf(): string {
    if (verdict !== 'inconclusive') return '';
    if (measured.coverage < NEEDED)
      return `only ${n.base} and ${n.head} runs: run at least 6 (--runs 6) on both sides`;
    if (decideRatio(measured, threshold, NEEDED) === 'inconclusive')
      return 'the interval crosses a bound: run more';
    const percent = Math.abs((drift - 1) * 100).toFixed(0);
    return `the machine itself was ${percent} % ${drift > 1 ? 'slower' : 'faster'} by the yardstick: use bench ab`;
  }
}
