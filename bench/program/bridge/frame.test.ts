import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, HEADER_BYTES, Kind, MAX_PAYLOAD, Status } from './frame.ts';

test('messages are read as they were written', () => {
  const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });
  const connection = fc.integer({ min: 0, max: 65535 });
  fc.assert(
    fc.property(payload, connection, fc.integer({ min: 1, max: 2 ** 32 - 1 }), (bytes, id, amount) => {
      assert.deepEqual(
        { ...decode(encode(Kind.data, id, { payload: bytes }), 'sender'), payload: null },
        {
          ...{ kind: Kind.data, status: 0, connection: id, amount: 0, payload: null },
        },
      );
      assert.deepEqual(
        new Uint8Array(decode(encode(Kind.data, id, { payload: bytes }), 'sender').payload),
        bytes,
      );
      assert.equal(decode(encode(Kind.credit, id, { amount }), 'sender').amount, amount);
    }),
  );
  assert.equal(decode(encode(Kind.done, 0, { status: Status.failed }), 'sender').status, Status.failed);
});

test('what is no message has a fault with a name', () => {
  const whole = encode(Kind.data, 3, { payload: new Uint8Array(10) });
  const changed = (at: number, value: number) => {
    const copy = Buffer.from(whole);
    copy[at] = value;
    return copy;
  };
  const faults: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /of 0 bytes: 8 are the least/],
    [whole.subarray(0, HEADER_BYTES - 1), /of 7 bytes/],
    [whole.subarray(0, HEADER_BYTES), /says it carries 10 bytes and has 0/],
    [whole.subarray(0, whole.length - 1), /says it carries 10 bytes and has 9/],
    [Buffer.concat([whole, Buffer.alloc(1)]), /says it carries 10 bytes and has 11/],
    [encode(Kind.data, 3, { payload: new Uint8Array(MAX_PAYLOAD + 1) }), /says it carries 262145/],
    [changed(0, 0), /of kind 0, which there is not/],
    [changed(0, 77), /of kind 77/],
    [changed(1, 1), /with a status of 1/],
    [changed(0, Kind.end), /with 10 bytes where none belong/],
    [encode(Kind.credit, 1), /with an amount of 0/],
    [encode(Kind.open, 1, { amount: 5 }), /with an amount of 5/],
    [encode(Kind.done, 1), /names connection 1/],
    [encode(Kind.done, 0, { status: 2 }), /with a status of 2/],
  ];
  for (const [message, expected] of faults) {
    assert.throws(() => decode(message, 'sender'), { name: 'ProtocolError', message: expected });
  }
});

test('whatever bytes come, they are a message or a ProtocolError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decode(bytes, 'receiver');
      } catch (error) {
        assert.equal((error as Error).name, 'ProtocolError');
      }
    }),
  );
});
