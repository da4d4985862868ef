import { Permutation } from './permutation.ts';
import type { DataRole, GeneratedSpec } from './spec.ts';

/**
 * Who stands where. A generated data set is a population 0 … receiverSize + senderSize − overlap − 1:
 * first those whom both parties have, then the receiver's own, then the sender's own. Each party lists
 * its members in an order of its own (an independent seeded permutation), so that neither the position
 * of an item nor its neighbours say anything about the other set.
 *
 * @returns a function from position in the party's set to member of the population.
 */
export function placement(spec: GeneratedSpec, role: DataRole): (position: number) => number {
  const { receiverSize, senderSize, overlap, seed } = spec;
  if (role === 'receiver') {
    const order = new Permutation(receiverSize, seed, 'the receiver’s order');
    return (position) => order.at(position);
  }
  const order = new Permutation(senderSize, seed, 'the sender’s order');
  return (position) => {
    const rank = order.at(position);
    return rank < overlap ? rank : rank - overlap + receiverSize;
  };
}

/** Size of the party's set. */
export function sizeOf(spec: GeneratedSpec, role: DataRole): number {
  return role === 'receiver' ? spec.receiverSize : spec.senderSize;
}

/** Positions in the receiver's set of the items that both have, ascending: known by construction. */
export function sharedPositions(spec: GeneratedSpec): Uint32Array {
  const member = placement(spec, 'receiver');
  const shared = new Uint32Array(spec.overlap);
  let found = 0;
  for (let position = 0; position < spec.receiverSize; position++) {
    if (member(position) < spec.overlap) shared[found++] = position;
  }
  return shared;
}
