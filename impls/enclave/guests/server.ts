/**
 * The guest that runs any TCP server written for Node, unchanged, which needs neither disk nor outgoing
 * network. The host opens a connection `tcp/<port>` for each client; what it carries is an attested stream
 * (`../attested`), and the server gets it as if it had been accepted from a network.
 */
import { excuse, StreamAcceptor } from '../attested/accept-stream.ts';
import type { Guest } from '../runtime/guest.ts';
import type { Connection } from '../runtime/multiplexer.ts';
import { EnclaveSocket } from './enclave-socket.ts';
import { Ports } from './listen.ts';
import type { ServerSettings } from './server-settings.ts';

/** How long a client may take to say hello and agree on keys, and a server to listen. */
const OPENING_MS = 30_000;

const server: Guest = async ({ module, settings, accept }) => {
  const { entry, ports, arguments: args, environment } = settings as ServerSettings;
  const servers = new Ports();
  servers.install();
  const url = new URL(`../../../${entry}`, import.meta.url);
  process.argv.splice(1, process.argv.length, url.pathname, ...args);
  // There are no users inside: who asks for a home gets the root, unless the image says otherwise.
  Object.assign(process.env, { HOME: '/' }, environment);
  await import(url.href);

  const acceptor = new StreamAcceptor(module);
  for (;;) {
    const connection = await accept();
    serve(connection, ports, servers, acceptor).catch((error: Error) => connection.reset(error.message));
  }
};

async function serve(
  connection: Connection,
  ports: readonly number[],
  servers: Ports,
  acceptor: StreamAcceptor,
): Promise<void> {
  const port = Number(/^tcp\/(\d{1,5})$/.exec(connection.label)?.[1]);
  if (!ports.includes(port)) return excuse(connection, `nothing here is called ${connection.label}`);
  const timer = setTimeout(() => connection.reset('the client took too long to open its stream'), OPENING_MS);
  try {
    const channel = await acceptor.accept(connection, connection.label);
    const server = await servers.whenListening(port);
    const { allowHalfOpen = false } = server as { allowHalfOpen?: boolean };
    const socket = new EnclaveSocket(channel, connection, port, allowHalfOpen);
    void connection.whenReset.then((reason) => socket.lost(reason));
    // A server that listens for errors hears of it as well; one that doesn't is not to fall over it.
    socket.on('error', () => {});
    server.emit('connection', socket);
  } finally {
    clearTimeout(timer);
  }
}

export default server;
