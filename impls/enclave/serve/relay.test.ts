import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Connection, Multiplexer } from '../runtime/multiplexer.ts';
import { relay } from './relay.ts';

const LENGTH = 6 * 2 ** 20;

/** A client's socket, and the enclave's end of the connection that it is relayed to. */
async function relayed() {
  const accepted = Promise.withResolvers<Connection>();
  const [outer, inner] = duplexPair();
  const end = (stream: Duplex, side: 'inside' | 'outside') => {
    const made = new Multiplexer({ input: stream, output: stream }, side, accepted.resolve);
    stream.on('data', (bytes) => made.push(bytes));
    return made;
  };
  const host = end(outer, 'outside');
  end(inner, 'inside');
  const lines: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    relay(socket, host.open('tcp/7'), (line) => lines.push(line));
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  return { client, enclave: await accepted.promise, lines };
}

/** Everything that the socket still gets, and how it ends. */
function rest(socket: Socket): Promise<{ length: number; ending: string }> {
  return new Promise((resolve) => {
    let length = 0;
    socket.on('data', (bytes) => {
      length += bytes.length;
    });
    socket.on('end', () => resolve({ length, ending: 'end' }));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ length, ending: String(error.code) }));
    socket.resume();
  });
}

async function sendAll(connection: Connection): Promise<void> {
  for (let sent = 0; sent < LENGTH; sent += 2 ** 20) await connection.send(new Uint8Array(2 ** 20));
}

test('a client that reads late gets everything that the server sent before it closed', async () => {
  const { client, enclave, lines } = await relayed();
  client.pause();
  const sending = sendAll(enclave);
  // The server closes while half of it is on the way, and gives up waiting for the client to close.
  await Promise.race([sending, setTimeout(50)]);
  const reading = setTimeout(50).then(() => rest(client));
  await sending;
  enclave.end();
  await setTimeout(1);
  enclave.reset('closed');
  assert.deepEqual(await reading, { length: LENGTH, ending: 'end' });
  assert.deepEqual(lines, []);
  client.destroy();
});

test('a server that has ended before gets everything that the client sent before it ended', async () => {
  const { client, enclave, lines } = await relayed();
  enclave.end();
  client.resume();
  client.end(Buffer.alloc(LENGTH));
  await new Promise((resolve) => client.once('close', resolve));
  let length = 0;
  for (let chunk = await enclave.next(); chunk; chunk = await enclave.next()) length += chunk.length;
  assert.equal(length, LENGTH);
  assert.deepEqual(lines, []);
});

test('a reset is handed on as one, either way', async () => {
  const server = await relayed();
  server.enclave.reset('the server fell over');
  assert.equal((await rest(server.client)).ending, 'ECONNRESET');
  assert.deepEqual(server.lines, ['a connection was ended by the enclave: the server fell over']);
  const client = await relayed();
  client.client.resetAndDestroy();
  assert.match((await client.enclave.whenReset).message, /the client is gone/);
  assert.deepEqual(client.lines, []);
});
