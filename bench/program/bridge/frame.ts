/**
 * The messages in which two parties carry the connections of their programs: 8 bytes (kind, a byte of
 * status, the connection's number, the length of what follows or an amount), then bytes of the stream.
 */
import { ProtocolError } from '../../errors.ts';

export const HEADER_BYTES = 8;
/** Of the stream, in one message. */
export const MAX_PAYLOAD = 256 << 10;

export const Kind = {
  /** A program has connected. */
  open: 1,
  data: 2,
  /** Nothing more comes in this direction. */
  end: 3,
  /** The connection is broken off. */
  reset: 4,
  /** So many bytes were handed to the program: as many more may be sent. */
  credit: 5,
  /** Nothing more comes at all: the last message of a party. */
  done: 6,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** How a program ended, in the status of `done`. */
export const Status = { fine: 0, failed: 1 } as const;

export interface BridgeMessage {
  readonly kind: Kind;
  readonly status: number;
  readonly connection: number;
  /** For `credit`; 0 otherwise. */
  readonly amount: number;
  readonly payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export function encode(
  kind: Kind,
  connection: number,
  {
    payload = NOTHING,
    amount = 0,
    status = 0,
  }: { payload?: Uint8Array; amount?: number; status?: number } = {},
): Uint8Array {
  const message = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  message[0] = kind;
  message[1] = status;
  message.writeUInt16LE(connection, 2);
  message.writeUInt32LE(kind === Kind.data ? payload.length : amount, 4);
  message.set(payload, HEADER_BYTES);
  return message;
}

/** @throws ProtocolError naming what is wrong with a message of the `peer` */
export function decode(message: Uint8Array, peer: string): BridgeMessage {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const refuse = (fault: string) =>
    new ProtocolError(`the ${peer} sent a message of a carried connection ${fault}`);
  if (bytes.length < HEADER_BYTES) throw refuse(`of ${bytes.length} bytes: ${HEADER_BYTES} are the least`);
  const kind = bytes.readUInt8(0) as Kind;
  const status = bytes.readUInt8(1);
  const connection = bytes.readUInt16LE(2);
  const amount = bytes.readUInt32LE(4);
  const payload = bytes.subarray(HEADER_BYTES);
  switch (kind) {
    case Kind.data:
      if (amount !== payload.length || amount === 0 || amount > MAX_PAYLOAD)
        throw refuse(`that says it carries ${amount} bytes and has ${payload.length}`);
      break;
    case Kind.open:
    case Kind.end:
    case Kind.reset:
    case Kind.credit:
    case Kind.done:
      if (payload.length > 0) throw refuse(`with ${payload.length} bytes where none belong`);
      if ((amount !== 0) !== (kind === Kind.credit)) throw refuse(`with an amount of ${amount}`);
      break;
    default:
      throw refuse(`of kind ${Number(kind)}, which there is not`);
  }
  if (status !== Status.fine && !(kind === Kind.done && status === Status.failed))
    throw refuse(`with a status of ${status}`);
  if (kind === Kind.done && connection !== 0)
    throw refuse(`that ends everything, and names connection ${connection}`);
  return { kind, status, connection, amount: kind === Kind.credit ? amount : 0, payload };
}
