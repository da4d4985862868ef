/**
 * The host of a server's enclave: starts it, listens, and carries bytes between clients and enclave. It sees
 * who connects, when, and how much is said, and nothing of what.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { type LaunchOptions, launchEnclave, type RunningEnclave } from '../runtime/launcher.ts';
import { relay } from './relay.ts';

export interface HostOptions extends LaunchOptions {
  /** Where to listen, by port of the guest: `port` 0 is any free one. */
  readonly listen: readonly { readonly host: string; readonly port: number; readonly guestPort: number }[];
  /** More clients at once are turned away. Default 256. */
  readonly maxConnections?: number;
  /** Gets one line for whatever a person should know. */
  readonly log?: (line: string) => void;
}

export interface RunningHost {
  readonly enclave: RunningEnclave;
  /** Where it listens, in the order of the options. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Resolves to the reason when the enclave has ended, by itself or by {@link close}. */
  readonly ended: Promise<Error>;
  /** Ends the enclave and every connection. */
  close(): void;
}

const MAX_CONNECTIONS = 256;

/** @throws Error when the enclave does not come up, or an address is taken. */
export async function hostServer(options: HostOptions): Promise<RunningHost> {
  const { listen, maxConnections = MAX_CONNECTIONS, log = () => {}, ...launch } = options;
  const enclave = await launchEnclave(launch);
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const closeAll = () => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const ended = enclave.ended.then((reason) => {
    closeAll();
    return reason;
  });
  try {
    for (const { host, port, guestPort } of listen) {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        if (sockets.size >= maxConnections) {
          socket.resetAndDestroy();
          log(`a client was turned away: ${maxConnections} are connected`);
          return;
        }
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        // When the enclave has just ended, `closeAll` is about to close this one too.
        if (enclave.isUp) relay(socket, enclave.connect(`tcp/${guestPort}`), log);
      });
      servers.push(server);
      await listening(server, host, port);
    }
  } catch (error) {
    closeAll();
    enclave.close();
    throw error;
  }
  const addresses = servers.map((server) => {
    const { address, port } = server.address() as { address: string; port: number };
    return { host: address, port };
  });
  return { enclave, addresses, ended, close: () => enclave.close() };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${host}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
}
