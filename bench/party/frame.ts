/**
 * What stands before every message on the wire: 8 bytes, little-endian.
 *
 *     0  u32  length of the message that follows
 *     4  u16  flight number
 *     6  u8   kind
 *     7  u8   0xb5, so that a stray or shifted stream is noticed at once
 */
import { ProtocolError } from '../errors.ts';

export const FRAME_BYTES = 8;
/** No message may be longer: a length beyond it is a lie or a fault. */
export const MAX_MESSAGE_BYTES = 2 ** 30;
/** Highest flight number: the one after it must fit the header too. */
export const MAX_FLIGHT = 2 ** 16 - 2;
/** What connects proves itself with 32 bytes and a role's name. */
export const MAX_HELLO_BYTES = 256;
const MAGIC = 0xb5;

/** `data` is the implementation's; `phaseEnd` and `hello` are the harness's and are not counted. */
export const FrameKind = { data: 0, phaseEnd: 1, hello: 2 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface FrameHeader {
  readonly length: number;
  readonly flight: number;
  readonly kind: FrameKind;
}

/** Writes a header into the first {@link FRAME_BYTES} bytes of `target`. */
export function writeHeader(target: Buffer, { length, flight, kind }: FrameHeader): void {
  target.writeUInt32LE(length, 0);
  target.writeUInt16LE(flight, 4);
  target[6] = kind;
  target[7] = MAGIC;
}

/**
 * Reads the header at `offset`.
 * @throws ProtocolError when the bytes are no header, or say what none of its kind may: the message goes
 *   on after the name of whoever sent it.
 */
export function readHeader(source: Buffer, offset: number): FrameHeader {
  const length = source.readUInt32LE(offset);
  const kind = source.readUInt8(offset + 6);
  if (source[offset + 7] !== MAGIC || kind > FrameKind.hello) {
    throw new ProtocolError('sent bytes that are no frame of this harness');
  }
  if (length > MAX_MESSAGE_BYTES) {
    throw new ProtocolError(`announced a message of ${length} bytes; the limit is ${MAX_MESSAGE_BYTES}`);
  }
  const flight = source.readUInt16LE(offset + 4);
  if (kind === FrameKind.data ? flight < 1 || flight > MAX_FLIGHT : flight !== 0) {
    throw new ProtocolError(`sent a message of flight ${flight}, which cannot be`);
  }
  if ((kind === FrameKind.phaseEnd && length > 0) || (kind === FrameKind.hello && length > MAX_HELLO_BYTES)) {
    throw new ProtocolError(`sent ${length} bytes where the harness's own words have fewer`);
  }
  return { length, flight, kind: kind as FrameKind };
}
