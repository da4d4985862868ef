/**
 * Setup: twice 128 base transfers at once, one message each way. The first ones are the vector OLE's, with Δ as the sender's
 * choices, the others the circuit's, with Γ: two secrets, so that what is argued of either holds by itself.
 */
import type { Session } from '../../bench/contract.ts';
import { runName } from '../primitives/garbling/two-party.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { BaseOtReceiver, BaseOtSender, baseReceiverBytes, baseSenderBytes } from '../primitives/ot/base.ts';
import { COT_BASE, type CotKind, CotReceiver, CotSender } from '../primitives/ot/cot.ts';

const TRANSFERS = 2 * COT_BASE;
/** Bytes of the keys of one set of base transfers. */
const KEYS = COT_BASE * 16;
const CHOICES = COT_BASE / 8;

/** The transfers of a run, for the vector OLE and for the circuit. */
export interface Transfers<Cot> {
  readonly vole: Cot;
  readonly inputs: Cot;
  /** 64 bytes that name this run. */
  readonly name: Uint8Array;
}

function contextOf({ sizes, output }: Session): string {
  return `psi-circuit-1 ${sizes.receiver} ${sizes.sender} ${JSON.stringify(output)}`;
}

const kindOf = (session: Session) => session.options.ot as CotKind;

export async function setUpReceiver(session: Session): Promise<Transfers<CotReceiver>> {
  const channel = session.channel('sender');
  const base = new BaseOtSender({
    count: TRANSFERS,
    context: contextOf(session),
    random: session.random,
    peer: 'sender',
  });
  const [theirs] = await Promise.all([
    receiveExactly(channel, baseReceiverBytes(TRANSFERS), "the sender's base transfers"),
    channel.send(base.message),
  ]);
  const { zero, one } = base.keys(theirs);
  const part = (i: number) =>
    new CotReceiver(kindOf(session), {
      zero: zero.subarray(i * KEYS, (i + 1) * KEYS),
      one: one.subarray(i * KEYS, (i + 1) * KEYS),
    });
  return { vole: part(0), inputs: part(1), name: runName(base.message, theirs) };
}

export async function setUpSender(session: Session): Promise<Transfers<CotSender>> {
  const channel = session.channel('receiver');
  const choices = Uint8Array.from(session.random.bytes(2 * CHOICES));
  // Γ: the two labels of a wire must differ in their permute bit, the lowest one.
  choices[CHOICES] = (choices[CHOICES] ?? 0) | 1;
  const base = new BaseOtReceiver({
    count: TRANSFERS,
    context: contextOf(session),
    random: session.random,
    peer: 'receiver',
    choices,
  });
  const [theirs] = await Promise.all([
    receiveExactly(channel, baseSenderBytes(TRANSFERS), "the receiver's base transfers"),
    channel.send(base.message),
  ]);
  const keys = base.keys(theirs);
  const part = (i: number) =>
    new CotSender(
      kindOf(session),
      choices.subarray(i * CHOICES, (i + 1) * CHOICES),
      keys.subarray(i * KEYS, (i + 1) * KEYS),
      'receiver',
    );
  return { vole: part(0), inputs: part(1), name: runName(theirs, base.message) };
}
