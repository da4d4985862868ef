import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHello, encodeHello, HELLO_LENGTH, type Hello, streamInfo } from './hello.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hellos: fc.Arbitrary<Hello> = fc.oneof(
  fc.record({ kind: fc.constantFrom('once' as const, 'keep' as const), nonce: bytes32 }),
  fc.record({ kind: fc.constant('known' as const), nonce: bytes32, key: bytes32 }),
);

test('a hello is read as it was written', () => {
  fc.assert(
    fc.property(hellos, (hello) => {
      assert.deepEqual(decodeHello(encodeHello(hello)), { ...hello });
    }),
  );
});

test('whatever else it is, it is refused', () => {
  const hello = encodeHello({ kind: 'once', nonce: new Uint8Array(32) });
  for (const length of [0, 1, HELLO_LENGTH - 1, HELLO_LENGTH + 1]) {
    assert.throws(() => decodeHello(new Uint8Array(length)), /in the place of a hello/);
  }
  assert.throws(() => decodeHello(hello.with(0, 3)), /in the place of a hello/);
  for (const kind of [0, 2]) assert.throws(() => decodeHello(hello.with(0, kind).with(64, 1)), /names a key/);
});

test('whatever differs gives another key agreement', () => {
  const none = new Uint8Array(0);
  const nonce = new Uint8Array(32);
  const infos = [
    streamInfo('tcp/1', { kind: 'once', nonce }, none),
    streamInfo('tcp/11', { kind: 'once', nonce }, none),
    streamInfo('tcp/1', { kind: 'keep', nonce }, none),
    streamInfo('tcp/1', { kind: 'once', nonce: nonce.with(0, 1) }, none),
    streamInfo('tcp/1', { kind: 'once', nonce }, new Uint8Array(32)),
    streamInfo('tcp/1', { kind: 'known', nonce, key: nonce.with(31, 1) }, none),
  ];
  assert.equal(new Set(infos.map((info) => Buffer.from(info).toString('hex'))).size, infos.length);
});
