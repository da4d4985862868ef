/**
 * Two parties compute a circuit, semi-honest: the garbler learns nothing, the evaluator learns the outputs. Base
 * transfers in setup, then two flights: the evaluator's transfers of its input bits, the garbler's stream.
 *
 * The garbler's offset Γ is the Δ of the correlated transfers: q = t + ρ·Γ makes q the zero label of an input wire
 * and t the label of the evaluator's bit ρ, and nothing more has to be sent for it.
 */
import type { Program } from '../circuits/program.ts';
import type { CotReceiver, CotSender } from '../ot/cot.ts';
import {
  type AgreedTransfers,
  keptReceiver,
  keptSender,
  type TransferOptions,
} from '../ot/kept-transfers.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { evaluateFrom, garbleTo } from './exchange.ts';
import type { GarblerInputs } from './garbler.ts';

/** The context names the protocol; `kept` is the session's, or a map of one's own. */
export type PartyOptions = TransferOptions;

/** Garbles. */
export class GarblerParty {
  readonly #options: PartyOptions;
  #agreed: AgreedTransfers<CotSender> | undefined;

  constructor(options: PartyOptions) {
    this.#options = options;
  }

  /** Base transfers, one message each way, unless they are kept. @returns the run's name, 64 bytes for both to know. */
  async setup(): Promise<Uint8Array> {
    // The lowest bit of a label is its permute bit: the two of a wire, which differ by Γ, must differ in it.
    this.#agreed = await keptSender(this.#options, [true]);
    return this.#agreed.name;
  }

  /**
   * Garbles `program` and sends it. Once for each `setup`.
   * @param memory what is allocated of it stays allocated: to be released by the caller.
   */
  async run(memory: WorkingMemory, program: Program, inputs: GarblerInputs): Promise<void> {
    const { channel, random, peer } = this.#options;
    const [transfers] = this.#agreed?.sets ?? [];
    if (!transfers || !this.#agreed) throw new Error('setup comes first');
    await garbleTo(
      { memory, channel, peer },
      transfers.run(memory, this.#agreed.run),
      random,
      transfers.delta,
      program,
      inputs,
    );
  }
}

/** Evaluates, and learns the outputs. */
export class EvaluatorParty {
  readonly #options: PartyOptions;
  #agreed: AgreedTransfers<CotReceiver> | undefined;

  constructor(options: PartyOptions) {
    this.#options = options;
  }

  /** Base transfers, one message each way, unless they are kept. @returns the run's name, 64 bytes for both to know. */
  async setup(): Promise<Uint8Array> {
    this.#agreed = await keptReceiver(this.#options, 1);
    return this.#agreed.name;
  }

  /**
   * The outputs of `program`, a byte each. Once for each `setup`.
   * @param bits this party's input bits, a byte each.
   * @param memory what is allocated of it stays allocated: to be released by the caller.
   * @throws Error naming the peer's message that was wrong.
   */
  async run(memory: WorkingMemory, program: Program, bits: Uint8Array): Promise<Uint8Array> {
    const { channel, peer } = this.#options;
    const [transfers] = this.#agreed?.sets ?? [];
    if (!transfers || !this.#agreed) throw new Error('setup comes first');
    return evaluateFrom({ memory, channel, peer }, transfers.run(memory, this.#agreed.run), program, bits);
  }
}
