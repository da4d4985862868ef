/** The result, told to the party that does not learn it from the protocol: digests of the shared items. */
import { hash } from 'node:crypto';
import type { ItemSet } from '../../contract.ts';

export const DIGEST_BYTES = 32;

/** SHA-256 of the items at `indices`, one after the other. */
export function digestsOf(items: ItemSet, indices: Iterable<number>): Buffer {
  return Buffer.concat(Array.from(indices, (index) => digestOf(items, index)));
}

/**
 * Indices of the items that have one of the digests, ascending.
 * @throws Error when a digest is of no item, or comes twice: then it is no result of these items
 */
export function indicesOf(digests: Buffer, items: ItemSet): Uint32Array {
  const wanted = new Set<string>();
  for (let at = 0; at < digests.length; at += DIGEST_BYTES) {
    wanted.add(digests.toString('latin1', at, at + DIGEST_BYTES));
  }
  const found: number[] = [];
  for (let index = 0; index < items.count; index++) {
    if (wanted.delete(digestOf(items, index).toString('latin1'))) found.push(index);
  }
  const missing = digests.length / DIGEST_BYTES - found.length;
  if (missing > 0) throw new Error(`${missing} of the items that are said to be shared are not here`);
  return Uint32Array.from(found);
}

function digestOf({ data, offsets }: ItemSet, index: number): Buffer {
  return hash('sha256', data.subarray(offsets[index], offsets[index + 1]), 'buffer');
}
