/** Carries one connection between parties of two hosts: a local socket at each end of a TLS connection. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProtocolError } from '../../errors.ts';

export const LOOPBACK = '127.0.0.1';

/** Passes everything on both ways, with back-pressure; when one side ends or breaks, so does the other. */
export function join(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  for (const [end, other] of [
    [a, b],
    [b, a],
  ] as const) {
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

/** A port of this host that takes one connection. */
export interface Entrance {
  readonly port: number;
  /** Rejects when it is closed before. */
  readonly connection: Promise<Socket>;
  /** Gives up waiting. */
  close(): void;
}

/** Listens on a port of this host for one connection, for no longer than `limitMs`. */
export async function listenOnce(limitMs: number): Promise<Entrance> {
  const server = createServer({ noDelay: true, pauseOnConnect: true });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  promise.catch(() => {}); // who waits hears of it, and nobody has to
  const timer = setTimeout(() => server.close(), limitMs).unref();
  server.once('connection', (socket: Socket) => {
    server.close();
    resolve(socket);
  });
  server.once('close', () => {
    clearTimeout(timer);
    reject(new ProtocolError('nobody came through the tunnel'));
  });
  return { port, connection: promise, close: () => server.close() };
}
