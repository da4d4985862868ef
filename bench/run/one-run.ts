/** One run of one cell, from the barrier to a checked row of the record. */
import type { Output, Role } from '../contract.ts';
import { formatOutput } from '../implementations/output.ts';
import { type Link, physicalBound } from '../network/index.ts';
import type { LinkReading } from '../network/links.ts';
import type { Peer } from '../peer/peer.ts';
import type { Cell } from '../plan/plan.ts';
import type { NetworkFacts } from '../record/environment.ts';
import {
  type FailedSample,
  formatOptions,
  type Measures,
  type Mode,
  type OkSample,
  type PartyRow,
  type SampleHead,
  type Stage,
} from '../record/samples.ts';
import { ROLES, rolesOf } from '../terms.ts';
import { unexplainedMs } from './hidden-flights.ts';
import { Parties, type PhasePlay, type PlayedRun, type PlayFailure } from './parties.ts';
import { violationOf } from './physics.ts';
import { digestOfResult, faultOf, sizeOfResult } from './verify.ts';

/** A row for `samples.csv` with its rows for `parties.csv`. */
export type MeasuredRun =
  | {
      readonly sample: OkSample;
      readonly parties: readonly PartyRow[];
      /** What the shaped links carried; null without shaping. */
      readonly carried: readonly LinkReading[] | null;
      /** See `unexplainedMs`; null without shaping. */
      readonly unexplainedMs: number | null;
    }
  | { readonly sample: FailedSample };

/** What a row of the record says besides the cell and its figures. */
export interface Circumstances {
  readonly run: string;
  readonly mode: Mode;
  /** Which set of processes plays. */
  readonly execution: number;
  readonly sample: number;
  /** A number that no other run of these processes has: each has items, and under test randomness, of its own. */
  readonly play: number;
  readonly warmup: boolean;
  readonly optionsText: string;
  readonly estimateMs: number | null;
  readonly yardsticks: { readonly x25519Us: number } | null;
}

/** Starting processes and loading data is not measured, but must not hang either. */
export const START_TIMEOUT_MS = 120_000;

/** Circumstances of a run that goes into no record: number `sample` of these processes. */
export function loneRun(cell: Cell, sample: number): Circumstances {
  return {
    run: '',
    ...{ mode: 'warm', execution: 0, sample, play: sample, warmup: false },
    optionsText: formatOptions(cell.options),
    estimateMs: null,
    yardsticks: null,
  };
}

/** Starts the processes of a cell, one of them at `peer` if there is one; `signal` kills them. */
export function startParties(
  cell: Cell,
  timeoutMs: number,
  signal: AbortSignal,
  peer: Peer | null = null,
): Promise<Parties | PlayFailure> {
  const { implementation, module } = cell.located;
  return Parties.start(
    {
      roles: rolesOf(implementation),
      implementation: { module, id: implementation.id },
      dataset: cell.dataset,
      sizes: cell.sizes,
      options: cell.options,
      output: cell.output,
      threads: cell.threads,
      protocolSeed: cell.protocolSeed,
    },
    timeoutMs,
    signal,
    { link: cell.link, peer, version: implementation.version },
  );
}

/**
 * Plays the cell once and checks the result against `expected`, the receiver's indices that are shared,
 * and its figures against what the network can do: as calibrated, or as asked without `network`.
 */
export async function measure(
  parties: Parties,
  cell: Cell,
  expected: Uint32Array,
  timeoutMs: number,
  circumstances: Circumstances,
  network?: NetworkFacts,
): Promise<MeasuredRun> {
  const head = headOf(cell, circumstances);
  const play = await parties.play(circumstances.play, timeoutMs);
  const uncalibrated = cell.link && { ...cell.link, measuredBandwidthBps: null, measuredRttMs: null };
  const facts = network ?? uncalibrated;
  return toMeasured(
    head,
    play,
    expected,
    facts && physicalBound(facts),
    parties.cores,
    cell.output,
    // A program may sleep as it likes, and cannot hide a message: its flights are counted from outside.
    cell.located.implementation.program === undefined ? cell.link : null,
  );
}

/** The row of a cell that could not be run. */
export function failedSample(cell: Cell, circumstances: Circumstances, failure: PlayFailure): FailedSample {
  return { ...headOf(cell, circumstances), outcome: failure.outcome, reason: failure.reason };
}

function toMeasured(
  head: SampleHead,
  play: PlayedRun,
  expected: Uint32Array,
  bound: Link | null,
  cores: number,
  output: Output,
  link: Link | null,
): MeasuredRun {
  if (play.outcome !== 'played') return { sample: { ...head, outcome: play.outcome, reason: play.reason } };
  const violation = violationOf(play.phases, cores, bound && { bound, carried: play.carried });
  if (violation) return { sample: { ...head, outcome: 'broken', reason: violation } };
  const fault = faultOf(play.result, expected, output);
  if (fault) return { sample: { ...head, outcome: 'wrong', reason: fault } };
  return {
    sample: { ...head, outcome: 'ok', reason: '', ...measuresOf(play) },
    parties: partyRows(head, play.phases),
    carried: play.carried,
    unexplainedMs: link && unexplainedMs(play.phases, link),
  };
}

