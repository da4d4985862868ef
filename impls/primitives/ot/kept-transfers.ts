/**
 * Correlated transfers whose base transfers are kept for later runs: sets of 128, each with a Δ of its own, made in
 * one message each way.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../../bench/contract.ts';
import { receiveExactly } from '../messages/receive-exactly.ts';
import { BaseOtReceiver, BaseOtSender, baseReceiverBytes, baseSenderBytes } from './base.ts';
import { COT_BASE, type CotKind, CotReceiver, CotSender } from './cot.ts';
import { type Agreed, agree, type Keeping, type Place } from './keeping.ts';

export interface TransferOptions extends Place {
  readonly random: Random;
  /** Names the protocol; what is kept is kept under it. */
  readonly context: string;
  readonly transfers: CotKind;
}

/** Transfers of one run. */
export interface AgreedTransfers<Cot> {
  /** As many as were asked for. */
  readonly sets: readonly Cot[];
  /** The run's number, to begin all of them with. */
  readonly run: number;
  /** 64 bytes that both parties know and that no other run has: fresh bytes of both are in it. */
  readonly name: Uint8Array;
}

interface State<Cot> {
  readonly id: Uint8Array;
  readonly sets: readonly Cot[];
}

const ID_BYTES = 16;
const FRESH_BYTES = 16;
const KEYS = COT_BASE * 16;
const DELTA_BYTES = COT_BASE / 8;

/** For who receives correlated transfers: it sends base ones. */
export async function keptReceiver(
  options: TransferOptions,
  sets: number,
): Promise<AgreedTransfers<CotReceiver>> {
  const { channel, random, context, transfers, peer } = options;
  const count = sets * COT_BASE;
  const begin = (): Keeping<State<CotReceiver>> => {
    const base = new BaseOtSender({ count, context, random, peer });
    return {
      messages: [base.message],
      async finish() {
        const theirs = await receiveExactly(
          channel,
          baseReceiverBytes(count),
          `the ${peer}'s base transfers`,
        );
        const { zero, one } = base.keys(theirs);
        const part = (keys: Uint8Array, i: number) => keys.subarray(i * KEYS, (i + 1) * KEYS);
        return {
          id: digest(base.message, theirs).slice(0, ID_BYTES),
          sets: Array.from(
            { length: sets },
            (_, i) => new CotReceiver(transfers, { zero: part(zero, i), one: part(one, i) }),
          ),
        };
      },
    };
  };
  const fresh = random.bytes(FRESH_BYTES);
  const agreed = await agree(options, `${context} ${transfers}`, begin, fresh);
  return named(agreed, fresh, agreed.theirs);
}

/**
 * For who sends correlated transfers and holds their Δ: it receives base ones.
 * @param oddDeltas for each set, whether the lowest bit of its Δ is to be set.
 */
export async function keptSender(
  options: TransferOptions,
  oddDeltas: readonly boolean[],
): Promise<AgreedTransfers<CotSender>> {
  const { channel, random, context, transfers, peer } = options;
  const count = oddDeltas.length * COT_BASE;
  const begin = (): Keeping<State<CotSender>> => {
    const choices = Uint8Array.from(random.bytes(oddDeltas.length * DELTA_BYTES));
    oddDeltas.forEach((odd, i) => {
      if (odd) choices[i * DELTA_BYTES] = (choices[i * DELTA_BYTES] ?? 0) | 1;
    });
    const base = new BaseOtReceiver({ count, context, random, peer, choices });
    return {
      messages: [base.message],
      async finish() {
        const theirs = await receiveExactly(channel, baseSenderBytes(count), `the ${peer}'s base transfers`);
        const keys = base.keys(theirs);
        return {
          id: digest(theirs, base.message).slice(0, ID_BYTES),
          sets: oddDeltas.map((_, i) => {
            const delta = choices.subarray(i * DELTA_BYTES, (i + 1) * DELTA_BYTES);
            return new CotSender(transfers, delta, keys.subarray(i * KEYS, (i + 1) * KEYS), peer);
          }),
        };
      },
    };
  };
  const fresh = random.bytes(FRESH_BYTES);
  const agreed = await agree(options, `${context} ${transfers}`, begin, fresh);
  return named(agreed, agreed.theirs, fresh);
}

function digest(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

function named<Cot>(
  { state, run }: Agreed<State<Cot>>,
  receivers: Uint8Array,
  senders: Uint8Array,
): AgreedTransfers<Cot> {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(run));
  return { sets: state.sets, run, name: digest(state.id, number, receivers, senders) };
}
