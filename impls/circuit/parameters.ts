/** What the set sizes of a run fix. */
import type { Session } from '../../bench/contract.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { CUCKOO_HASHES } from '../primitives/cuckoo/cuckoo.ts';
import { type OpprfShape, opprfShape } from '../primitives/opprf/shape.ts';

/** All comparisons of a run together are wrong with probability at most 2^-40. */
const SECURITY = 40;

/** Bins that are compared at once: one bit of them all is 128 KiB of labels. */
export const BATCH = 8192;

/** Bins of the receiver's cuckoo table, and the programmable function on them. */
export function shapeOf({ receiver, sender }: Session['sizes']): OpprfShape {
  // An empty set takes the way of a set of one, so that there is one way only.
  const bins = binsFor(Math.max(1, receiver));
  return opprfShape(bins, CUCKOO_HASHES * sender, SECURITY + Math.ceil(Math.log2(bins)));
}

/** First bin and number of bins of each batch. */
export function batches(bins: number): { readonly first: number; readonly lanes: number }[] {
  return Array.from({ length: Math.ceil(bins / BATCH) }, (_, i) => {
    const first = i * BATCH;
    return { first, lanes: Math.min(BATCH, bins - first) };
  });
}
