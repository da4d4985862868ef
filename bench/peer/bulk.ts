/** Raw bytes on a connection that otherwise carries lines. */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.ts';

/** Reads and forgets exactly `bytes`; what follows stays in the socket. */
export function discard(socket: Duplex, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = bytes;
    const settle = (act: () => void) => {
      socket.off('readable', take).off('end', ended).off('close', ended);
      act();
    };
    const ended = () => settle(() => reject(new ProtocolError('the connection to the other host is closed')));
    const take = () => {
      while (left > 0) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) return;
        if (chunk.length > left) socket.unshift(chunk.subarray(left));
        left -= Math.min(left, chunk.length);
      }
      settle(resolve);
    };
    socket.on('readable', take).on('end', ended).on('close', ended);
    if (socket.destroyed) ended();
    else take();
  });
}
