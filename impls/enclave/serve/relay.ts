/**
 * A client's socket and its connection to the enclave, joined. What a direct connection would deliver is
 * delivered: an end is an end and comes after everything before it, a reset is a reset.
 */
import type { Socket } from 'node:net';
import { release } from '../../primitives/secure-channel/release.ts';
import { type Connection, MAX_CHUNK } from '../runtime/multiplexer.ts';

/** Bytes of one client that may wait for the enclave before its socket is read no further. */
const MAX_WAITING = MAX_CHUNK;
/** How long the enclave may take to read the last bytes of a client that has ended both ways. */
const LINGER_MS = 60_000;

/** Carries bytes both ways until both ends have ended, or one is gone; `log` hears of what is no proper end. */
export function relay(socket: Socket, connection: Connection, log: (line: string) => void): void {
  let waiting = 0;
  socket.on('data', (bytes: Buffer) => {
    const { length } = bytes;
    waiting += length;
    if (waiting > MAX_WAITING) socket.pause();
    connection.send(bytes).then(
      () => {
        waiting -= length;
        release(bytes);
        if (waiting <= MAX_WAITING / 2) socket.resume();
      },
      () => {},
    );
  });
  socket.on('end', () => connection.end());
  socket.on('error', (error) => connection.reset(`the client is gone: ${error.message}`));
  socket.on('close', () => {
    const gone = () => connection.reset('the client is gone');
    if (!socket.readableEnded) gone();
    // One that has ended properly may have its last bytes, and its end, waiting for the enclave to read.
    else if (waiting > 0) setTimeout(gone, LINGER_MS).unref();
  });
  const delivered = deliver(socket, connection);
  void connection.whenReset.then(async (reason) => {
    if (connection.hasPeerEnded) {
      // The server is done with this client, which gets what it was sent; what it still says goes nowhere.
      await delivered;
      socket.destroySoon();
      return;
    }
    if (socket.destroyed) return;
    log(`a connection was ended by the enclave: ${reason.message}`);
    socket.resetAndDestroy();
  });
}

async function deliver(socket: Socket, connection: Connection): Promise<void> {
  try {
    for (let chunk = await connection.next(); chunk; chunk = await connection.next()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const bytes = chunk;
      const isRoomy = socket.write(bytes, () => {
        release(bytes);
        resolve();
      });
      if (!isRoomy) await promise;
    }
    socket.end();
  } catch {
    // Reset: `relay` ends the socket.
  }
}
