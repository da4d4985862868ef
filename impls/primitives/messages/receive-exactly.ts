/** A message whose length the protocol fixes: the first check on whatever a peer sends. */
import type { Channel } from '../../../bench/contract.ts';

/**
 * Receives one message of exactly `length` bytes; a longer one is refused before it is held in memory.
 * @throws Error naming `what` it was to be, when it has another length
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
