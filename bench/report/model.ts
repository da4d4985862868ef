/**
 * From records to what a report says: groups of comparable cells, their statistics and ratios, and
 * the runs that failed, with reasons. Views print it and compute nothing.
 */

import type { AttackRecord } from '../attack/record.ts';
import type { Environment, ImplementationFacts } from '../record/environment.ts';
import type { Mode, Sample } from '../record/samples.ts';
import type { CellSummary, Section } from './cell.ts';
import type { Contender } from './claims/decide.ts';
import type { Against, Claim } from './claims/list.ts';

/** In the order of tables. */
export const SECTIONS: readonly Section[] = [
  'private',
  'enclave',
  'simulated',
  'trusted-party',
  'not-private',
];

/** Numbers of verdicts, by what the claims compare with. */
export type Decisions = Readonly<Partial<Record<Against, number>>>;

/** Cells that solve the same problem over the same link: the only ones that are compared. */
export interface Group {
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly overlap: number;
  readonly network: string;
  /** By section, in the order of {@link SECTIONS}, then by time. */
  readonly cells: readonly CellSummary[];
  /**
   * What ratios refer to: the fastest cell without a failed run among the private ones, or when there
   * are none, among all. Null when there is none at all.
   */
  readonly reference: CellSummary | null;
  /** Everything that was asked of these sets over this link, also what failed: who stands in claims. */
  readonly contenders: readonly Contender[];
  readonly claims: readonly Claim[];
  /** Cells of which no run was right, by label: they appear in `failures`. */
  readonly without: readonly string[];
}

/** Runs of one cell that failed in the same way. No times: a failed run has none. */
export interface FailureRow {
  readonly cell: string;
  readonly label: string;
  readonly impl: string;
  readonly version: string;
  readonly kind: ImplementationFacts['kind'];
  readonly build: Sample['build'];
  readonly hardware: Sample['hardware'];
  readonly engine: string;
  readonly options: string;
  readonly threads: number;
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly overlap: number;
  readonly network: string;
  /** Ids of the records that hold them. */
  readonly runs: readonly string[];
  readonly outcome: Exclude<Sample['outcome'], 'ok'>;
  readonly reason: string;
  readonly count: number;
}

/** Runs of one cell in an emulated machine. */
export interface EmulatedRow {
  readonly impl: string;
  readonly engine: string;
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly network: string;
  readonly right: number;
  readonly runs: number;
  /** Why the first of the others failed; '' when all are right. */
  readonly reason: string;
}

/** X25519 by OpenSSL beside the runs: how steady the machine was. */
export interface Steadiness {
  readonly medianUs: number;
  readonly lowUs: number;
  readonly highUs: number;
  readonly n: number;
}

/** Records of one machine, and one output of them: their cells stand in the same tables. */
export interface Machine {
  /** What the receivers learnt: rows of different outputs do different work, and are never compared. */
  readonly output: string;
  /** One per record, in the order of their ids. */
  readonly environments: readonly Environment[];
  /** Whether the times are those of first runs in fresh processes, or of later ones. */
  readonly mode: Mode;
  /** How many verdicts are given of each kind of claim. */
  readonly decisions: Decisions;
  readonly groups: readonly Group[];
  readonly failures: readonly FailureRow[];
  /** Runs with seeded protocol randomness: tests, which count nowhere. */
  readonly seededRuns: number;
  /** Runs in machines that were emulated in software: whether results were right, and no times. */
  readonly emulated: readonly EmulatedRow[];
  readonly steadiness: Steadiness | null;
  /** What the implementations declare; twice for an id whose declaration changed between records. */
  readonly implementations: readonly { readonly id: string; readonly facts: ImplementationFacts }[];
}

export interface ReportModel {
  /** Ids of the records, sorted. */
  readonly runs: readonly string[];
  readonly machines: readonly Machine[];
  readonly warnings: readonly string[];
  /** Dictionary attacks on transcripts, by the ids of their records. */
  readonly attacks: readonly AttackRecord[];
}
