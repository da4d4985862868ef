import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Connection, MAX_CHUNK, Multiplexer } from './multiplexer.ts';

/** A stream end that keeps what is written to it. */
class FakeSocket extends Duplex {
  readonly written: Buffer[] = [];
  override _read() {}
  override _write(chunk: Buffer, _: string, done: () => void) {
    this.written.push(Buffer.from(chunk));
    done();
  }
}

/** One end whose peer is played by the test, frame by frame. */
function alone() {
  const socket = new FakeSocket();
  const opened: Connection[] = [];
  const stream = { input: socket as unknown as Socket, output: socket as unknown as Socket };
  const end = new Multiplexer(stream, 'inside', (connection) => opened.push(connection));
  return { end, opened, socket };
}

/** Two ends that are wired to each other, cutting the bytes into pieces of `pieceLength`. */
function wired(pieceLength: number) {
  const accepted: Connection[] = [];
  const [a, b] = [new FakeSocket(), new FakeSocket()];
  const streams = [a, b].map((socket) => ({
    input: socket as unknown as Socket,
    output: socket as unknown as Socket,
  }));
  const inside = new Multiplexer(streams[0]!, 'inside', (connection) => accepted.push(connection));
  const outside = new Multiplexer(streams[1]!, 'outside', () => {});
  const wire = (from: FakeSocket, to: Multiplexer) => {
    from._write = (chunk: Buffer, _: string, done: () => void) => {
      for (let at = 0; at < chunk.length; at += pieceLength) to.push(chunk.subarray(at, at + pieceLength));
      done();
    };
  };
  wire(a, outside);
  wire(b, inside);
  return { inside, outside, accepted };
}

const OPEN = 0;
const DATA = 1;
const END = 2;
const RESET = 3;
const CREDIT = 4;

function frame(type: number, connection: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const header = Buffer.alloc(9);
  header[0] = type;
  header.writeUInt32BE(connection, 1);
  header.writeUInt32BE(payload.length, 5);
  return Buffer.concat([header, payload]);
}

for (const pieceLength of [1, 5, 9, 10, 1000]) {
  test(`frames that arrive in pieces of ${pieceLength} bytes`, async () => {
    const { outside, accepted } = wired(pieceLength);
    const connection = outside.open('a label: ü');
    for (const text of ['', 'a', 'hello', 'x'.repeat(3000)]) await connection.send(Buffer.from(text));
    connection.end();
    await connection.send(Buffer.from('late')).then(
      () => assert.fail('it was sent after the end'),
      (error: Error) => assert.match(error.message, /has ended/),
    );
    const other = accepted[0]!;
    assert.equal(other.label, 'a label: ü');
    for (const length of [0, 1, 5, 3000]) assert.equal((await other.next())!.length, length);
    assert.equal(await other.next(), null);
    // Half-close: the other direction still works.
    await other.send(Buffer.from('answer'));
    assert.equal(Buffer.from(await connection.receive()).toString(), 'answer');
    other.end();
    assert.equal(await connection.next(), null);
  });
}

const BREACHES: Record<string, [Buffer[], RegExp]> = {
  'a frame longer than allowed': [[frame(DATA, 1).fill(0xff, 5, 9)], /at most 1048576 are allowed/],
  'a connection opened twice': [[frame(OPEN, 1), frame(OPEN, 1)], /opened twice/],
  "a connection with a number of this end's": [[frame(OPEN, 2)], /opened twice/],
  'too many connections': [
    Array.from({ length: 1025 }, (_, i) => frame(OPEN, 2 * i + 1)),
    /too many connections/,
  ],
  'more than the window': [
    [frame(OPEN, 1), ...Array.from({ length: 5 }, () => frame(DATA, 1, new Uint8Array(MAX_CHUNK)))],
    /more than it may/,
  ],
  'more empty chunks than the window has room for': [
    [frame(OPEN, 1), ...Array.from({ length: 8197 }, () => frame(DATA, 1))],
    /more than it may/,
  ],
  'a label without an end': [[frame(OPEN, 1, new Uint8Array(257))], /a label of 257 bytes/],
  'a reason without an end': [
    [frame(OPEN, 1), frame(RESET, 1, new Uint8Array(1025))],
    /a reason of 1025 bytes/,
  ],
  'data after the end': [[frame(OPEN, 1), frame(END, 1), frame(DATA, 1)], /more than it may/],
  'a malformed credit': [[frame(OPEN, 1), frame(CREDIT, 1, new Uint8Array(3))], /malformed credit/],
  'a frame of an unknown type': [[frame(OPEN, 1), frame(9, 1)], /unknown type 9/],
};

