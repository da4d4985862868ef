import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_RECORD } from '../../primitives/secure-channel/records.ts';
import { FramedPipe } from './framed-pipe.ts';

function pipe() {
  const written: Buffer[] = [];
  let asked = 0;
  const one = new FramedPipe({
    async write(parts) {
      written.push(Buffer.concat(parts));
    },
    more() {
      asked += 1;
    },
  });
  return { one, written, asked: () => asked };
}

function frame(message: Uint8Array, length = message.length): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(length);
  return Buffer.concat([header, message]);
}

test('messages arrive whole, however the bytes were cut', async () => {
  const messages = [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(5000, 'b'), Buffer.from('c')];
  const bytes = Buffer.concat(messages.map((message) => frame(message)));
  for (const length of [1, 3, 4, 5, 1000, bytes.length]) {
    const { one } = pipe();
    for (let at = 0; at < bytes.length; at += length) one.take(bytes.subarray(at, at + length));
    for (const message of messages) assert.ok(message.equals(await one.receive()));
  }
});

test('what is sent is a frame', async () => {
  const { one, written } = pipe();
  await one.send(Buffer.from('hello'));
  assert.deepEqual(written, [frame(Buffer.from('hello'))]);
});

test('it asks for bytes when it has none, and for no more while much waits', async () => {
  const { one, asked } = pipe();
  const first = one.receive();
  assert.equal(asked(), 1);
  const big = frame(Buffer.alloc(2 ** 19));
  assert.equal(one.take(big), true);
  await first;
  assert.equal(one.take(big), true);
  assert.equal(one.take(big), false);
  await one.receive();
  assert.equal(one.take(Buffer.alloc(0)), true);
});

test('a peer’s faults: too long, longer than allowed here, ended within a message, ended', async () => {
  const long = pipe().one;
  long.take(frame(Buffer.alloc(0), MAX_RECORD + 1));
  await assert.rejects(long.receive(), /a frame of 1048577 bytes arrived/);
  const allowed = pipe().one;
  allowed.take(frame(Buffer.alloc(33)));
  await assert.rejects(allowed.receive(32), /33 bytes arrived where at most 32 are allowed/);
  const cut = pipe().one;
  cut.take(frame(Buffer.alloc(1), 2));
  cut.ended();
  await assert.rejects(cut.receive(), /ended within a message/);
  const over = pipe().one;
  over.take(frame(Buffer.from('last')));
  over.ended();
  assert.equal(Buffer.from(await over.receive()).toString(), 'last');
  await assert.rejects(over.receive(), /it ended/);
});

test('a length that is announced costs no memory', () => {
  const before = process.memoryUsage.rss();
  const pipes = Array.from({ length: 200 }, () => {
    const { one } = pipe();
    one.take(frame(Buffer.alloc(1), MAX_RECORD));
    return one;
  });
  assert.ok(process.memoryUsage.rss() - before < 50 * 2 ** 20);
  assert.equal(pipes.length, 200);
});
