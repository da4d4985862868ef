/** What the harness and a party's process say to each other, over the IPC channel between them. */
import type { DatasetSpec } from '../../datasets/dataset.ts';
import type { OptionValues, Output, Phase, ReceiverResult, Role } from '../contract.ts';
import type { Traffic } from './channel.ts';

/** Everything a party's process needs to know of its cell. */
export interface PartyTask {
  readonly role: Role;
  readonly roles: readonly Role[];
  /** An id of `impls/`, or the path of an implementation's module and its id in there. */
  readonly implementation: { readonly module: string; readonly id: string };
  readonly dataset: DatasetSpec;
  readonly sizes: { readonly receiver: number; readonly sender: number };
  readonly options: OptionValues;
  readonly output: Output;
  readonly threads: number;
  /** Hex of 32 random bytes: whoever connects to a party must know it. */
  readonly token: string;
  /** Seeds the protocol's randomness: tests and exact baselines only. */
  readonly protocolSeed: string | null;
}

export type ToParty =
  | { readonly type: 'open'; readonly task: PartyTask }
  | { readonly type: 'connect'; readonly ports: Readonly<Partial<Record<Role, number>>> }
  | { readonly type: 'start'; readonly sample: number }
  | { readonly type: 'phase'; readonly phase: Phase }
  | { readonly type: 'finish' }
  | { readonly type: 'quit' };

/** What a party used in one phase. */
export interface PhaseUsage {
  readonly phase: Phase;
  /** On the system-wide monotonic clock, in ms: when the party's own work of the phase was done. */
  readonly doneAt: number;
  /** The same, when everything that was sent to it in this phase had arrived as well. */
  readonly endedAt: number;
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  /** Processes that the party has started and that live at the end of the phase. */
  readonly children: number;
  /** Peak resident memory during the phase (with `addUsage`, the sum); null where the OS does not tell. */
  readonly peakBytes: number | null;
  readonly traffic: Readonly<Partial<Record<Role, Traffic>>>;
  readonly flights: number;
  /** As `flights`, of the messages that the party received: each waited for one more latency. */
  readonly receivedFlights: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** What making a party used; it has a clock of its own, as parties are made without a barrier. */
export type StartUsage = Pick<PhaseUsage, 'cpuUserMs' | 'cpuSystemMs' | 'peakBytes' | 'steps'> & {
  readonly wallMs: number;
};

export type FromParty =
  /** `residentBytes`: resident memory with the items loaded, before the protocol starts. */
  | { readonly type: 'ready'; readonly port: number; readonly residentBytes: number }
  | { readonly type: 'connected' }
  /**
   * The phases in which this party has something to do, and what making the party took: with the
   * loading of the implementation's code (step `load`) in the first run of the process.
   */
  | { readonly type: 'started'; readonly phases: readonly Phase[]; readonly start: StartUsage }
  | { readonly type: 'phase-done'; readonly usage: PhaseUsage }
  /** The receiver's result; nothing from the others. `closeMs`: what freeing everything took. */
  | { readonly type: 'finished'; readonly closeMs: number; readonly result: ReceiverResult | null }
  /** The party cannot go on; it quits. */
  | {
      readonly type: 'failed';
      readonly during: string;
      readonly reason: string;
      readonly cause: FailureCause;
    };

/**
 * Why a party gave up: `memory`, an allocation failed; `peer-gone`, the fault lies with another party;
 * `contract`, the contract with the harness was broken; `error`, anything else that was thrown.
 */
export type FailureCause = 'memory' | 'peer-gone' | 'contract' | 'error';

/** Milliseconds on the system-wide monotonic clock: comparable between processes of one host. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
