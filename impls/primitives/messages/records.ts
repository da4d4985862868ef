/** Long runs of records in messages whose lengths the sizes fix, so that the peer can work while they arrive. */
import type { Channel, Flight } from '../../../bench/contract.ts';
import { receiveExactly } from './receive-exactly.ts';

/** Most bytes of a message. */
const MESSAGE_BYTES = 256 * 1024;

/** How many records of `width` bytes a full message has. */
export function recordsPerMessage(width: number): number {
  return Math.floor(MESSAGE_BYTES / width);
}

/** Sends `count` records of `width` bytes. They must stay unchanged until this resolves. */
export async function sendRecords(flight: Flight, records: Uint8Array, width: number): Promise<void> {
  const step = recordsPerMessage(width) * width;
  for (let at = 0; at < records.length; at += step) await flight.send(records.subarray(at, at + step));
}

/**
 * Receives `count` records of `width` bytes, message by message.
 * @param what names them in errors.
 * @param take gets each message, and the number of its first record.
 */
export async function receiveRecords(
  channel: Channel,
  count: number,
  width: number,
  what: string,
  take: (records: Uint8Array, first: number) => void,
): Promise<void> {
  const step = recordsPerMessage(width);
  for (let first = 0; first < count; first += step) {
    const size = Math.min(step, count - first);
    take(await receiveExactly(channel, size * width, `${what} ${first} to ${first + size - 1}`), first);
  }
}
