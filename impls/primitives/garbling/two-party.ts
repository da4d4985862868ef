/**
 * Two parties compute a circuit, semi-honest: the garbler learns nothing, the evaluator learns the outputs. Base
 * transfers in setup, then two flights: the evaluator's transfers of its input bits, the garbler's stream.
 *
 * The garbler's offset Γ is the Δ of the correlated transfers: q = t + ρ·Γ makes q the zero label of an input wire
 * and t the label of the evaluator's bit ρ, and nothing more has to be sent for it.
 */
import { createHash } from 'node:crypto';
import type { Channel, Random } from '../../../bench/contract.ts';
import type { Program } from '../circuits/program.ts';
import { receiveExactly } from '../messages/receive-exactly.ts';
import { BaseOtReceiver, BaseOtSender, baseReceiverBytes, baseSenderBytes } from '../ot/base.ts';
import { COT_BASE, type CotKind, CotReceiver, CotSender } from '../ot/cot.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { evaluateFrom, garbleTo } from './exchange.ts';
import type { GarblerInputs } from './garbler.ts';
import { LABEL_BYTES } from './layout.ts';

export interface PartyOptions {
  readonly channel: Channel;
  readonly random: Random;
  /** What both know of this run, e.g. the protocol and its set sizes. */
  readonly context: string;
  readonly transfers: CotKind;
  /** What errors call the other party. */
  readonly peer: string;
}

/** The run's number, for what is kept over several: here every circuit has base transfers of its own. */
const RUN = 0;

/**
 * 64 bytes that both parties know and that no other run has, since both have put random bytes into their base
 * transfers: what to salt digests with.
 */
export function runName(evaluators: Uint8Array, garblers: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(evaluators).update(garblers).digest());
}

/** Garbles. */
export class GarblerParty {
  readonly #options: PartyOptions;
  #transfers: CotSender | undefined;

  constructor(options: PartyOptions) {
    this.#options = options;
  }

  /** The base transfers: one message each way. @returns the run's name, see {@link runName}. */
  async setup(): Promise<Uint8Array> {
    const { channel, random, context, transfers, peer } = this.#options;
    const gamma = random.bytes(LABEL_BYTES);
    // The lowest bit of a label is its permute bit: the two of a wire must differ in it.
    gamma[0] = (gamma[0] ?? 0) | 1;
    const base = new BaseOtReceiver({ count: COT_BASE, context, random, peer, choices: gamma });
    const [theirs] = await Promise.all([
      receiveExactly(channel, baseSenderBytes(COT_BASE), `the ${peer}'s base transfers`),
      channel.send(base.message),
    ]);
    this.#transfers = new CotSender(transfers, gamma, base.keys(theirs), peer);
    return runName(theirs, base.message);
  }

  /**
   * Garbles `program` and sends it. Once for each `setup`.
   * @param memory what is allocated of it stays allocated: to be released by the caller.
   */
  async run(memory: WorkingMemory, program: Program, inputs: GarblerInputs): Promise<void> {
    const { channel, random, peer } = this.#options;
    const transfers = this.#transfers;
    if (!transfers) throw new Error('setup comes first');
    await garbleTo(
      { memory, channel, peer },
      transfers.run(memory, RUN),
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
  #transfers: CotReceiver | undefined;

  constructor(options: PartyOptions) {
    this.#options = options;
  }

  /** The base transfers: one message each way. @returns the run's name, see {@link runName}. */
  async setup(): Promise<Uint8Array> {
    const { channel, random, context, transfers, peer } = this.#options;
    const base = new BaseOtSender({ count: COT_BASE, context, random, peer });
    const [theirs] = await Promise.all([
      receiveExactly(channel, baseReceiverBytes(COT_BASE), `the ${peer}'s base transfers`),
      channel.send(base.message),
    ]);
    this.#transfers = new CotReceiver(transfers, base.keys(theirs));
    return runName(base.message, theirs);
  }

  /**
   * The outputs of `program`, a byte each. Once for each `setup`.
   * @param bits this party's input bits, a byte each.
   * @param memory what is allocated of it stays allocated: to be released by the caller.
   * @throws Error naming the peer's message that was wrong.
   */
  async run(memory: WorkingMemory, program: Program, bits: Uint8Array): Promise<Uint8Array> {
    const { channel, peer } = this.#options;
    const transfers = this.#transfers;
    if (!transfers) throw new Error('setup comes first');
    return evaluateFrom({ memory, channel, peer }, transfers.run(memory, RUN), program, bits);
  }
}
