/**
 * Correlated oblivious transfers by extension of base transfers, for semi-honest parties. The sender holds Δ, 128
 * bits, for all of them; the receiver has one choice bit ρ_i for each. Transfer i gives the sender a row q_i and the
 * receiver a row t_i of 128 bits, as good as random but for
 *
 *     q_i = t_i + ρ_i·Δ        (+ is XOR)
 *
 * Two constructions behind one interface: `iknp` sends 16 bytes for each transfer, `softspoken` 4 and 3 kB for each run,
 * for about twice the work of the receiver and four times that of the sender. In both the roles of the base
 * transfers are exchanged: the sender here was their receiver, with the bits of Δ as its choices.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { KEY_BYTES, type KeyPairs } from './base.ts';
import { RunNumbers } from './columns.ts';
import { IknpReceiverRun, IknpSenderRun } from './iknp.ts';
import type { CotReceiverRun, CotSenderRun } from './run.ts';
import { SoftSpokenReceiverRun, SoftSpokenSenderRun } from './softspoken.ts';

export type { CotReceiverRun, CotSenderRun } from './run.ts';

export const COT_KINDS = ['iknp', 'softspoken'] as const;
export type CotKind = (typeof COT_KINDS)[number];

/** Base transfers of either construction, and bits of Δ and of a row. */
export const COT_BASE = 128;

/** The receiver of correlated transfers: what can be kept for many runs. */
export class CotReceiver {
  /** Which runs have been made. */
  readonly runs = new RunNumbers();
  readonly #kind: CotKind;
  readonly #keys: KeyPairs;

  /** @param keys of {@link COT_BASE} base transfers in which this party was the sender. */
  constructor(kind: CotKind, keys: KeyPairs) {
    checkKeys(keys.zero);
    checkKeys(keys.one);
    this.#kind = kind;
    this.#keys = keys;
  }

  /** Begins run number `run`, the same at both parties, and computes it in `memory`. @throws Error when it was made. */
  run(memory: WorkingMemory, run: number): CotReceiverRun {
    this.runs.take(run);
    return this.#kind === 'iknp'
      ? new IknpReceiverRun(memory, this.#keys, run)
      : new SoftSpokenReceiverRun(memory, this.#keys, run);
  }
}

/** The sender of correlated transfers: what can be kept for many runs. */
export class CotSender {
  /** Which runs have been made. */
  readonly runs = new RunNumbers();
  /** 16 bytes; bit j is bit j mod 8 of byte j div 8. */
  readonly delta: Uint8Array;
  readonly #kind: CotKind;
  readonly #keys: Uint8Array;
  readonly #peer: string;

  /**
   * @param delta the choice bits of {@link COT_BASE} base transfers in which this party was the receiver.
   * @param keys the chosen keys.
   * @param peer what errors call the other party.
   */
  constructor(kind: CotKind, delta: Uint8Array, keys: Uint8Array, peer: string) {
    checkKeys(keys);
    if (delta.length !== COT_BASE / 8)
      throw new RangeError(`"delta" must have 16 bytes, got ${delta.length}`);
    this.#kind = kind;
    this.delta = Uint8Array.from(delta);
    this.#keys = keys;
    this.#peer = peer;
  }

  /** Begins run number `run`, the same at both parties, and computes it in `memory`. @throws Error when it was made. */
  run(memory: WorkingMemory, run: number): CotSenderRun {
    this.runs.take(run);
    const input = { memory, delta: this.delta, keys: this.#keys, run, peer: this.#peer };
    return this.#kind === 'iknp' ? new IknpSenderRun(input) : new SoftSpokenSenderRun(input);
  }
}

function checkKeys(keys: Uint8Array): void {
  if (keys.length !== COT_BASE * KEY_BYTES) {
    throw new RangeError(`"keys" must be ${COT_BASE} keys of ${KEY_BYTES} bytes, got ${keys.length} bytes`);
  }
}
