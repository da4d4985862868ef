/** Statistics of one cell: what its right runs cost. */

import type { Role } from '../contract.ts';
import type { ImplementationFacts } from '../record/environment.ts';
import { type OkSample, type PartyRow, type Sample, STAGES, type Stage } from '../record/samples.ts';
import { centre, centreInterval, type Executions } from '../statistics/executions.ts';
import { type Estimated, median, type Ratio } from '../statistics/stats.ts';
import { ROLES } from '../terms.ts';

/** What sort of guarantee a row has; rows of different sorts are never in one table. */
export type Section = 'private' | 'enclave' | 'simulated' | 'trusted-party' | 'not-private';

/** Medians per party; a helper that is not there, and what was not measured, is null. */
export interface PerParty<Value = number | null> {
  readonly receiver: Value;
  readonly sender: Value;
  readonly helper: number | null;
}

/** Medians of what one party did in one phase. */
export interface PartyPhase {
  readonly party: Role;
  readonly phase: Stage;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly flights: number;
  readonly peakBytes: number | null;
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * A cell with at least one right run, warm-up left out. Its time is the geometric mean of the medians of
 * its sets of processes; every other figure is a median over all runs.
 */
export interface CellSummary {
  readonly cell: string;
  /** What tells the row from its neighbours: the implementation, and whatever else differs. */
  readonly label: string;
  readonly impl: string;
  readonly version: string;
  readonly build: Sample['build'];
  readonly hardware: Sample['hardware'];
  readonly engine: string;
  readonly options: string;
  readonly threads: number;
  readonly runs: readonly string[];
  readonly section: Section;
  readonly facts: ImplementationFacts;
  /** How many right runs the figures rest on. */
  readonly n: number;
  /** How many runs of this cell failed. Such a cell has no ratio and is never the fastest. */
  readonly failed: number;
  readonly wallMs: Estimated;
  /** The wall times themselves, by set of processes. */
  readonly executions: Executions;
  readonly phasesMs: Readonly<Record<Stage, number>>;
  /** The part of the start that was the loading of code. */
  readonly loadMs: number;
  /** What `close` took after the result, outside the time; null where it was not timed. */
  readonly closeMs: number | null;
  /** What is kept between the runs of a set of processes, as declared. */
  readonly keeps: readonly string[];
  readonly cpuMs: number;
  readonly partyCpuMs: PerParty<number>;
  readonly sentBytes: number;
  readonly partySentBytes: PerParty<number>;
  readonly flights: number;
  readonly messages: number;
  /** The largest party's; null where not measured for all. */
  readonly peakBytes: number | null;
  readonly partyPeakBytes: PerParty;
  /** Items of both sets per second of wall time. */
  readonly itemsPerSecond: number;
  /** Bytes sent by all parties per item of both sets. */
  readonly bytesPerItem: number;
  /** Wall time of the first run, in cold processes; null when that failed or was not made. */
  readonly coldMs: number | null;
  readonly partyPhases: readonly PartyPhase[];
  /** The reference's time over its own, above 1 it is faster; null without one, or when either had a failed run. */
  readonly ratio: Ratio | null;
  /** Whether this is the group's reference: the fastest row of the strongest section that has one. */
  readonly reference: boolean;
}

/** Everything recorded of one cell under the same conditions. */
export interface CellRuns {
  readonly samples: readonly Sample[];
  readonly parties: readonly PartyRow[];
  readonly facts: ImplementationFacts;
}

/** The right runs that count: not the warm-up. */
export function countedRuns(samples: readonly Sample[]): OkSample[] {
  return samples.filter((sample) => sample.outcome === 'ok').filter((sample) => !sample.warmup);
}

/** Wall times of the runs that count, by the sets of processes that made them. */
export function executionsOf(samples: readonly Sample[]): Executions {
  const bySet = Map.groupBy(countedRuns(samples), ({ run, execution }) => `${run} ${execution}`);
  return [...bySet.values()].map((own) => own.map(({ wallMs }) => wallMs));
}

/** A row's section, from its kind and what isolates it. */
export function sectionOf(sample: Sample, { kind }: ImplementationFacts): Section {
  if (kind === 'enclave') return sample.hardware === 'real' ? 'enclave' : 'simulated';
  return { cryptography: 'private', 'third-party': 'trusted-party', open: 'not-private' }[kind] as Section;
}

/** Statistics of `runs`, or null when no run was right. Label and ratio are the group's business. */
export function summariseCell({ samples, parties, facts }: CellRuns): CellSummary | null {
  const counted = countedRuns(samples);
  const first = counted[0];
  if (first === undefined) return null;
  const items = first.receiverSize + first.senderSize;
  const med = (value: (sample: OkSample) => number) => median(counted.map(value));
  const medOrNull = (value: (sample: OkSample) => number | null) => medianOrNull(counted.map(value));
  const executions = executionsOf(samples);
  const wallMs = { median: centre(executions), interval: centreInterval(executions) };
  const sentBytes = med((s) => s.receiverSentBytes + s.senderSentBytes + (s.helperSentBytes ?? 0));
  return {
    cell: first.cell,
    label: first.impl,
    impl: first.impl,
    version: first.version,
    build: first.build,
    hardware: first.hardware,
    engine: first.engine,
    options: first.options,
    threads: first.threads,
    runs: [...new Set(samples.map((sample) => sample.run))],
    section: sectionOf(first, facts),
    facts,
    n: counted.length,
    failed: samples.filter((sample) => sample.outcome !== 'ok').length,
    wallMs,
    executions,
    loadMs: med((s) => s.loadMs),
    closeMs: medOrNull((s) => s.closeMs),
    keeps: facts.keeps,
    phasesMs: {
      start: med((s) => s.startMs),
      setup: med((s) => s.setupMs),
      prepare: med((s) => s.prepareMs),
      online: med((s) => s.onlineMs),
    },
    cpuMs: med((s) => s.receiverCpuMs + s.senderCpuMs + (s.helperCpuMs ?? 0)),
    partyCpuMs: {
      receiver: med((s) => s.receiverCpuMs),
      sender: med((s) => s.senderCpuMs),
      helper: medOrNull((s) => s.helperCpuMs),
    },
    sentBytes,
    partySentBytes: {
      receiver: med((s) => s.receiverSentBytes),
      sender: med((s) => s.senderSentBytes),
      helper: medOrNull((s) => s.helperSentBytes),
    },
    flights: med((s) => s.flights),
    messages: med((s) => s.messages),
    peakBytes: medOrNull(largestPeak),
    partyPeakBytes: {
      receiver: medOrNull((s) => s.receiverPeakBytes),
      sender: medOrNull((s) => s.senderPeakBytes),
      helper: medOrNull((s) => s.helperPeakBytes),
    },
    itemsPerSecond: items / (wallMs.median / 1000),
    bytesPerItem: items === 0 ? 0 : sentBytes / items,
    coldMs: coldRun(samples),
    partyPhases: summariseParties(counted, parties),
    ratio: null,
    reference: false,
  };
}

/** The largest party's peak; null when that of any party is unknown, which might be the largest. */
function largestPeak(sample: OkSample): number | null {
  const peaks = [sample.receiverPeakBytes, sample.senderPeakBytes];
  if (sample.helperCpuMs !== null) peaks.push(sample.helperPeakBytes);
  const known = peaks.filter((peak) => peak !== null);
  return known.length < peaks.length ? null : Math.max(...known);
}

function coldRun(samples: readonly Sample[]): number | null {
  const first = samples.find((sample) => sample.sample === 0);
  return first?.outcome === 'ok' && first.warmup ? first.wallMs : null;
}

/** The median of what is known; null when a value is missing, as a median of some would mislead. */
function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length && known.length > 0 ? median(known) : null;
}

function summariseParties(counted: readonly OkSample[], parties: readonly PartyRow[]): PartyPhase[] {
  const wanted = new Set(counted.map((sample) => `${sample.run} ${sample.sample}`));
  const rows = parties.filter((row) => wanted.has(`${row.run} ${row.sample}`));
  const summary: PartyPhase[] = [];
  for (const party of ROLES) {
    for (const phase of STAGES) {
      const own = rows.filter((row) => row.party === party && row.phase === phase);
      if (own.length === 0) continue;
      const med = (value: (row: PartyRow) => number) => median(own.map(value));
      const steps = [...new Set(own.flatMap((row) => Object.keys(row.steps)))];
      summary.push({
        party,
        phase,
        wallMs: med((row) => row.wallMs),
        cpuMs: med((row) => row.cpuUserMs + row.cpuSystemMs),
        sentBytes: med((row) => row.sentBytes),
        sentMessages: med((row) => row.sentMessages),
        flights: med((row) => row.flights),
        peakBytes: medianOrNull(own.map((row) => row.peakBytes)),
        steps: Object.fromEntries(steps.map((step) => [step, med((row) => row.steps[step] ?? 0)])),
      });
    }
  }
  return summary;
}
