/** The joins of the third party that do not hide their memory accesses. */

import { bitmapLength } from './bitmap.ts';
import { DIGEST_LENGTH } from './digests.ts';

/** Which of the receiver's digests the sender has as well: a bitmap in the receiver's order. */
export function hashJoin(receiver: Uint8Array, sender: Uint8Array): Uint8Array {
  const key = (digests: Uint8Array, i: number) =>
    Buffer.from(digests.buffer, digests.byteOffset + i * DIGEST_LENGTH, DIGEST_LENGTH).toString('latin1');
  const known = new Set<string>();
  for (let i = 0; i < sender.length / DIGEST_LENGTH; i++) known.add(key(sender, i));
  const count = receiver.length / DIGEST_LENGTH;
  const bitmap = new Uint8Array(bitmapLength(count));
  for (let i = 0; i < count; i++) if (known.has(key(receiver, i))) bitmap[i >> 3]! |= 1 << (i & 7);
  return bitmap;
}
