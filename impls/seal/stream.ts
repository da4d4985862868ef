/** Messages of lengths that the plan fixes. */
import type { Channel } from '../../bench/contract.ts';

/** Points per message: 64 KiB. The peer works on the first while the rest is under way. */
export const CHUNK = 2048;

/** The ranges into which `count` points are cut, in order. */
export function* chunks(count: number): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0; from < count; from += CHUNK) yield { from, to: Math.min(count, from + CHUNK) };
}

/**
 * Receives one message of exactly `length` bytes.
 * @throws Error naming `what` it was to be.
 */
export async function receiveExactly(channel: Channel, length: number, what: string): Promise<Uint8Array> {
  const message = await channel.receive(length);
  if (message.length !== length) {
    throw new Error(
      `${what} must have ${length} bytes, got ${message.length}: the peer plays another protocol`,
    );
  }
  return message;
}
