/** Published vectors (BLAKE3 1.x, test_vectors.json) of all lengths up to one block, and @noble/hashes. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { blake3 } from '@noble/hashes/blake3.js';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { Blake3 } from './blake3.ts';

/** Hashes messages of one length, 64 bytes apart. */
function hash(messages: readonly Uint8Array[], length: number, width: 16 | 32): string[] {
  const memory = new WorkingMemory();
  const room = Math.ceil(messages.length / 4) * 4;
  const from = memory.allocate(room * 64);
  const to = memory.allocate(room * width);
  const guard = memory.allocate(64);
  memory.bytes(guard, 64).fill(0xee);
  messages.forEach((message, i) => {
    memory.bytes(from + 64 * i, length).set(message);
  });
  new Blake3(memory).hash(from, messages.length, length, to, width);
  assert.ok(memory.bytes(guard, 64).every((byte) => byte === 0xee));
  return messages.map((_, i) => Buffer.from(memory.bytes(to + width * i, width)).toString('hex'));
}

/** Byte i of an input is i mod 251, as the vectors' authors have it. */
const vectors: readonly (readonly [number, string])[] = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [2, '7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63'],
  [3, 'e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f'],
  [4, 'f30f5ab28fe047904037f77b6da4fea1e27241c5d132638d8bedce9d40494f32'],
  [5, 'b40b44dfd97e7a84a996a91af8b85188c66c126940ba7aad2e7ae6b385402aa2'],
  [6, '06c4e8ffb6872fad96f9aaca5eee1553eb62aed0ad7198cef42e87f6a616c844'],
  [7, '3f8770f387faad08faa9d8414e9f449ac68e6ff0417f673f602a646a891419fe'],
  [8, '2351207d04fc16ade43ccab08600939c7c1fa70a5c0aaca76063d04c3228eaeb'],
  [63, 'e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b'],
  [64, '4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98'],
];

test('published vectors', () => {
  for (const [length, expected] of vectors) {
    const input = Uint8Array.from({ length }, (_, i) => i % 251);
    assert.deepEqual(hash([input], length, 32), [expected]);
  }
});

test('every length, count, lane and width: as @noble/hashes has it', () => {
  for (let length = 0; length <= 64; length++) {
    const messages = Array.from({ length: 1 + (length % 9) }, () => randomBytes(length));
    const expected = messages.map((message) => Buffer.from(blake3(message)).toString('hex'));
    assert.deepEqual(hash(messages, length, 32), expected);
    assert.deepEqual(
      hash(messages, length, 16),
      expected.map((digest) => digest.slice(0, 32)),
    );
  }
});

test('a message longer than a block is refused', () => {
  const memory = new WorkingMemory();
  assert.throws(() => new Blake3(memory).hash(64, 1, 65, 64, 16), /"length" must be 0 to 64 bytes, got 65/);
});