function headOf(cell: Cell, circumstances: Circumstances): SampleHead {
  const { implementation } = cell.located;
  return {
    run: circumstances.run,
    cell: `${cell.id}/${circumstances.mode}`,
    impl: implementation.id,
    version: implementation.version,
    build: implementation.build,
    engine: cell.engine,
    dataset: cell.datasetName,
    receiverSize: cell.sizes.receiver,
    senderSize: cell.sizes.sender,
    overlap: cell.overlap,
    network: cell.network,
    mode: circumstances.mode,
    execution: circumstances.execution,
    sample: circumstances.sample,
    warmup: circumstances.warmup,
    options: circumstances.optionsText,
    threads: cell.threads,
    seeded: cell.protocolSeed !== null,
    private: implementation.security.private,
    estimateMs: circumstances.estimateMs,
    yardstickUs: circumstances.yardsticks?.x25519Us ?? null,
    started: new Date().toISOString(),
    output: formatOutput(cell.output),
    hardware: implementation.hardware?.(cell.options) ?? '',
  };
}

function measuresOf({ phases, result, closeMs }: Extract<PlayedRun, { outcome: 'played' }>): Measures {
  const wall = (phase: Stage) => phases.find((play) => play.phase === phase)?.wallMs ?? 0;
  const of = <T>(role: Role, value: (total: PartyTotal) => T): T | null => {
    const total = totalOf(role, phases);
    return total && value(total);
  };
  const cpu = (total: PartyTotal) => total.cpuMs;
  const sent = (total: PartyTotal) => total.sentBytes;
  const peak = (total: PartyTotal) => total.peakBytes;
  return {
    resultSize: sizeOfResult(result),
    wallMs: phases.reduce((sum, play) => sum + play.wallMs, 0),
    receiverCpuMs: of('receiver', cpu)!,
    senderCpuMs: of('sender', cpu)!,
    helperCpuMs: of('helper', cpu),
    receiverSentBytes: of('receiver', sent)!,
    senderSentBytes: of('sender', sent)!,
    helperSentBytes: of('helper', sent),
    flights: phases.reduce((sum, play) => sum + flightsOf(play), 0),
    receiverPeakBytes: of('receiver', peak),
    senderPeakBytes: of('sender', peak),
    helperPeakBytes: of('helper', peak),
    startMs: wall('start'),
    loadMs: loadOf(phases),
    closeMs,
    setupMs: wall('setup'),
    prepareMs: wall('prepare'),
    onlineMs: wall('online'),
    messages: ROLES.reduce((sum, role) => sum + (totalOf(role, phases)?.sentMessages ?? 0), 0),
    resultSha256: digestOfResult(result),
  };
}

/** What of the start was the loading of code. */
function loadOf(phases: readonly PhasePlay[]): number {
  const start = phases.find(({ phase }) => phase === 'start');
  return Math.max(0, ...[...(start?.parties.values() ?? [])].map(({ steps }) => steps.load ?? 0));
}

/** The longest chain of messages of a phase: every party sees only its own end of it. */
function flightsOf({ parties }: PhasePlay): number {
  return Math.max(0, ...[...parties.values()].map(({ flights }) => flights));
}

interface PartyTotal {
  readonly cpuMs: number;
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly peakBytes: number | null;
}

function totalOf(role: Role, phases: readonly PhasePlay[]): PartyTotal | null {
  const usages = phases.flatMap(({ parties }) => parties.get(role) ?? []);
  if (usages.length === 0) return null;
  const traffic = usages.flatMap((usage) => Object.values(usage.traffic));
  const peaks = usages.map(({ peakBytes }) => peakBytes);
  return {
    cpuMs: usages.reduce((sum, { cpuUserMs, cpuSystemMs }) => sum + cpuUserMs + cpuSystemMs, 0),
    sentBytes: traffic.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    sentMessages: traffic.reduce((sum, { sentMessages }) => sum + sentMessages, 0),
    peakBytes: peaks.some((peak) => peak === null) ? null : Math.max(...(peaks as number[])),
  };
}

function partyRows(head: SampleHead, phases: readonly PhasePlay[]): PartyRow[] {
  return phases.flatMap(({ phase, wallMs, parties }) =>
    [...parties].map(([party, usage]) => {
      const traffic = Object.values(usage.traffic);
      const sum = (key: 'sentBytes' | 'receivedBytes' | 'sentMessages' | 'receivedMessages') =>
        traffic.reduce((total, one) => total + one[key], 0);
      return {
        run: head.run,
        cell: head.cell,
        sample: head.sample,
        party,
        phase,
        wallMs,
        cpuUserMs: usage.cpuUserMs,
        cpuSystemMs: usage.cpuSystemMs,
        peakBytes: usage.peakBytes,
        sentBytes: sum('sentBytes'),
        receivedBytes: sum('receivedBytes'),
        sentMessages: sum('sentMessages'),
        receivedMessages: sum('receivedMessages'),
        flights: usage.flights,
        steps: usage.steps,
        children: usage.children,
      };
    }),
  );
}
