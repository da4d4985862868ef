/** A plain TCP client with a clock. Times in ms. */
import { connect, type Socket } from 'node:net';
import { median } from '../statistics/stats.ts';

const LIMIT_MS = 60_000;

/** Connects, and gives up with the connection's own error. */
function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error(`no traffic for ${LIMIT_MS / 1000} s`)));
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends `bytes` and waits for as many. */
function exchange(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = bytes.length;
    const fail = (error?: Error | boolean) =>
      reject(error instanceof Error ? error : new Error('the connection was closed'));
    const take = (piece: Buffer) => {
      left -= piece.length;
      if (left > 0) return;
      socket.off('data', take).off('error', fail).off('close', fail);
      resolve();
    };
    socket.on('data', take).once('error', fail).once('close', fail);
    socket.write(bytes);
  });
}

/** From connecting to an echo server to the first byte back. */
export async function firstByte(port: number): Promise<number> {
  const start = performance.now();
  const socket = await dial(port);
  await exchange(socket, Buffer.alloc(1, 1));
  const ms = performance.now() - start;
  socket.destroy();
  return ms;
}

/** Median of `count` exchanges of 32 bytes on one connection that is open. */
export async function roundTrip(port: number, count: number): Promise<number> {
  const socket = await dial(port);
  const question = Buffer.alloc(32, 7);
  for (let i = 0; i < 20; i++) await exchange(socket, question);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await exchange(socket, question);
    times.push(performance.now() - start);
  }
  socket.destroy();
  return median(times);
}

/** Until `count` clients that connect at the same time have all got their first byte. */
export async function atOnce(port: number, count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, () => firstByte(port)));
  return performance.now() - start;
}

/** Sends `length` bytes to `path` over a connection of its own. @returns ms from connecting until they are confirmed. */
export async function sendWhole(port: number, path: string, length: number): Promise<number> {
  const start = performance.now();
  const socket = await dial(port);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let answer = '';
  socket.on('data', (piece) => {
    answer += piece.toString();
  });
  socket.on('end', () =>
    answer.endsWith(`\r\n\r\n${length}\n`) ? resolve() : reject(new Error(`not confirmed: ${answer}`)),
  );
  socket.on('error', reject);
  socket.write(
    `POST ${path} HTTP/1.0\r\nhost: bench\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`,
  );
  const piece = Buffer.alloc(2 ** 16, 'psi ');
  for (let left = length; left > 0 && !socket.destroyed; left -= piece.length) {
    if (socket.write(left < piece.length ? piece.subarray(0, left) : piece)) continue;
    await Promise.race([new Promise((drained) => socket.once('drain', drained)), promise]);
  }
  await promise;
  return performance.now() - start;
}

/** Fetches `path` over a connection of its own. @returns ms from connecting to the last byte, and bytes got. */
export async function fetchWhole(port: number, path: string): Promise<{ ms: number; bytes: number }> {
  const start = performance.now();
  const socket = await dial(port);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    socket.on('data', (piece) => {
      bytes += piece.length;
    });
    socket.on('end', () => resolve({ ms: performance.now() - start, bytes }));
    socket.on('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n`);
  });
}
