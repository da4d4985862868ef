/** What the rows of a record say: one per run, and one per run, party and phase. */
import type { Build, Hardware, Phase, Role } from '../contract.ts';
import { PHASES } from '../terms.ts';

/** The ways in which a run may end without a right result. */
export const FAILURES = ['wrong', 'timeout', 'died', 'memory', 'skipped', 'unavailable', 'broken'] as const;
export type Failure = (typeof FAILURES)[number];

/**
 * What a run's time includes. `one-shot`: the first run of fresh processes, with everything that a first
 * exchange needs. `warm`: a later run of the same processes, which keep what the implementation declares.
 */
export const MODES = ['one-shot', 'warm'] as const;
export type Mode = (typeof MODES)[number];

/** What a run consists of: the making of the parties, then the phases. */
export type Stage = 'start' | Phase;
export const STAGES: readonly Stage[] = ['start', ...PHASES];

/** What was to be run: the columns that every row has. */
export interface SampleHead {
  /** The id of the record, see {@link newRunId}. */
  readonly run: string;
  /** See {@link cellId}. */
  readonly cell: string;
  readonly impl: string;
  readonly version: string;
  readonly build: Build;
  readonly engine: string;
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  /** How many items both sets have. */
  readonly overlap: number;
  /** The network profile's name, `none` for the bare loopback. */
  readonly network: string;
  /** Number of the run within its cell, from 0, warm-up runs included. */
  readonly sample: number;
  /** Whether the run was made to warm the processes; such runs enter no statistic. */
  readonly warmup: boolean;
  /** All options, defaults included, as {@link formatOptions} writes them. */
  readonly options: string;
  readonly threads: number;
  /** Whether the protocol's randomness was seeded (a test): such rows are kept out of reports. */
  readonly seeded: boolean;
  /** What the implementation claims, see `Security.private` in the contract. */
  readonly private: boolean;
  /** The wall time that was predicted, in ms; null without a prediction. */
  readonly estimateMs: number | null;
  /** X25519 by OpenSSL beside this run, in µs per operation; null where it was not sampled. */
  readonly yardstickUs: number | null;
  /** When the run began, as an ISO 8601 time in UTC. */
  readonly started: string;
  /** What the receiver was to learn, as {@link formatOutput} writes it. */
  readonly output: string;
  /** What isolated the enclave; '' for everything that is none. */
  readonly hardware: Hardware | '';
  readonly mode: Mode;
  /** Number of the set of processes that made the run, from 0: runs of one set are not independent. */
  readonly execution: number;
}

/**
 * What a run cost: exists only when its result was right. Helper columns are null without a helper,
 * peaks are null where the operating system does not tell them.
 */
export interface Measures {
  readonly resultSize: number;
  /** Until the receiver holds the result: the sum of start, setup, prepare and online. */
  readonly wallMs: number;
  /** CPU time, user and system, over all phases. */
  readonly receiverCpuMs: number;
  readonly senderCpuMs: number;
  readonly helperCpuMs: number | null;
  /** Bytes on the wire, framing included, over all phases. */
  readonly receiverSentBytes: number;
  readonly senderSentBytes: number;
  readonly helperSentBytes: number | null;
  /** One-way latencies that the run must wait for: the sum over its phases. */
  readonly flights: number;
  readonly receiverPeakBytes: number | null;
  readonly senderPeakBytes: number | null;
  readonly helperPeakBytes: number | null;
  readonly setupMs: number;
  readonly prepareMs: number;
  readonly onlineMs: number;
  /** Messages of all parties together. */
  readonly messages: number;
  /** SHA-256 (hex) of the result: the indices as little-endian 32-bit integers. */
  readonly resultSha256: string;
  /** The making of the parties; in the first run of a set of processes, the loading of their code too. */
  readonly startMs: number;
  /** The loading of the code alone: a part of `startMs`. */
  readonly loadMs: number;
  /** What the slowest party's `close` took, after the result; null in records from before it was timed. */
  readonly closeMs: number | null;
}

export type OkSample = SampleHead & Measures & { readonly outcome: 'ok'; readonly reason: '' };
/** A run without a right result. It has a reason, and no figures at all. */
export type FailedSample = SampleHead & { readonly outcome: Failure; readonly reason: string };
export type Sample = OkSample | FailedSample;

/** What one party did in one phase of one run whose result was right. */
export interface PartyRow {
  readonly run: string;
  readonly cell: string;
  readonly sample: number;
  readonly party: Role;
  readonly phase: Stage;
  readonly wallMs: number;
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  readonly peakBytes: number | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentMessages: number;
  readonly receivedMessages: number;
  /** The highest flight number that this party received or sent in the phase. */
  readonly flights: number;
  /** Named steps in ms, as the implementation gave them. */
  readonly steps: Readonly<Record<string, number>>;
  /** Processes that the party had started and that lived at the end of the phase. */
  readonly children: number;
}
