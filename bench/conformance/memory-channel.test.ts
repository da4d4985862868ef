import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../contract.ts';
import { seededRandom } from '../party/random.ts';
import { MemoryMesh, type MeshOptions } from './memory-channel.ts';

function pair(options: Partial<MeshOptions> = {}, phase: Phase = 'online') {
  const mesh = new MemoryMesh({ roles: ['receiver', 'sender'], ...options });
  mesh.beginPhase(phase);
  return { mesh, receiver: mesh.channel('receiver', 'sender'), sender: mesh.channel('sender', 'receiver') };
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const kinds = (mesh: MemoryMesh) => mesh.violations.map(({ kind }) => kind);

/** Whether a promise has settled after some turns of the event loop. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('messages arrive in order, empty ones too, even when sends are not awaited', async () => {
  const { receiver, sender, mesh } = pair({ jitter: seededRandom('order') });
  const sends = Array.from({ length: 50 }, (_, i) => sender.send(new Uint8Array(i).fill(i)));
  for (let i = 0; i < 50; i++) assert.deepEqual(await receiver.receive(), new Uint8Array(i).fill(i));
  await Promise.all(sends);
  assert.equal(mesh.endPhase(), 1);
  assert.deepEqual(mesh.violations, []);
  assert.deepEqual(mesh.counts, [
    { phase: 'online', from: 'sender', to: 'receiver', messages: 50, bytes: (49 * 50) / 2 },
  ]);
});

test('the buffer received belongs to the receiver: neither sender nor transcript sees changes', async () => {
  const { receiver, sender, mesh } = pair();
  const sent = bytes(1, 2, 3);
  await sender.send(sent);
  sent.fill(9);
  const received = await receiver.receive();
  assert.deepEqual(received, bytes(1, 2, 3));
  received.fill(7);
  assert.deepEqual(mesh.transcript[0]!.bytes, bytes(1, 2, 3));
});

for (const [what, buffer] of [
  ['an array', bytes(1, 2, 3)],
  ['a Buffer', Buffer.from([1, 2, 3])],
] as const) {
  test(`a buffer (${what}) that changes before its send has resolved is a violation`, async () => {
    const { sender, receiver, mesh } = pair();
    const sending = sender.send(buffer);
    buffer.fill(0);
    await assert.rejects(sending, /changed a message to the receiver before its send had resolved/);
    assert.deepEqual(kinds(mesh), ['changed']);
    assert.deepEqual(await receiver.receive(), bytes(1, 2, 3));
  });
}

test('flights: answers are further flights, streams are not', async () => {
  const { receiver, sender, mesh } = pair();
  const flight = sender.openFlight();
  await flight.send(bytes(1));
  await receiver.receive();
  await receiver.send(bytes(2));
  await sender.receive();
  await flight.send(bytes(3));
  await sender.send(bytes(4));
  await receiver.receive();
  await receiver.receive();
  assert.deepEqual(
    mesh.transcript.map((message) => message.flight),
    [1, 2, 1, 3],
  );
  assert.equal(mesh.endPhase(), 3);
});

test('flights: what was received from a third party counts, and each phase starts anew', async () => {
  const mesh = new MemoryMesh({ roles: ['receiver', 'sender', 'helper'] });
  mesh.beginPhase('setup');
  await mesh.channel('sender', 'helper').send(bytes(1));
  await mesh.channel('helper', 'sender').receive();
  await mesh.channel('helper', 'receiver').send(bytes(2));
  await mesh.channel('receiver', 'helper').receive();
  const flight = mesh.channel('helper', 'receiver').openFlight();
  assert.equal(mesh.endPhase(), 2);
  mesh.beginPhase('online');
  await mesh.channel('receiver', 'sender').send(bytes(3));
  await mesh.channel('sender', 'receiver').receive();
  assert.equal(mesh.transcript.at(-1)!.flight, 1);
  await assert.rejects(flight.send(bytes(4)), /opened in another phase/);
  assert.equal(mesh.endPhase(), 1);
});

test('a message longer than the receiver allows is refused, and the connection is over', async () => {
  const { receiver, sender } = pair();
  await sender.send(bytes(1, 2, 3));
  await assert.rejects(receiver.receive(2), /message of 3 bytes where at most 2 are allowed/);
  await assert.rejects(receiver.receive(), /at most 2/);
  await assert.rejects(sender.send(bytes(1)), /at most 2/);
  const waiting = pair();
  const refused = assert.rejects(waiting.receiver.receive(2), /at most 2/);
  await waiting.sender.send(bytes(1, 2, 3));
  await refused;
});

test('only one receive may wait', async () => {
  const { receiver, sender, mesh } = pair();
  const first = receiver.receive();
  await assert.rejects(receiver.receive(), /called receive twice at once/);
  await sender.send(bytes(5));
  assert.deepEqual(await first, bytes(5));
  assert.deepEqual(kinds(mesh), ['misused']);
});

test('nothing is sent or received in prepare, nor between phases', async () => {
  const { receiver, sender, mesh } = pair({}, 'prepare');
  await assert.rejects(sender.send(bytes(1)), /in prepare/);
  await assert.rejects(receiver.receive(), /in prepare/);
  mesh.endPhase();
  await assert.rejects(sender.send(bytes(1)), /outside of any phase/);
  assert.deepEqual(kinds(mesh), ['prepare', 'prepare', 'misused']);
  assert.deepEqual(mesh.transcript, []);
});

test('what is no message is refused', async () => {
  const { sender } = pair();
  await assert.rejects(sender.send('text' as unknown as Uint8Array), /no Uint8Array/);
});

test('there is no channel to oneself or to a stranger', () => {
  const { mesh } = pair();
  assert.throws(() => mesh.channel('sender', 'sender'), /has no channel to "sender"/);
  assert.throws(() => mesh.channel('sender', 'helper'), /the parties are receiver, sender/);
});

test('unread messages and waiting receives are seen at the end of a phase', async () => {
  const { receiver, sender, mesh } = pair();
  await sender.send(bytes(1));
  const waiting = sender.receive();
  mesh.endPhase();
  assert.deepEqual(kinds(mesh), ['unread', 'unread']);
  mesh.close();
  await assert.rejects(waiting, /gone/);
  await assert.rejects(receiver.receive(), /outside of any phase/);
});

test('sends wait while more than the high-water mark is unread', async () => {
  const { receiver, sender } = pair({ highWaterMark: 10 });
  await sender.send(new Uint8Array(10));
  const blocked = sender.send(new Uint8Array(1));
  assert.equal(await isSettled(blocked), false);
  await receiver.receive();
  await blocked;
});

test('an unbuffered message is sent when it is received', async () => {
  const { receiver, sender } = pair({ unbuffered: ({ index }) => index === 1 });
  await sender.send(bytes(0));
  const blocked = sender.send(bytes(1));
  await receiver.receive();
  assert.equal(await isSettled(blocked), false);
  await receiver.receive();
  await blocked;
});

test('tampering: messages are replaced, and the transcript keeps what was sent', async () => {
  const { receiver, sender, mesh } = pair({ tamper: ({ index }) => (index === 1 ? bytes(9, 9) : undefined) });
  await sender.send(bytes(1));
  await sender.send(bytes(2));
  assert.deepEqual(await receiver.receive(), bytes(1));
  assert.deepEqual(await receiver.receive(), bytes(9, 9));
  assert.deepEqual(mesh.transcript[1]!.bytes, bytes(2));
});

test('a party that dies: what it sent before arrives, then both ends fail', async () => {
  const { receiver, sender } = pair({ tamper: ({ index }) => (index === 1 ? 'close' : undefined) });
  await sender.send(bytes(1));
  await assert.rejects(sender.send(bytes(2)), /the sender was cut off: its connection closed/);
  assert.deepEqual(await receiver.receive(), bytes(1));
  await assert.rejects(receiver.receive(), /the sender is gone: its connection closed/);
  await assert.rejects(receiver.send(bytes(3)), /the sender is gone/);
  await assert.rejects(sender.receive(), /cut off/);
});

test('a party that stalls: its peer waits for the idle timeout and no longer', async () => {
  const { receiver, sender } = pair({ hopelessMs: 50, tamper: () => 'stall' });
  await sender.send(bytes(1));
  await assert.rejects(receiver.receive(), /nothing came from the sender within the idle timeout of 50 ms/);
});

test('a peer that has finished its phase sends nothing more', async () => {
  const { receiver, sender, mesh } = pair({ hopelessMs: 50 });
  await sender.send(bytes(1));
  mesh.finished('sender');
  assert.deepEqual(await receiver.receive(), bytes(1));
  await assert.rejects(receiver.receive(), /idle timeout of 50 ms/);
});

test('two parties that wait for each other are told when nothing moves', async () => {
  const { receiver, sender } = pair({ idleMs: 50 });
  const both = [receiver.receive(), sender.receive()];
  for (const { status } of await Promise.allSettled(both)) assert.equal(status, 'rejected');
});

test('a receive that is tried again and again leaves room for timers', async () => {
  const { receiver, mesh } = pair();
  mesh.fail('sender', 'it crashed');
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, 20);
  let tries = 0;
  while (!isOver) {
    await receiver.receive().catch(() => {});
    tries++;
  }
  assert.ok(tries > 0);
});

test('the transcript can go without the bytes', async () => {
  const { receiver, sender, mesh } = pair({ keepBytes: false });
  await sender.send(bytes(1, 2, 3));
  assert.deepEqual(await receiver.receive(), bytes(1, 2, 3));
  assert.equal(mesh.transcript[0]!.bytes.length, 0);
  assert.equal(mesh.counts[0]!.bytes, 3);
});
