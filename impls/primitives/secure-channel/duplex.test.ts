import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { SecureDuplex } from './duplex.ts';
import { RecordOpener, RecordSealer } from './records.ts';
import { type Pipe, SecureChannel } from './secure-channel.ts';

/** A pipe in memory. */
class Wire implements Pipe {
  other: Wire | undefined;
  readonly sent: Uint8Array[] = [];
  readonly #arrived: Uint8Array[] = [];
  #wanted: PromiseWithResolvers<Uint8Array> | undefined;
  #broken: Error | undefined;
  resets: string[] = [];
  ends = 0;
  /** How many messages the other end takes without reading them. */
  room = Number.POSITIVE_INFINITY;
  onRoom: (() => void) | undefined;

  async send(message: Uint8Array): Promise<void> {
    this.sent.push(message.slice());
    const { other } = this;
    while (other && other.#arrived.length >= other.room) {
      await new Promise<void>((resolve) => {
        other.onRoom = resolve;
      });
    }
    other?.take(message.slice());
  }
  take(message: Uint8Array): void {
    if (this.#wanted) this.#wanted.resolve(message);
    else this.#arrived.push(message);
    this.#wanted = undefined;
  }
  receive(): Promise<Uint8Array> {
    const message = this.#arrived.shift();
    this.onRoom?.();
    if (message) return Promise.resolve(message);
    if (this.#broken) return Promise.reject(this.#broken);
    this.#wanted = Promise.withResolvers();
    return this.#wanted.promise;
  }
  break(reason: Error): void {
    this.#broken = reason;
    this.#wanted?.reject(reason);
  }
  end(): void {
    this.ends += 1;
  }
  reset(reason: string): void {
    this.resets.push(reason);
  }
}

/** All that a stream carries; other than `node:stream/consumers` it leaves the other direction open. */
function buffer(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece) => pieces.push(piece));
    stream.on('end', () => resolve(Buffer.concat(pieces)));
    stream.on('error', reject);
  });
}

function pair() {
  const keys = [randomBytes(32), randomBytes(32)] as const;
  const [a, b] = [new Wire(), new Wire()];
  a.other = b;
  b.other = a;
  const left = new SecureDuplex(
    new SecureChannel(a, new RecordSealer(keys[0]), new RecordOpener(keys[1])),
    a,
  );
  const right = new SecureDuplex(
    new SecureChannel(b, new RecordSealer(keys[1]), new RecordOpener(keys[0])),
    b,
  );
  return { a, b, left, right };
}

test('whatever is written in whatever pieces arrives, both ways, each end on its own', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (there, back) => {
      const { a, b, left, right } = pair();
      const received = [buffer(right), buffer(left)];
      for (const piece of there) left.write(piece);
      left.end();
      for (const piece of back) right.write(piece);
      right.end();
      const [first, second] = await Promise.all(received);
      assert.ok(Buffer.concat(there).equals(first ?? Buffer.alloc(1)));
      assert.ok(Buffer.concat(back).equals(second ?? Buffer.alloc(1)));
      assert.deepEqual([a.ends, b.ends, a.resets, b.resets], [1, 1, [], []]);
    }),
    { numRuns: 40 },
  );
});

test('half-close: after one direction has ended the other goes on', async () => {
  const { left, right } = pair();
  left.end('question');
  assert.equal((await buffer(right)).toString(), 'question');
  right.write('a long ');
  await setImmediate();
  right.end('answer');
  assert.equal((await buffer(left)).toString(), 'a long answer');
});

test('what was written in the meantime goes out as one message', async () => {
  const { a, left, right } = pair();
  for (let i = 0; i < 100; i++) left.write('x');
  left.end();
  assert.equal((await buffer(right)).length, 100);
  // The first write, the other 99, the end.
  assert.equal(a.sent.length, 3);
});

test('a writer waits for a reader who does not read', async () => {
  const { b, left, right } = pair();
  b.room = 2;
  const piece = Buffer.alloc(2 ** 17);
  let written = 0;
  const writing = (async () => {
    for (; written < 100; written++) {
      if (!left.write(piece)) await new Promise((resolve) => left.once('drain', resolve));
    }
    left.end();
  })();
  for (let i = 0; i < 100; i++) await setImmediate();
  assert.ok(written < 20, `${written} pieces were taken`);
  assert.equal((await buffer(right)).length, 100 * piece.length);
  await writing;
});

test('a direction that breaks off without its end is an error, and resets the other', async () => {
  const { b, left, right } = pair();
  left.write('half a sen');
  const reading = buffer(right);
  await setImmediate();
  b.break(new Error('it ended'));
  await assert.rejects(reading, /broke off before .* last record: it ended/);
  assert.equal(b.resets.length, 1);
});

test('a record that was altered ends the stream before its bytes are seen', async () => {
  const { a, b, right } = pair();
  b.take(randomBytes(40).fill(0, 0, 5));
  await assert.rejects(buffer(right), /altered/);
  assert.deepEqual(a.sent, []);
});

test('destroyed without an error it ends properly; what is under way still goes out', async () => {
  const { a, b, left, right } = pair();
  const reading = buffer(right);
  left.write('last words');
  await setImmediate();
  left.destroy();
  assert.equal((await reading).toString(), 'last words');
  right.end('too late');
  await setTimeout(10);
  assert.deepEqual([a.ends, b.ends, a.resets, b.resets], [1, 1, [], []]);
});

test('destroyed with an error it resets the transport, unless both ends are over', async () => {
  const { a, left } = pair();
  left.on('error', () => {});
  left.destroy(new Error('the client is gone'));
  await setImmediate();
  assert.deepEqual(a.resets, ['the client is gone']);
  const done = pair();
  done.left.end();
  done.right.end();
  await Promise.all([buffer(done.left), buffer(done.right)]);
  await setImmediate();
  done.left.lost(new Error('late'));
  assert.ok(done.left.destroyed);
  assert.deepEqual(done.a.resets, []);
});

test('a peer that does not end after this end was closed is reset, but not soon: it may be slow', async (t) => {
  const { a, left } = pair();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  left.destroy();
  t.mock.timers.tick(59_999);
  assert.deepEqual(a.resets, []);
  t.mock.timers.tick(1);
  assert.deepEqual(a.resets, ['closed']);
});

test('a peer that goes on sending to an end that was closed is reset', async () => {
  const { a, left, right } = pair();
  left.destroy();
  const piece = Buffer.alloc(2 ** 20);
  for (let i = 0; i < 20 && a.resets.length === 0; i++) {
    right.write(piece);
    await setTimeout(1);
  }
  assert.deepEqual(a.resets, ['closed']);
});

test('reset after its end, what a peer said is still read to its end', async () => {
  const { b, left, right } = pair();
  const piece = Buffer.alloc(1000, 'x');
  left.write(piece);
  left.end(piece);
  right.once('data', () => right.pause());
  await setTimeout(10);
  right.lost(new Error('read ECONNRESET'));
  right.write('to nobody');
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => right.once('error', resolve));
  const reading = buffer(right);
  right.resume();
  assert.ok((await reading).length >= piece.length);
  assert.equal((await failed).code, 'ECONNRESET');
  assert.deepEqual(b.resets, []);
});

test('a transport that was reset destroys the stream with its reason', async () => {
  const { a, left } = pair();
  const failed = new Promise<Error>((resolve) => left.once('error', resolve));
  left.lost(new Error('the enclave has ended'));
  assert.match((await failed).message, /the enclave has ended/);
  assert.deepEqual(a.resets, []);
});
