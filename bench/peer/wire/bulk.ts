/** Raw bytes on a connection that otherwise carries lines. */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../../errors.ts';

/** Reads and forgets exactly `bytes`; what follows stays in the socket. */
export function discard(socket: Duplex, bytes: number): Promise<void> {
  return take(socket, bytes, () => {});
}

/** Reads exactly `bytes`, which the caller has found to be few enough; what follows stays in the socket. */
export async function readBytes(socket: Duplex, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  await take(socket, bytes, (part) => parts.push(part));
  return Buffer.concat(parts);
}

function take(socket: Duplex, bytes: number, use: (part: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = bytes;
    const settle = (act: () => void) => {
      socket.off('readable', more).off('end', ended).off('close', ended);
      act();
    };
    const ended = () => settle(() => reject(new ProtocolError('the connection to the other host is closed')));
    const more = () => {
      while (left > 0) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) return;
        if (chunk.length > left) socket.unshift(chunk.subarray(left));
        use(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
      }
      settle(resolve);
    };
    socket.on('readable', more).on('end', ended).on('close', ended);
    if (socket.destroyed) ended();
    else more();
  });
}
