/** What a peer that breaks every rule can make a party's process hold. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { SocketChannel } from './channel.ts';
import { FlightClock } from './flights.ts';
import { FRAME_BYTES, FrameKind, MAX_FLIGHT, writeHeader } from './frame.ts';
import { FrameReader, HIGH_WATER, MESSAGE_OVERHEAD } from './frame-reader.ts';

const CHUNK = 64 << 10;
const MIB = 1 << 20;

function header(length: number, flight = 1, kind: FrameKind = FrameKind.data): Buffer {
  const head = Buffer.alloc(FRAME_BYTES);
  writeHeader(head, { length, flight, kind });
  return head;
}

/** A channel whose peer is a bare socket. */
async function rawPeer(): Promise<{ channel: SocketChannel; socket: Socket; close(): void }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  const channel = SocketChannel.accept((await accepted)[0], 'sender', new FlightClock());
  const close = () => {
    channel.close();
    socket.destroy();
    server.close();
  };
  return { channel, socket, close };
}

/** Bytes that this process holds, garbage not counted. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('8 MB of empty messages that nobody reads cost a few megabytes, not hundreds', async () => {
  const { socket, close } = await rawPeer();
  const before = held();
  const many = Buffer.concat(Array.from({ length: 8192 }, () => header(0)));
  for (let sent = 0; sent < 8 * MIB; sent += many.length) socket.write(many);
  await pause(150);
  // What the socket was told and could not send yet is this test's own, beside what the channel holds.
  const growth = held() - before;
  assert.ok(growth < 20 * MIB, `${(growth / MIB).toFixed(1)} MiB`);
  close();
});

test('a message that comes in the place of the end of a phase is refused by its header', async () => {
  const { channel, socket, close } = await rawPeer();
  const before = held();
  socket.write(header(2 ** 30));
  await assert.rejects(
    channel.endPhase(),
    /the sender left a message of the peer unread, of 1073741824 bytes/,
  );
  assert.ok(held() - before < 4 * MIB);
  close();
});

test('a message longer than the receiver allows is refused by its header, before its bytes come', async () => {
  const { channel, socket, close } = await rawPeer();
  socket.write(header(1000));
  await assert.rejects(channel.receive(999), /a message of 1000 bytes where at most 999 are allowed/);
  close();
});

test("flight numbers and the lengths of the harness's own words are checked in the header", async () => {
  for (const [bytes, refusal] of [
    [header(0, 0), /sent a message of flight 0/],
    [header(0, MAX_FLIGHT + 1), /sent a message of flight 65535/],
    [header(0, 3, FrameKind.phaseEnd), /sent a message of flight 3/],
    [header(5, 0, FrameKind.phaseEnd), /sent 5 bytes where/],
    [header(5000, 0, FrameKind.hello), /sent 5000 bytes where/],
    [header(0, 0, FrameKind.hello), /said hello again/],
  ] as const) {
    const { channel, socket, close } = await rawPeer();
    socket.write(bytes);
    await assert.rejects(channel.receive(), { name: 'ProtocolError', message: refusal });
    close();
  }
});

test('the flight after the highest that a peer may name still fits a header', async () => {
  const { channel, socket, close } = await rawPeer();
  socket.write(header(0, MAX_FLIGHT));
  await channel.receive(0);
  await assert.rejects(channel.send(new Uint8Array(1)), /a phase has at most 65534 flights/);
  close();
});

const hostileFrame = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ length: 0, body: 0 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 2000 }).map((length) => ({ length, body: length })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: MIB }).map((length) => ({ length, body: length })) },
  // Announced, and never sent: nothing is allocated for it.
  {
    weight: 1,
    arbitrary: fc.integer({ min: HIGH_WATER + 1, max: 2 ** 30 }).map((length) => ({ length, body: 0 })),
  },
);

test('whatever is streamed at a reader whom nobody asks: it pauses, and holds no more than it may', () => {
  const property = fc.property(
    fc.array(hostileFrame, { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1000, max: CHUNK }),
    (frames, step) => {
      const cycle = Buffer.concat(frames.flatMap(({ length, body }) => [header(length), Buffer.alloc(body)]));
      const reader = new FrameReader(
        () => 'peer',
        () => {},
      );
      const bound = HIGH_WATER + MIB + (CHUNK / FRAME_BYTES) * MESSAGE_OVERHEAD;
      let goesOn = true;
      for (let fed = 0; goesOn; ) {
        assert.ok(fed <= bound, `${fed} bytes were taken`);
        for (let at = 0; goesOn && at < cycle.length; at += step) {
          const chunk = cycle.subarray(at, at + step);
          goesOn = reader.take(chunk);
          fed += chunk.length;
          assert.ok(reader.unreadBytes <= bound);
        }
      }
    },
  );
  fc.assert(property, { numRuns: 50 });
});
