/** Records of equal length, streamed in messages whose lengths the set sizes fix. */
import type { Flight } from '../../bench/contract.ts';

/** Records per message: with 32 bytes each, 64 KiB. The peer starts to work on the first while the rest is under way. */
export const CHUNK = 2048;

/** Calls `each` for every chunk of `count` records, in order, waiting for each. */
export async function forChunks(
  count: number,
  each: (from: number, to: number) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) await each(from, Math.min(count, from + CHUNK));
}

/** Sends all of `records` in one flight. They must stay unchanged until this resolves. */
export async function sendChunks(flight: Flight, records: Uint8Array, recordBytes: number): Promise<void> {
  await forChunks(records.length / recordBytes, (from, to) =>
    flight.send(records.subarray(from * recordBytes, to * recordBytes)),
  );
}
