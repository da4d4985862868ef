/** What the wrong implementations are made of: the baseline with some parts replaced. */
import { createHmac } from 'node:crypto';
import type { Implementation, ItemSet, ReceiverParty, SenderParty, Session } from '../../contract.ts';
import { baseline, baselineReceiver, baselineSender, join, TAG_BYTES, tagsOf } from './right.ts';

export interface Wrong {
  readonly implementation: Implementation;
  /** The check that must fail, and what it must say. */
  readonly check: string;
  readonly says: RegExp;
}

export type Parts = Partial<Omit<Implementation, 'receiver' | 'sender'>> & {
  readonly receiver?: (session: Session) => Partial<ReceiverParty>;
  readonly sender?: (session: Session) => Partial<SenderParty>;
};

/** The baseline with some parts, or some methods of its parties, replaced. */
export function wrong(id: string, check: string, says: RegExp, { receiver, sender, ...parts }: Parts): Wrong {
  const implementation: Implementation = {
    ...baseline,
    id: `wrong-${id}`,
    kind: parts.security?.private ? 'cryptography' : baseline.kind,
    receiver: (session) => ({ ...baselineReceiver(session), ...receiver?.(session) }),
    sender: (session) => ({ ...baselineSender(session), ...sender?.(session) }),
    ...parts,
  };
  return { implementation, check, says };
}

export const PRIVATE = { ...baseline.security, private: true, learns: {} };

/** Both parties use another image of an item. */
export function withImage(image: (item: Uint8Array) => string): Pick<Parts, 'receiver' | 'sender'> {
  return {
    receiver: (session) => baselineReceiver(session, image),
    sender: (session) => baselineSender(session, image),
  };
}

/** The receiver makes something else of its right result. */
export function withResult(
  change: (result: Uint32Array, session: Session) => Uint32Array,
): Pick<Parts, 'receiver'> {
  return {
    receiver: (session) => ({
      online: async (items) => change(await baselineReceiver(session).online(items), session),
    }),
  };
}

/** The receiver reads the sender's only message of `online` in another way. */
export function withReading(
  read: (session: Session, bytes: number) => Promise<Uint8Array>,
): Pick<Parts, 'receiver'> {
  return {
    receiver: (session) => ({
      online: async (items) => join(tagsOf(items), await read(session, session.sizes.sender * TAG_BYTES)),
    }),
  };
}

/** The sender sends another message in `online` than its tags. */
export function withSending(
  send: (session: Session, items: ItemSet) => Promise<void>,
): Pick<Parts, 'sender'> {
  return { sender: (session) => ({ online: (items) => send(session, items) }) };
}

export const bytesOf = (tags: readonly string[]) => Buffer.from(tags.join(''), 'hex');
export const hmac = (key: string | Uint8Array, item: Uint8Array) =>
  createHmac('sha256', key)
    .update(item)
    .digest('hex')
    .slice(0, 2 * TAG_BYTES);
