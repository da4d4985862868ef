/**
 * A relay that adds nothing: the yardstick for what two more hops cost. One TCP connection in, one out, bytes
 * both ways with back-pressure, no framing and no encryption. `node plain-relay.ts <port to reach>` prints the
 * port on which it listens.
 */
import { connect, createServer } from 'node:net';

const target = Number(process.argv[2]);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as { port: number }).port}\n`);
});
