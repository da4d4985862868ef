import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { SocketChannel } from './channel.ts';
import { FlightClock } from './flights.ts';
import { FRAME_BYTES, FrameKind, writeHeader } from './frame.ts';
import { FrameReader, HIGH_WATER } from './frame-reader.ts';

/** Two channels over TCP: the receiver's (which connected) and the sender's (which accepted). */
async function pair(): Promise<{ receiver: SocketChannel; sender: SocketChannel; close(): void }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const { port } = server.address() as AddressInfo;
  const receiver = await SocketChannel.connect(port, '127.0.0.1', 'receiver', 'sender', new FlightClock());
  const sender = SocketChannel.accept((await accepted)[0], 'sender', new FlightClock());
  await receiver.sendHello(Buffer.from('receiver'));
  await sender.receiveHello((hello) => Buffer.from(hello).toString() as 'receiver');
  return {
    receiver,
    sender,
    close() {
      receiver.close();
      sender.close();
      server.close();
    },
  };
}

/** A channel whose peer is a bare socket, to send it anything. */
async function rawPeer(): Promise<{ channel: SocketChannel; socket: Socket; close(): void }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const channel = SocketChannel.accept((await accepted)[0], 'sender', new FlightClock());
  return {
    channel,
    socket,
    close() {
      channel.close();
      socket.destroy();
      server.close();
    },
  };
}

function frame(length: number, body: Uint8Array, kind: FrameKind = FrameKind.data): Buffer {
  const head = Buffer.alloc(FRAME_BYTES);
  writeHeader(head, { length, flight: 1, kind });
  return Buffer.concat([head, body]);
}

test('messages of all sizes arrive whole, in order, counted on both sides', async () => {
  const { receiver, sender, close } = await pair();
  const sizes = [0, 1, 7, 8, 9, 16_383, 16_384, 16_385, 1 << 20, 3_000_001, HIGH_WATER + 5, 12];
  const messages = sizes.map((size, i) => Buffer.alloc(size, i + 1));
  const sending = (async () => {
    for (const message of messages) await sender.send(message);
    return sender.endPhase();
  })();
  for (const message of messages) assert.ok(message.equals(await receiver.receive()));
  const [sent, received] = await Promise.all([sending, receiver.endPhase()]);
  const bytes = sizes.reduce((sum, size) => sum + size + FRAME_BYTES, 0);
  assert.deepEqual(sent, { sentBytes: bytes, receivedBytes: 0, sentMessages: 12, receivedMessages: 0 });
  assert.deepEqual(received, { sentBytes: 0, receivedBytes: bytes, sentMessages: 0, receivedMessages: 12 });
  close();
});

test('the sender is held back while the receiver does not read, and nothing is lost', async () => {
  const { receiver, sender, close } = await pair();
  const chunk = Buffer.alloc(1 << 20, 5);
  let sent = 0;
  const count = 96;
  const sending = (async () => {
    for (; sent < count; sent++) await sender.send(chunk);
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(sent < count / 2, `${sent} MiB were taken although nobody read`);
  for (let i = 0; i < count; i++) assert.equal((await receiver.receive()).length, chunk.length);
  await sending;
  close();
});

test('a message longer than the receiver allows is refused, whether it is short or long', async () => {
  for (const length of [20, HIGH_WATER + 1]) {
    const { receiver, sender, close } = await pair();
    sender.send(Buffer.alloc(length)).catch(() => {});
    await assert.rejects(
      receiver.receive(10),
      new RegExp(`the sender sent a message of ${length} bytes where at most 10`),
    );
    close();
  }
});

test('a lying length makes nobody allocate: without a receive that allows it the stream pauses', async () => {
  const { channel, socket, close } = await rawPeer();
  const before = process.memoryUsage().arrayBuffers;
  socket.write(frame(2 ** 30, Buffer.alloc(100)));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 25);
  await assert.rejects(channel.receive(1000), /of 1073741824 bytes where at most 1000 are allowed/);
  close();
});

test('bytes that are no frame are an error that says so', async () => {
  const { channel, socket, close } = await rawPeer();
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await assert.rejects(channel.receive(), /sent bytes that are no frame/);
  close();
});

test('a peer that goes away: what had arrived can be read, then receive and send reject', async () => {
  const { receiver, sender, close } = await pair();
  await sender.send(Buffer.from('last words'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  sender.close();
  assert.equal(Buffer.from(await receiver.receive()).toString(), 'last words');
  await assert.rejects(receiver.receive(), {
    name: 'PeerGoneError',
    message: /the sender closed the connection/,
  });
  await assert.rejects(receiver.send(new Uint8Array(1)), { name: 'PeerGoneError' });
  close();
});

test('a phase that ends while a message is expected is an error, and so is a message left unread', async () => {
  const waits = await pair();
  waits.sender.endPhase().catch(() => {});
  await assert.rejects(
    waits.receiver.receive(),
    /the sender ended the phase while the receiver still waited/,
  );
  waits.close();
  const ignores = await pair();
  await ignores.sender.send(new Uint8Array(2));
  ignores.sender.endPhase().catch(() => {});
  await assert.rejects(
    ignores.receiver.endPhase(),
    /the receiver left a message of the sender unread, of 2 bytes/,
  );
  ignores.close();
});

test('a silenced channel neither sends nor receives', async () => {
  const { receiver, close } = await pair();
  receiver.silence('not now');
  await assert.rejects(receiver.send(new Uint8Array(1)), /not now/);
  await assert.rejects(receiver.receive(), /not now/);
  close();
});

test('a stranger who does not say hello, or says it wrongly, is refused', async () => {
  const silent = await rawPeer();
  silent.socket.write(frame(3, Buffer.from('abc')));
  await assert.rejects(
    silent.channel.receiveHello(() => 'receiver'),
    /did not say hello/,
  );
  silent.close();
});

test('only one receive may wait', async () => {
  const { receiver, close } = await pair();
  const first = receiver.receive();
  first.catch(() => {});
  await assert.rejects(receiver.receive(), /only one receive may wait/);
  close();
});

test('FrameReader: the same frames come out however the stream is cut', async () => {
  const bodies = [3, 0, 300, 8, 1].map((length, i) => Buffer.alloc(length, i));
  const stream = Buffer.concat(bodies.map((body) => frame(body.length, body)));
  for (let step = 1; step < 40; step++) {
    const reader = new FrameReader(
      () => 'peer',
      () => {},
    );
    for (let at = 0; at < stream.length; at += step) reader.take(Buffer.from(stream.subarray(at, at + step)));
    for (const body of bodies) assert.ok(body.equals((await reader.next(1000)).body), `in steps of ${step}`);
  }
});
