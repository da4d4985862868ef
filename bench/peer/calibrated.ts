/** The side of a calibration that answers: pings and bulk, within limits of time and of bytes. */
import type { TLSSocket } from 'node:tls';
import { discard } from './wire/bulk.ts';
import { count, oneOf } from './wire/fields.ts';
import { readLine, sendBytes, sendLine } from './wire/lines.ts';

/** Largest transfer that may be asked for; the measuring side asks for no larger one. */
export const MAX_BULK = 64 << 20;
/** A whole calibration takes no longer, on either side. */
export const CALIBRATION_MS = 60_000;
/** All transfers of a connection together: two directions, each growing fourfold up to {@link MAX_BULK}. */
const MAX_TOTAL = 4 * MAX_BULK;
const CHUNK = Buffer.alloc(256 << 10);

/** Answers until the connection ends, or asks for what cannot be. */
export async function answerCalibration(socket: TLSSocket): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), CALIBRATION_MS);
  let left = MAX_TOTAL;
  try {
    for (;;) {
      const asked = await readLine(socket);
      const type = oneOf(asked.type, 'question', ['ping', 'bulk', 'sink']);
      if (type === 'ping') {
        await sendLine(socket, { type: 'pong' });
        continue;
      }
      const bytes = count(asked.bytes, 'bytes', Math.min(left, MAX_BULK));
      left -= bytes;
      if (type === 'bulk') await sendBulk(socket, bytes);
      else {
        await discard(socket, bytes);
        await sendLine(socket, { type: 'done' });
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Sends so many zeros, no faster than they are taken. */
export async function sendBulk(socket: TLSSocket, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !socket.destroyed; left -= CHUNK.length) {
    await sendBytes(socket, CHUNK.subarray(0, left));
  }
}
