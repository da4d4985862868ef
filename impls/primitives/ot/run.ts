/** One run of correlated transfers, as `cot.ts` hands it out and either construction makes it. */
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** The receiver's side of one run. */
export interface CotReceiverRun {
  /** Bytes of the next message, when it is for `count` transfers. */
  messageBytes(count: number): number;
  /**
   * The next `count` transfers.
   * @param choices bit i mod 8 of byte i div 8 is ρ_i.
   * @param rows where the t_i go: the address of 16·count bytes.
   * @returns the message for the sender.
   */
  extend(choices: Uint8Array, count: number, rows: number): Uint8Array;
}

/** The sender's side of one run. */
export interface CotSenderRun {
  /** Bytes of the next message, when it is for `count` transfers. */
  messageBytes(count: number): number;
  /**
   * The next `count` transfers.
   * @param message from the receiver's `extend` for the same count.
   * @param rows where the q_i go: the address of 16·count bytes.
   * @throws Error naming the peer when the message has another length.
   */
  extend(message: Uint8Array, count: number, rows: number): void;
}

/** What a sender's run is made of. */
export interface SenderRunInput {
  readonly memory: WorkingMemory;
  readonly delta: Uint8Array;
  readonly keys: Uint8Array;
  readonly run: number;
  readonly peer: string;
}
