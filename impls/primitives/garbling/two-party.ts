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
import { Evaluator } from './evaluator.ts';
import { Garbler, type GarblerInputs } from './garbler.ts';
import { SEED_BYTES } from './gate-hash.ts';
import { LABEL_BYTES, Labels, streamBytes } from './layout.ts';
import { Incoming, Outgoing } from './stream.ts';

/** Input bits whose transfers travel in one message. */
const TRANSFERS = 1 << 15;

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

/** Where input bits go, cut into what travels in one message. */
function transferPieces(labels: Labels): { address: number; first: number; count: number }[] {
  return labels.evaluatorInputs().flatMap(({ address, first, count }) =>
    Array.from({ length: Math.ceil(count / TRANSFERS) }, (_, piece) => {
      const skip = piece * TRANSFERS;
      return {
        address: address + skip * LABEL_BYTES,
        first: first + skip,
        count: Math.min(TRANSFERS, count - skip),
      };
    }),
  );
}

/**
 * 64 bytes that both parties know and that no other run has, since both have put random bytes into their base
 * transfers: what to salt digests with.
 */
function runName(evaluators: Uint8Array, garblers: Uint8Array): Uint8Array {
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
    const labels = new Labels(memory, program);
    const run = transfers.run(memory, RUN);
    for (const { address, count } of transferPieces(labels)) {
      const message = await receiveExactly(
        channel,
        run.messageBytes(count),
        `the ${peer}'s transfers of input bits`,
      );
      run.extend(message, count, address);
    }
    const out = new Outgoing(memory, channel.openFlight());
    const randomness = {
      gamma: transfers.delta,
      labelKey: random.bytes(16),
      hashSeed: random.bytes(SEED_BYTES),
    };
    await new Garbler(memory, program, labels, out, inputs, randomness).run();
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
    if (bits.length !== program.counts.evaluatorBits) {
      throw new RangeError(`"bits" must be ${program.counts.evaluatorBits} bits, got ${bits.length}`);
    }
    const labels = new Labels(memory, program);
    const run = transfers.run(memory, RUN);
    const flight = channel.openFlight();
    for (const { address, first, count } of transferPieces(labels)) {
      const choices = packBits(bits.subarray(first, first + count));
      await flight.send(run.extend(choices, count, address));
    }
    const what = `the ${peer}'s garbled circuit`;
    const incoming = new Incoming(memory, channel, streamBytes(program.counts), what);
    return new Evaluator(memory, program, labels, incoming).run();
  }
}

/** Bits of a byte each to eight in a byte, the lowest first. */
function packBits(bits: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    packed[i >> 3] = (packed[i >> 3] ?? 0) | (bit << (i & 7));
  });
  return packed;
}
