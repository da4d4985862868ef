/** Tags: what of an item's hash travels, and its position among others does not. */
import { AES_BYTES, type Aes } from '../../primitives/aes/aes.ts';
import type { SharedBytes, WorkingMemory } from '../../primitives/working-memory/working-memory.ts';

interface Kernel {
  cut(from: number, to: number, width: number, count: number): void;
}

/**
 * Turns the `count` elements at `elements` into tags, in their place: the first `width` bytes of AES(z) + z each,
 * one behind the other.
 */
export function makeTags(
  memory: WorkingMemory,
  hash: Aes,
  elements: number,
  count: number,
  width: number,
): SharedBytes {
  hash.mmo(elements, elements, count);
  // In place, the stores of 16 bytes end where the last element did.
  memory.kernel<Kernel>('tags').cut(elements, elements, width, count);
  return memory.bytes(elements, count * Math.min(width, AES_BYTES));
}
