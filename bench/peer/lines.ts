/** Messages between two hosts: JSON, one a line, on a socket that may carry raw bytes afterwards. */
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../errors.ts';

/** No message of ours comes near: what is longer is no message. */
const MAX_LINE = 1 << 20;

/** Sends `message`; what cannot be sent any more is lost, and the reader's side tells of it. */
export function sendLine(socket: Duplex, message: object): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/**
 * The next message, an object; bytes after it stay in the socket. One at a time.
 * @throws ProtocolError when the connection ends, the line is too long, or is no JSON object
 */
export function readLine(socket: Duplex): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void) => {
      socket.off('readable', take).off('end', ended).off('close', ended);
      act();
    };
    const ended = () => settle(() => reject(new ProtocolError('the connection to the other host is closed')));
    const take = () => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read()) {
        const at = chunk.indexOf(0x0a);
        parts.push(at < 0 ? chunk : chunk.subarray(0, at));
        length += parts.at(-1)!.length;
        if (length > MAX_LINE)
          return settle(() => reject(new ProtocolError('the other host sent an endless line')));
        if (at < 0) continue;
        if (at + 1 < chunk.length) socket.unshift(chunk.subarray(at + 1));
        return settle(() => {
          try {
            resolve(asObject(JSON.parse(Buffer.concat(parts).toString())));
          } catch {
            reject(new ProtocolError('the other host sent a line that is no message'));
          }
        });
      }
    };
    socket.on('readable', take).on('end', ended).on('close', ended);
    if (socket.destroyed || socket.readableEnded) ended();
    else take();
  });
}

/** @throws TypeError when `value` is no object. */
export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object');
  return value as Record<string, unknown>;
}
