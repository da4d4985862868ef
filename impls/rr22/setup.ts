/**
 * Setup: base oblivious transfers whose choices are the bits of Δ, one message each way, both at once. A party
 * that has made them before keeps the keys; when both hold the same ones, they agree on the next run's number and
 * send no transfers. That number is in every generator's nonce, and never comes twice.
 */
import { createHash } from 'node:crypto';
import type { Channel, Flight, Session } from '../../bench/contract.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { BaseOtReceiver, BaseOtSender, baseReceiverBytes, baseSenderBytes } from '../primitives/ot/base.ts';
import { COT_BASE, type CotKind, CotReceiver, CotSender } from '../primitives/ot/cot.ts';
import type { Parameters } from './parameters.ts';
import { timeStep } from './workspace.ts';

/** The public points of the base transfers are hashed from it. */
const CONTEXT = 'psi-rr22-1';

const NAME_BYTES = 32;
const ID_BYTES = 16;
const GREETING_BYTES = NAME_BYTES + ID_BYTES + 8;

/** Keys of base transfers, and how the parties recognise that they hold the same ones. */
interface Kept<Cot> {
  readonly id: Uint8Array;
  readonly cot: Cot;
}

/** The transfers of one run. */
export interface Agreed<Cot> {
  readonly cot: Cot;
  /** The run's number, equal at both parties. */
  readonly run: number;
}

/** Sets up the receiver of the protocol, who receives correlated transfers and therefore sends base ones. */
export function setUpReceiver(session: Session, parameters: Parameters): Promise<Agreed<CotReceiver>> {
  const { transfers } = parameters;
  return setUp(session, parameters, session.channel('sender'), 'sender', {
    open: (random) => new BaseOtSender({ count: COT_BASE, context: CONTEXT, random, peer: 'sender' }),
    peerBytes: baseReceiverBytes(COT_BASE),
    finish: (base, theirs) => ({
      id: idOf(base.message, theirs),
      cot: new CotReceiver(transfers, base.keys(theirs)),
    }),
  });
}

/** Sets up the sender of the protocol, who draws Δ. */
export function setUpSender(session: Session, parameters: Parameters): Promise<Agreed<CotSender>> {
  const { transfers } = parameters;
  return setUp(session, parameters, session.channel('receiver'), 'receiver', {
    open: (random) => {
      const choices = random.bytes(COT_BASE / 8);
      return new BaseOtReceiver({ count: COT_BASE, context: CONTEXT, random, peer: 'receiver', choices });
    },
    peerBytes: baseSenderBytes(COT_BASE),
    finish: (base, theirs) => ({
      id: idOf(theirs, base.message),
      cot: new CotSender(transfers, base.choices, base.keys(theirs), 'receiver'),
    }),
  });
}

/** What differs between the parties. */
interface Side<Base, Cot> {
  open(random: Session['random']): Base;
  readonly peerBytes: number;
  finish(base: Base, theirs: Uint8Array): Kept<Cot>;
}

async function setUp<
  Base extends { readonly message: Uint8Array },
  Cot extends { readonly runs: { readonly next: number } },
>(
  session: Session,
  { transfers, store }: Parameters,
  channel: Channel,
  peer: string,
  side: Side<Base, Cot>,
): Promise<Agreed<Cot>> {
  const place = `rr22: base transfers for ${transfers}`;
  const kept = session.kept.get(place) as Kept<Cot> | undefined;
  const flight = channel.openFlight();
  const sent: Promise<void>[] = [];
  const send = (through: Pick<Flight, 'send'>, message: Uint8Array) => {
    const sending = through.send(message);
    // Awaited in the end; until then what was received says better what is wrong.
    sending.catch(() => {});
    sent.push(sending);
  };
  const open = (through: Pick<Flight, 'send'>) => {
    const base = timeStep(session, 'base transfers', () => side.open(session.random));
    send(through, base.message);
    return base;
  };
  send(flight, greeting(store, transfers, kept));
  let base = kept ? undefined : open(flight);
  const theirs = readGreeting(
    await receiveExactly(channel, GREETING_BYTES, `the ${peer}'s greeting`),
    greeting(store, transfers, kept).subarray(0, NAME_BYTES),
    peer,
  );
  let agreed: Agreed<Cot>;
  if (kept && Buffer.compare(kept.id, theirs.id) === 0) {
    agreed = { cot: kept.cot, run: Math.max(kept.cot.runs.next, theirs.next) };
  } else {
    base ??= open(channel);
    const message = await receiveExactly(channel, side.peerBytes, `the ${peer}'s base transfers`);
    const own = base;
    const fresh = timeStep(session, 'base transfers: keys', () => side.finish(own, message));
    session.kept.set(place, fresh);
    agreed = { cot: fresh.cot, run: 0 };
  }
  await Promise.all(sent);
  return agreed;
}

/** Which keys these are: both messages that made them. */
function idOf(fromReceiver: Uint8Array, fromSender: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(fromReceiver).update(fromSender).digest();
  return Uint8Array.from(hash.subarray(0, ID_BYTES));
}

function greeting(
  store: Parameters['store'],
  transfers: CotKind,
  kept: Kept<{ readonly runs: { readonly next: number } }> | undefined,
): Uint8Array {
  const bytes = new Uint8Array(GREETING_BYTES);
  bytes.set(new TextEncoder().encode(`psi-rr22-1 ${store} ${transfers}`));
  if (kept) {
    bytes.set(kept.id, NAME_BYTES);
    new DataView(bytes.buffer).setBigUint64(NAME_BYTES + ID_BYTES, BigInt(kept.cot.runs.next), true);
  }
  return bytes;
}

/** @throws Error when the peer plays something else, or gives a run number that cannot be. */
function readGreeting(
  theirs: Uint8Array,
  expected: Uint8Array,
  peer: string,
): { readonly id: Uint8Array; readonly next: number } {
  if (Buffer.compare(theirs.subarray(0, NAME_BYTES), expected) !== 0) {
    const own = new TextDecoder().decode(expected).replace(/\0+$/, '');
    throw new Error(
      `the ${peer} does not play "${own}" as this party does: choose equal options "okvs" and "ot" on both sides`,
    );
  }
  const view = new DataView(theirs.buffer, theirs.byteOffset, theirs.length);
  const next = view.getBigUint64(NAME_BYTES + ID_BYTES, true);
  if (next > 2n ** 48n) throw new Error(`the ${peer}'s greeting has ${next} as run number, which cannot be`);
  return { id: theirs.slice(NAME_BYTES, NAME_BYTES + ID_BYTES), next: Number(next) };
}
