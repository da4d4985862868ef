/**
 * Runs a circuit over correlated transfers that exist already: the evaluator's bits one way, the garbled circuit the
 * other. Γ is the transfers' Δ, whose lowest bit must be set.
 */
import type { Channel, Random } from '../../../bench/contract.ts';
import type { Program } from '../circuits/program.ts';
import { receiveExactly } from '../messages/receive-exactly.ts';
import type { CotReceiverRun, CotSenderRun } from '../ot/cot.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { Evaluator } from './evaluator.ts';
import { Garbler, type GarblerInputs } from './garbler.ts';
import { SEED_BYTES } from './gate-hash.ts';
import { LABEL_BYTES, Labels, streamBytes } from './layout.ts';
import { Incoming, Outgoing } from './stream.ts';

/** Input bits whose transfers travel in one message. */
const TRANSFERS = 1 << 16;

/** What both sides need to run a circuit. */
export interface Exchange {
  /** What is allocated of it stays allocated: to be released by the caller. */
  readonly memory: WorkingMemory;
  readonly channel: Channel;
  /** What errors call the other party. */
  readonly peer: string;
}

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

/** Garbles `program` and sends it. @param gamma the Δ of the transfers. */
export async function garbleTo(
  { memory, channel, peer }: Exchange,
  transfers: CotSenderRun,
  random: Random,
  gamma: Uint8Array,
  program: Program,
  inputs: GarblerInputs,
): Promise<void> {
  const labels = new Labels(memory, program);
  for (const { address, count } of transferPieces(labels)) {
    const message = await receiveExactly(
      channel,
      transfers.messageBytes(count),
      `the ${peer}'s transfers of input bits`,
    );
    transfers.extend(message, count, address);
  }
  const out = new Outgoing(memory, channel.openFlight());
  const randomness = {
    gamma,
    labelKey: random.bytes(16),
    hashSeed: random.bytes(SEED_BYTES),
  };
  await new Garbler(memory, program, labels, out, inputs, randomness).run();
}

/**
 * The outputs of `program`, a byte each.
 * @param bits the evaluator's input bits, a byte each.
 * @throws Error naming the peer's message that was wrong.
 */
export async function evaluateFrom(
  { memory, channel, peer }: Exchange,
  transfers: CotReceiverRun,
  program: Program,
  bits: Uint8Array,
): Promise<Uint8Array> {
  if (bits.length !== program.counts.evaluatorBits) {
    throw new RangeError(`"bits" must be ${program.counts.evaluatorBits} bits, got ${bits.length}`);
  }
  const labels = new Labels(memory, program);
  const flight = channel.openFlight();
  for (const { address, first, count } of transferPieces(labels)) {
    const choices = packBits(bits.subarray(first, first + count));
    await flight.send(transfers.extend(choices, count, address));
  }
  const what = `the ${peer}'s garbled circuit`;
  const incoming = new Incoming(memory, channel, streamBytes(program.counts), what);
  return new Evaluator(memory, program, labels, incoming).run();
}

/** Bits of a byte each to eight in a byte, the lowest first. */
function packBits(bits: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) packed[i >> 3]! |= (bits[i] ?? 0) << (i & 7);
  return packed;
}
