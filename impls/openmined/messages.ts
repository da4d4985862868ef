/** The library's three messages on the wire, and what a party checks of them before the library sees them. */
import type { Channel } from '../../bench/contract.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { type Elements, guarded, type Library, type Request, type ServerSetup } from './library.ts';
import { hashRange, type OpenminedSession, type Setting, structureOf } from './options.ts';

/** A compressed point of P-256. */
const POINT_BYTES = 33;
/** A point with its protobuf tag and length. */
const ENTRY_BYTES = 2 + POINT_BYTES;
/** Tag and value of `reveal_intersection`, absent when it is false. */
const REVEAL_BYTES = 2;
/** The length of what is padded. */
const PREFIX_BYTES = 4;
/** What a set takes at most beyond its points or bits: two tags with lengths, and two numbers with theirs. */
const MARGIN_BYTES = 32;

/** The receiver's request: its points, in the order of its items. */
export async function receiveRequest(
  channel: Channel,
  library: Library,
  session: OpenminedSession,
): Promise<Request> {
  const what = "the receiver's request";
  const reveal = session.output.kind === 'intersection';
  const length = session.sizes.receiver * ENTRY_BYTES + (reveal ? REVEAL_BYTES : 0);
  const request = decode(await receiveExactly(channel, length, what), library.request, what);
  if (request.getRevealIntersection() !== reveal)
    throw new Error(`${what} asks for another output than agreed on`);
  requirePoints(request, session.sizes.receiver, what);
  return request;
}

/** The sender's answer to it: the same points under both keys; sorted, where only their number may be learnt. */
export async function receiveResponse(channel: Channel, library: Library, count: number): Promise<Elements> {
  const what = "the sender's response";
  const response = decode(await receiveExactly(channel, count * ENTRY_BYTES, what), library.response, what);
  requirePoints(response, count, what);
  return response;
}

/** The sender's own set under its key, in the agreed structure. */
export async function receiveSetup(
  channel: Channel,
  library: Library,
  session: OpenminedSession,
): Promise<ServerSetup> {
  const what = "the sender's setup message";
  const padded = await receiveExactly(channel, setupBytes(session), what);
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (
    length > padded.length - PREFIX_BYTES ||
    padded.subarray(PREFIX_BYTES + length).some((byte) => byte !== 0)
  ) {
    throw new Error(`${what} is not padded as agreed on`);
  }
  const setup = decode(padded.subarray(PREFIX_BYTES, PREFIX_BYTES + length), library.serverSetup, what);
  const [raw, gcs] = [setup.getRaw(), setup.getGcs()];
  const structure = structureOf(session);
  if ((structure === 'raw' ? raw : gcs) === undefined) {
    throw new Error(`${what} has another structure than "${structure}": choose the same on both sides`);
  }
  if (raw !== undefined) requirePoints(raw, session.sizes.sender, what);
  if (
    gcs !== undefined &&
    (gcs.getHashRange() !== hashRange(session) || gcs.getDiv() < 0 || gcs.getDiv() > 62)
  ) {
    throw new Error(`${what} is made for other sizes or another rate "fpr" than agreed on`);
  }
  return setup;
}

/** The sender's set, padded with zeros behind its length: a Golomb code's own length varies with the hashes. */
export function padSetup(setup: ServerSetup, session: Setting): Uint8Array {
  const bytes = setup.serializeBinary();
  const padded = new Uint8Array(setupBytes(session));
  new DataView(padded.buffer).setUint32(0, bytes.length);
  padded.set(bytes, PREFIX_BYTES);
  return padded;
}

/**
 * The most bytes that a sender's set takes, its length before it. A Golomb code of n hashes below r takes n·(d + 1) bits and at most
 * r/2^d for the quotients; the library's d is log2(r/n) less 0.5 to 1.5, so this is below n·(log2(r/n) + 2.4).
 */
function setupBytes(setting: Setting): number {
  const { sender } = setting.sizes;
  const raw = sender * ENTRY_BYTES;
  const isRaw = structureOf(setting) === 'raw';
  return (
    PREFIX_BYTES +
    MARGIN_BYTES +
    (isRaw ? raw : Math.ceil((sender * (Math.log2(hashRange(setting) / sender) + 2.4)) / 8))
  );
}

interface Codec<Message> {
  deserializeBinary(bytes: Uint8Array): Message;
}

/** @throws Error naming `what` when it is not the one encoding of a message of its kind */
function decode<Message extends { serializeBinary(): Uint8Array }>(
  bytes: Uint8Array,
  codec: Codec<Message>,
  what: string,
): Message {
  const message = guarded(`${what} is no message of its kind`, () => codec.deserializeBinary(bytes));
  if (Buffer.compare(message.serializeBinary(), bytes) !== 0) {
    throw new Error(`${what} has bytes that belong to no field of it`);
  }
  return message;
}

function requirePoints(message: Elements, count: number, what: string): void {
  const points = message.getEncryptedElementsList_asU8();
  const odd = points.findIndex((point) => point.length !== POINT_BYTES);
  if (odd >= 0) throw new Error(`${what}: point ${odd} has ${points[odd]?.length} bytes, not ${POINT_BYTES}`);
  if (points.length !== count) throw new Error(`${what} has ${points.length} points, not ${count}`);
}
