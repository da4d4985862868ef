/** Item sets for the checks: built from bytes, with a known intersection. */
import { createHash } from 'node:crypto';
import { itemAt, packItems } from '../../impls/primitives/items.ts';
import type { ItemSet } from '../contract.ts';
import { seededRandom } from '../party/random.ts';

/** Two sets, and the indices of the receiver's items that the sender has too. */
export interface Case {
  readonly receiver: ItemSet;
  readonly sender: ItemSet;
  readonly expected: Uint32Array;
}

/** A case from items as strings (as UTF-8) or bytes; the expected result is found by comparing them all. */
export function caseOf(
  receiver: readonly (Uint8Array | string)[],
  sender: readonly (Uint8Array | string)[],
): Case {
  const sets = { receiver: packItems(receiver), sender: packItems(sender) };
  return { ...sets, expected: intersection(sets.receiver, sets.sender) };
}

/** Plain intersection: the indices into `receiver`, ascending. */
export function intersection(receiver: ItemSet, sender: ItemSet): Uint32Array {
  const theirs = new Set<string>();
  for (let i = 0; i < sender.count; i++) theirs.add(Buffer.from(itemAt(sender, i)).toString('hex'));
  const hits: number[] = [];
  for (let i = 0; i < receiver.count; i++) {
    if (theirs.has(Buffer.from(itemAt(receiver, i)).toString('hex'))) hits.push(i);
  }
  return Uint32Array.from(hits);
}

/** `count` different items of `length` bytes (4 at least) which depend on `label` alone. */
export function items(label: string, count: number, length = 16): Uint8Array[] {
  const random = seededRandom(`items ${label}`);
  return Array.from({ length: count }, (_, i) => {
    const item = random.bytes(length);
    // The last four bytes make them different, whatever the rest is.
    new DataView(item.buffer).setUint32(length - 4, i ^ hash32(label));
    return item;
  });
}

/**
 * A case of random items with `hits` of them in common, in random order on both sides.
 * Items of different labels have nothing in common.
 */
export function randomCase(
  label: string,
  sizes: { receiver: number; sender: number },
  hits: number,
  length = 16,
): Case {
  const common = items(`${label} common`, hits, length);
  const receiver = [...common, ...items(`${label} receiver`, sizes.receiver - hits, length)];
  const sender = [...common, ...items(`${label} sender`, sizes.sender - hits, length)];
  return caseOf(shuffled(receiver, `${label} receiver`), shuffled(sender, `${label} sender`));
}

/** The elements in an order that depends on `label` alone. */
export function shuffled<T>(elements: readonly T[], label: string): T[] {
  const random = seededRandom(`order ${label}`);
  return elements
    .map((element) => ({ element, key: Buffer.from(random.bytes(6)).readUIntBE(0, 6) }))
    .sort((a, b) => a.key - b.key)
    .map(({ element }) => element);
}

function hash32(label: string): number {
  return createHash('sha256').update(label).digest().readInt32BE(0);
}