for (const [name, [frames, reason]] of Object.entries(BREACHES)) {
  test(`a peer that breaks the rules ends the stream: ${name}`, async () => {
    const { end, socket } = alone();
    const own = end.open('own');
    const waiting = own.receive();
    for (const one of frames) end.push(one);
    await assert.rejects(waiting, reason);
    assert.ok(socket.destroyed);
    assert.throws(() => end.open('another'), reason);
    assert.match((await own.whenReset).message, reason);
  });
}

test('frames to connections that are no more, or never were, are ignored', async () => {
  const { end, opened, socket } = alone();
  end.push(frame(DATA, 77, new Uint8Array(3)));
  end.push(frame(OPEN, 1));
  opened[0]!.reset('not wanted');
  end.push(frame(DATA, 1, new Uint8Array(3)));
  end.push(frame(RESET, 1));
  assert.equal(socket.destroyed, false);
  await assert.rejects(opened[0]!.receive(), /not wanted/);
});

test('a reset carries its reason to whoever waits at the other end', async () => {
  const { outside, accepted } = wired(100);
  const connection = outside.open('x');
  const waiting = connection.receive();
  accepted[0]!.reset('the guest said no');
  await assert.rejects(waiting, /the guest said no/);
  await assert.rejects(connection.send(new Uint8Array(1)), /the guest said no/);
  assert.match((await connection.whenReset).message, /the guest said no/);
});

test('it says when it has connections of its own, and when it has none left', () => {
  const { outside, accepted } = wired(100);
  const seen: boolean[] = [];
  outside.onBusy = (isBusy) => seen.push(isBusy);
  const [a, b] = [outside.open('a'), outside.open('b')];
  a.reset('done');
  assert.deepEqual(seen, [true]);
  b.reset('done');
  assert.deepEqual(seen, [true, false]);
  assert.equal(accepted.length, 2);
});

test('a peer that has itself answered and does not read ends the stream', () => {
  const { end, opened, socket } = alone();
  socket._write = () => {}; // nothing is ever taken
  for (let i = 0; i <= 10_000 && !socket.destroyed; i++) {
    end.push(frame(OPEN, 2 * i + 1));
    opened.pop()?.reset('nobody reaches out here');
  }
  assert.ok(socket.destroyed);
});

test('whatever frames a hostile peer sends, what is held for it is bounded', () => {
  const payload = fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 5000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5000, max: MAX_CHUNK }) },
  );
  const hostile = fc.record({
    type: fc.constantFrom(OPEN, DATA, DATA, DATA, DATA, END, RESET, CREDIT, 9),
    connection: fc.constantFrom(1, 1, 3, 5, 2, 2 ** 32 - 1),
    length: payload,
  });
  const property = fc.property(fc.array(hostile, { maxLength: 40 }), (frames) => {
    const { end, socket } = alone();
    const cycle = frames.map(({ type, connection, length }) =>
      frame(type, connection, new Uint8Array(length)),
    );
    // Every connection that it may open, and then as much of the rest as is taken.
    for (const connection of [1, 3, 5]) end.push(frame(OPEN, connection));
    let taken = 0;
    for (let round = 0; round < 20 && !socket.destroyed; round++) {
      for (const bytes of cycle) {
        if (socket.destroyed) break;
        end.push(bytes);
        taken += bytes.length;
      }
      assert.ok(end.heldBytes <= 4 * 4 * (MAX_CHUNK + 512), `${end.heldBytes} of ${taken} bytes are held`);
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test('a reset after an end takes nothing away that was sent before', async () => {
  const { inside, outside, accepted } = wired(1000);
  const sender = outside.open('x');
  void inside;
  await sender.send(Buffer.from('all of it'));
  sender.end();
  await new Promise(setImmediate);
  sender.reset('closed');
  const receiver = accepted[0];
  assert.ok(receiver?.hasPeerEnded);
  assert.match((await receiver.whenReset).message, /closed/);
  assert.equal(Buffer.from((await receiver.next()) ?? '').toString(), 'all of it');
  assert.equal(await receiver.next(), null);
  await assert.rejects(receiver.send(Buffer.from('more')), /closed/);
});
