/**
 * A set of items as one message: `bytes of all items (4, big-endian) ‖ width (1) ‖ lengths ‖ items ‖ zeros`.
 *
 * Each length takes `width` bytes (1, 2 or 4; little-endian), the least that the longest item needs.
 * The zeros round the message up so that its length, all that an onlooker sees, tells the total length
 * of the items to within 12 % at most (3 % from 1 MiB on): Padmé, from Nikitin et al., "Reducing
 * Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019, section 4.
 */
import type { ItemSet } from '../../../bench/contract.ts';
import { release } from '../secure-channel/release.ts';
import type { SecureChannel } from '../secure-channel/secure-channel.ts';

const HEADER = 5;
const ZEROS = new Uint8Array(2 ** 16);

/** `length` rounded up by Padmé: leaves O(log log length) bits of it. */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
  return step > 1 ? Math.ceil(length / step) * step : length;
}

/** Sends `items` as one message, encrypted while it is sent; the items are not copied. */
export function uploadItems(channel: SecureChannel, items: ItemSet): Promise<void> {
  const { count, offsets } = items;
  const first = offsets[0] ?? 0;
  const total = count === 0 ? 0 : offsets[count]! - first;
  let longest = 0;
  for (let i = 0; i < count; i++) longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
  const width = longest < 2 ** 8 ? 1 : longest < 2 ** 16 ? 2 : 4;

  const head = new Uint8Array(HEADER);
  new DataView(head.buffer).setUint32(0, total);
  head[4] = width;
  const lengths = new Uint8Array(count * width);
  for (let i = 0, at = 0; i < count; i++) {
    let length = offsets[i + 1]! - offsets[i]!;
    for (let k = 0; k < width; k++, at++, length >>>= 8) lengths[at] = length;
  }
  const body = HEADER + lengths.length + total;
  return channel.sendParts([
    head,
    lengths,
    items.data.subarray(first, first + total),
    ...zeros(padme(body) - body),
  ]);
}

function* zeros(count: number): Generator<Uint8Array> {
  for (; count > 0; count -= ZEROS.length) yield ZEROS.subarray(0, count);
}

/**
 * Receives what {@link uploadItems} sent.
 * @param count how many items were announced.
 * @throws MalformedUpload when it is not a set of that many items; CiphertextError from the channel.
 */
export async function receiveItems(channel: SecureChannel, count: number): Promise<ItemSet> {
  const longest = padme(HEADER + 4 * count + 2 ** 32);
  let bytes = new Uint8Array(0);
  let filled = 0;
  let arrived = 0;
  for await (const piece of channel.receiveParts(longest)) {
    if (arrived === 0) bytes = new Uint8Array(bodyLength(piece, count));
    arrived += piece.length;
    // What is beyond the body is padding.
    const wanted = piece.subarray(0, bytes.length - filled);
    bytes.set(wanted, filled);
    filled += wanted.length;
    release(piece);
  }
  if (filled < bytes.length || arrived !== padme(bytes.length)) {
    throw new MalformedUpload('the upload has another length than it announces');
  }
  return parse(bytes, count);
}

/** An upload that is well encrypted but no set of items. */
export class MalformedUpload extends Error {
  override readonly name = 'MalformedUpload';
}

function bodyLength(head: Uint8Array, count: number): number {
  const width = head[4];
  if (head.length < HEADER || (width !== 1 && width !== 2 && width !== 4)) {
    throw new MalformedUpload('the upload does not begin with a header');
  }
  const total = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(0);
  return HEADER + count * width + total;
}

function parse(bytes: Uint8Array, count: number): ItemSet {
  const width = bytes[4]!;
  const start = HEADER + count * width;
  const offsets = new Uint32Array(count + 1);
  let end = 0;
  for (let i = 0, at = HEADER; i < count; i++) {
    let length = bytes[at++]!;
    if (width > 1) length += bytes[at++]! * 2 ** 8;
    if (width > 2) {
      length += bytes[at++]! * 2 ** 16;
      length += bytes[at++]! * 2 ** 24;
    }
    end += length;
    offsets[i + 1] = end;
  }
  if (end !== bytes.length - start) throw new MalformedUpload("the items' lengths do not add up");
  return { count, data: bytes.subarray(start), offsets };
}
