/** Carries one connection between parties of two hosts: a local socket at each end of a TLS connection. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export const LOOPBACK = '127.0.0.1';

/** Passes everything on both ways, with back-pressure; when one side ends or breaks, so does the other. */
export function join(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  for (const [end, other] of [
    [a, b],
    [b, a],
  ]) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.end()); // what is on its way still arrives
  }
}

/** Connects to a party's port on this host. */
export async function connectLocally(port: number): Promise<Socket> {
  const socket = connect({ port, host: LOOPBACK, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Listens on a port of this host for one connection; `close` gives up waiting for it. */
export async function listenOnce(): Promise<{ port: number; connection: Promise<Socket>; close(): void }> {
  const server = createServer({ noDelay: true, pauseOnConnect: true });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const connection = new Promise<Socket>((resolve) => {
    server.once('connection', (socket: Socket) => {
      server.close();
      resolve(socket);
    });
  });
  return { port: (server.address() as AddressInfo).port, connection, close: () => server.close() };
}
