/** Messages between two hosts: JSON, one a line, on a socket that may carry raw bytes afterwards. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../../errors.ts';
import { object } from './fields.ts';

/** No message of ours comes near: what is longer is no message. */
export const MAX_LINE = 64 << 10;

/**
 * Sends `message`; what cannot be sent any more is lost, and the reader's side tells of it. Resolves when
 * there is room for more: whoever answers a stream of questions waits for it.
 */
export async function sendLine(socket: Duplex, message: object): Promise<void> {
  await sendBytes(socket, Buffer.from(`${JSON.stringify(message)}\n`));
}

/** Sends raw bytes; resolves when there is room for more, or the connection is closed. */
export async function sendBytes(socket: Duplex, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed || !socket.writable || socket.write(bytes)) return;
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
  } catch {
    // The connection broke: its reader says so.
  } finally {
    waiting.abort();
  }
}

/** Why a connection gave no more lines: it was closed, rather than misused. */
export class ClosedError extends ProtocolError {}

/**
 * The next message, an object; bytes after it stay in the socket. One at a time.
 * @throws ProtocolError when the connection ends, the line is too long, or is no JSON object
 */
export function readLine(socket: Duplex): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void) => {
      socket.off('readable', take).off('end', ended).off('close', ended);
      act();
    };
    const ended = () => settle(() => reject(new ClosedError('the connection to the other host is closed')));
    const take = () => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read()) {
        const at = chunk.indexOf(0x0a);
        const part = at < 0 ? chunk : chunk.subarray(0, at);
        parts.push(part);
        length += part.length;
        if (length > MAX_LINE)
          return settle(() => reject(new ProtocolError('the other host sent an endless line')));
        if (at < 0) continue;
        if (at + 1 < chunk.length) socket.unshift(chunk.subarray(at + 1));
        return settle(() => {
          try {
            resolve(object(JSON.parse(Buffer.concat(parts).toString()), 'line'));
          } catch {
            reject(new ProtocolError('the other host sent a line that is not a message'));
          }
        });
      }
    };
    socket.on('readable', take).on('end', ended).on('close', ended);
    if (socket.destroyed || socket.readableEnded) ended();
    else take();
  });
}
