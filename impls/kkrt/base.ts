/**
 * The base transfers of KKRT: 448, in which the receiver of the intersection is the sender and gets both keys of each,
 * the sender gets those that its secret s names. `direct` makes each of them on the curve; `extended` grows them
 * from 128 by IKNP, with one more message in `setup`. They are kept for later runs of the two processes.
 */
import { createHash } from 'node:crypto';
import type { Session } from '../../bench/contract.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import {
  BaseOtReceiver,
  BaseOtSender,
  basePartsOf,
  baseReceiverBytes,
  baseSenderBytes,
  KEY_BYTES,
  type KeyPairs,
} from '../primitives/ot/base.ts';
import { COT_BASE, CotReceiver, CotSender } from '../primitives/ot/cot.ts';
import type { Keeping } from '../primitives/ot/keeping.ts';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { COLUMNS, ROW_BYTES } from './parameters.ts';

/** How the base transfers are made. */
export const BASES = ['direct', 'extended'] as const;
export type BaseKind = (typeof BASES)[number];

/** The receiver's base transfers. */
export interface ReceiverBase {
  readonly id: Uint8Array;
  readonly keys: KeyPairs;
}

/** The sender's. */
export interface SenderBase {
  readonly id: Uint8Array;
  /** s: 56 bytes. */
  readonly secret: Uint8Array;
  readonly keys: Uint8Array;
}

/**
 * Transfers of one message of the sender's, when all are direct: it makes two points for each, and the receiver, who has
 * twice that work with them, need not wait for all.
 */
const PART = COLUMNS / 4;

/** Begins base transfers: what leaves at once, and how the state comes about. */
export function receiverBase(session: Session, kind: BaseKind): Keeping<ReceiverBase> {
  const options = { context: context(session, kind), random: session.random, peer: 'sender' };
  const channel = session.channel('sender');
  if (kind === 'direct') {
    const base = new BaseOtSender({ ...options, count: COLUMNS });
    return {
      messages: [base.message],
      async finish() {
        const theirs = new Uint8Array(baseReceiverBytes(COLUMNS));
        let number = 0;
        for (const [from, to] of basePartsOf(COLUMNS, PART)) {
          const part = await receiveExactly(channel, to - from, `part ${number++} of ${THEIRS('sender')}`);
          base.take(part);
          theirs.set(part, from);
        }
        return { id: identity(base.message, theirs), keys: base.keys() };
      },
    };
  }
  const delta = session.random.bytes(COT_BASE / 8);
  const base = new BaseOtReceiver({ ...options, count: COT_BASE, choices: delta });
  return {
    messages: [base.message],
    async finish() {
      const theirs = await receiveExactly(channel, baseSenderBytes(COT_BASE), THEIRS('sender'));
      const id = identity(base.message, theirs);
      const memory = new WorkingMemory();
      const run = new CotSender('iknp', delta, base.keys(theirs), 'sender').run(memory, 0);
      const message = await receiveExactly(channel, run.messageBytes(COLUMNS), EXTENSION);
      const at = memory.allocate(16 * COLUMNS);
      run.extend(message, COLUMNS, at);
      const rows = Uint8Array.from(memory.bytes(at, 16 * COLUMNS));
      const zero = keysOf(id, rows);
      return {
        id,
        keys: {
          zero,
          one: keysOf(
            id,
            rows.map((byte, i) => byte ^ (delta[i & 15] ?? 0)),
          ),
        },
      };
    },
  };
}

/** As {@link receiverBase}, for the sender. */
export function senderBase(session: Session, kind: BaseKind): Keeping<SenderBase> {
  const options = { context: context(session, kind), random: session.random, peer: 'receiver' };
  const channel = session.channel('receiver');
  const secret = session.random.bytes(ROW_BYTES);
  if (kind === 'direct') {
    const base = new BaseOtReceiver({ ...options, count: COLUMNS, choices: secret });
    return {
      messages: base.parts(PART),
      async finish() {
        const theirs = await receiveExactly(channel, baseSenderBytes(COLUMNS), THEIRS('receiver'));
        return { id: identity(theirs, base.message), secret, keys: base.keys(theirs) };
      },
    };
  }
  const base = new BaseOtSender({ ...options, count: COT_BASE });
  return {
    messages: [base.message],
    async finish() {
      const theirs = await receiveExactly(channel, baseReceiverBytes(COT_BASE), THEIRS('receiver'));
      const id = identity(theirs, base.message);
      const memory = new WorkingMemory();
      const run = new CotReceiver('iknp', base.keys(theirs)).run(memory, 0);
      const at = memory.allocate(16 * COLUMNS);
      await channel.send(run.extend(secret, COLUMNS, at));
      return { id, secret, keys: keysOf(id, Uint8Array.from(memory.bytes(at, 16 * COLUMNS))) };
    },
  };
}

/** Everything that both parties know of the run and that its keys shall depend on. */
function context({ sizes }: Session, kind: BaseKind): string {
  return `psi-kkrt-1 ${kind}, ${sizes.receiver} and ${sizes.sender} items`;
}

const THEIRS = (peer: string) => `the ${peer}'s message of base transfers`;
const EXTENSION = "the sender's message that extends the base transfers";

/** A name of what two messages make: both parties compute it. */
function identity(receivers: Uint8Array, senders: Uint8Array): Uint8Array {
  return createHash('sha256').update(receivers).update(senders).digest().subarray(0, 16);
}

/** A key from each row of correlated transfers: SHA-256, of which correlation robustness is assumed. */
function keysOf(id: Uint8Array, rows: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(64);
  prefix.set(new TextEncoder().encode('psi-kkrt-1:extended base key'));
  prefix.set(id, 48);
  const records = new Uint8Array(COLUMNS * 20);
  const view = new DataView(records.buffer);
  for (let j = 0; j < COLUMNS; j++) {
    view.setUint32(j * 20, j);
    records.set(rows.subarray(16 * j, 16 * j + 16), j * 20 + 4);
  }
  return new Digester({ width: KEY_BYTES, prefix }).records(records, 20);
}
