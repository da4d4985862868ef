import { createCipheriv } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ItemSet } from '../bench/contract.ts';
import { seedWords } from './permutation.ts';
import { placement, sizeOf } from './placement.ts';
import type { DataRole, GeneratedSpec } from './spec.ts';

/** Length of a random identifier in bytes. */
export const RANDOM_BYTES = 16;

/** Items made at a time: 1 MiB. */
const PIECE = 2 ** 16;

/**
 * The identifiers of one party, in its order, piece by piece. Member n's identifier is n, as a
 * 16-byte little-endian number, encrypted by AES-128 under a key from the seed: a block cipher is a
 * permutation, hence identifiers are distinct, and nothing but the key tells them from random bytes.
 */
export function* randomPieces(spec: GeneratedSpec, role: DataRole): Generator<Uint8Array> {
  const size = sizeOf(spec, role);
  const member = placement(spec, role);
  const key = Buffer.alloc(16);
  seedWords(spec.seed, 'random identifiers', 4).forEach((word, i) => {
    key.writeUInt32LE(word, 4 * i);
  });
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const plain = Buffer.alloc(Math.min(PIECE, size) * RANDOM_BYTES);
  for (let start = 0; start < size; start += PIECE) {
    const count = Math.min(PIECE, size - start);
    for (let i = 0; i < count; i++) plain.writeUInt32LE(member(start + i), i * RANDOM_BYTES);
    yield cipher.update(plain.subarray(0, count * RANDOM_BYTES));
  }
}

/** The party's set, in shared memory. */
export async function randomItems(spec: GeneratedSpec, role: DataRole): Promise<ItemSet> {
  const count = sizeOf(spec, role);
  const data = new Uint8Array(new SharedArrayBuffer(count * RANDOM_BYTES));
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (count + 1)));
  for (let i = 1; i <= count; i++) offsets[i] = i * RANDOM_BYTES;
  let end = 0;
  for (const piece of randomPieces(spec, role)) {
    data.set(piece, end);
    end += piece.length;
    await setImmediate();
  }
  return { count, data, offsets };
}
