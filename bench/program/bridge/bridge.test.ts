/** Two bridges over the mock wire, with real sockets where programs would be. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryMesh } from '../../conformance/memory-channel.ts';
import { Bridge, LOOPBACK } from './bridge.ts';
import { encode, Kind, Status } from './frame.ts';
import { WINDOW_BYTES } from './link.ts';

/** The receiver's program listens with `serve`; the sender's is to connect to `port`. */
async function bridged(serve: (socket: Socket) => void, patienceMs = 5000) {
  const mesh = new MemoryMesh({ roles: ['receiver', 'sender'] });
  mesh.beginPhase('online');
  const server = createServer({ allowHalfOpen: true }, serve);
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const target = (server.address() as AddressInfo).port;
  const of = { patienceMs };
  const receiver = new Bridge({
    ...of,
    channel: mesh.channel('receiver', 'sender'),
    peer: 'sender',
    parity: 0,
    target,
  });
  const sender = new Bridge({
    ...of,
    channel: mesh.channel('sender', 'receiver'),
    peer: 'receiver',
    parity: 1,
    target: null,
  });
  const port = await sender.listen();
  const running = Promise.all([receiver.run(), sender.run()]);
  return { mesh, receiver, sender, port, running, server };
}

type Bridged = Awaited<ReturnType<typeof bridged>>;

/** Ends both sides as parties do. @returns the number of flights */
async function finish({ mesh, receiver, sender, running, server }: Bridged): Promise<number> {
  for (const side of [receiver, sender]) {
    await Promise.race([side.silent(1000), side.failure]);
    await side.done(Status.fine);
  }
  await running;
  for (const side of [receiver, sender]) side.close();
  server.close();
  for (const role of ['receiver', 'sender'] as const) mesh.finished(role);
  const flights = mesh.endPhase();
  assert.deepEqual(mesh.violations, []);
  return flights;
}

test('a question, an answer, both ends: bytes arrive, and two flights are counted', async () => {
  const sides = await bridged((socket) => {
    let question = '';
    socket.on('data', (bytes: Buffer) => {
      question += bytes.toString();
    });
    // The question is over when the other end is closed: half of a connection that goes on.
    socket.on('end', () => socket.end(`${question}!`));
  });
  const socket = connect({ port: sides.port, host: LOOPBACK, allowHalfOpen: true });
  socket.end('how many?');
  assert.equal((await buffer(socket)).toString(), 'how many?!');
  assert.equal(await finish(sides), 2);
  assert.deepEqual([sides.receiver.connections, sides.sender.connections], [1, 1]);
});

test('who speaks many times without an answer has one flight; every turn is one more', async () => {
  const sides = await bridged((socket) => {
    let got = 0;
    socket.on('data', (bytes: Buffer) => {
      got += bytes.length;
      if (got === 30) socket.write('a');
      if (got === 31) socket.end('b');
    });
  });
  const socket = connect(sides.port, LOOPBACK);
  for (let i = 0; i < 10; i++) {
    socket.write('abc');
    await sleep(2);
  }
  await once(socket, 'data');
  socket.write('!');
  await once(socket, 'end');
  assert.equal(await finish(sides), 4);
});

test('several connections at once, each with its own bytes', async () => {
  const sides = await bridged((socket) => void socket.pipe(socket));
  const echoed = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const socket = connect({ port: sides.port, host: LOOPBACK, allowHalfOpen: true });
      socket.end(Buffer.alloc(100_000, i));
      return buffer(socket);
    }),
  );
  for (const [i, bytes] of echoed.entries())
    assert.ok(bytes.equals(Buffer.alloc(100_000, i)), `connection ${i}`);
  await finish(sides);
});

test('a program that reads nothing makes the other one wait, and what is under way stays within the window', async () => {
  let reader: Socket | undefined;
  const sides = await bridged((socket) => {
    reader = socket.pause();
  });
  const total = 6 * WINDOW_BYTES;
  const socket = connect(sides.port, LOOPBACK);
  let flushed = false;
  socket.end(Buffer.alloc(total, 7), () => {
    flushed = true;
  });
  const carried = () => sides.mesh.counts.find(({ from }) => from === 'sender')?.bytes ?? 0;
  for (let before = -1; before !== carried(); ) {
    before = carried();
    await sleep(100);
  }
  // What the kernel's own buffers took beyond the window, the program that reads nothing has been handed.
  assert.ok(carried() < total, `${carried()} of ${total} bytes were carried`);
  assert.equal(flushed, false);
  assert.ok(reader);
  assert.equal((await buffer(reader)).length, total);
  reader.end();
  await finish(sides);
  assert.equal(flushed, true);
});

test('a connection that one side breaks off breaks on the other', async () => {
  const sides = await bridged((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const socket = connect(sides.port, LOOPBACK);
  socket.write('x');
  const [error] = (await once(socket, 'error').catch((thrown) => [thrown])) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
  await finish(sides);
});

test('a program that listens late is waited for, and one that never does has a name', async () => {
  const sides = await bridged(() => {});
  const late = (sides.server.address() as AddressInfo).port;
  sides.server.close();
  const socket = connect({ port: sides.port, host: LOOPBACK, allowHalfOpen: true });
  socket.end('late');
  await sleep(60);
  const server: Server = createServer({ allowHalfOpen: true }, (end) => void end.pipe(end));
  server.listen(late, LOOPBACK);
  assert.equal((await buffer(socket)).toString(), 'late');
  server.close();
  await finish(sides);

  const never = await bridged(() => {}, 50);
  never.server.close();
  connect(never.port, LOOPBACK).on('error', () => {});
  await assert.rejects(never.receiver.failure, /nobody listened at 127\.0\.0\.1:\d+ within 0\.05 s/);
  never.receiver.close();
  never.sender.close();
  never.mesh.close();
  await never.running;
});

test('what a peer must not send is refused by name', async () => {
  const open = encode(Kind.open, 1);
  const data = encode(Kind.data, 1, { payload: new Uint8Array(10) });
  const flood = Array.from({ length: 40 }, () =>
    encode(Kind.data, 1, { payload: new Uint8Array(256 << 10) }),
  );
  const faults: [Uint8Array[], RegExp][] = [
    [[new Uint8Array(3)], /of 3 bytes/],
    [[data], /connection 1, which was never opened/],
    [[encode(Kind.open, 2)], /opened connection 2, which is not its to open/],
    [[open, open], /opened connection 1, which is not its to open/],
    [
      [open, encode(Kind.credit, 1, { amount: 1 })],
      /took 1 bytes of a carried connection, where 0 were sent/,
    ],
    [[open, encode(Kind.end, 1), data], /after its end/],
    [[open, ...flood], /more of a carried connection than its window/],
    [Array.from({ length: 300 }, (_, i) => encode(Kind.open, 2 * i + 1)), /more than 256 connections/],
  ];
  for (const [messages, expected] of faults) {
    const mesh = new MemoryMesh({ roles: ['receiver', 'sender'] });
    mesh.beginPhase('online');
    // Nobody listens there: connections wait, and what comes for them is kept, within the window.
    const channel = mesh.channel('receiver', 'sender');
    const bridge = new Bridge({ channel, peer: 'sender', parity: 0, target: 9, patienceMs: 20_000 });
    const running = bridge.run();
    const hostile = mesh.channel('sender', 'receiver').openFlight();
    void Promise.all(messages.map((message) => hostile.send(message))).catch(() => {});
    await assert.rejects(bridge.failure, { name: 'ProtocolError', message: expected });
    bridge.close();
    mesh.close();
    await running;
  }
});
