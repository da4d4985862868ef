/** From an OPRF value to what the rest of the protocol works with: bins and field elements. */
import { CUCKOO_HASHES, cuckooCandidates } from '../primitives/cuckoo/cuckoo.ts';
import { POINT_BYTES } from '../primitives/curve/engine.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { MAX_FELTS } from './parameters.ts';
import type { Plan } from './plan.ts';

/** Random bytes that the sender draws until its bins are even enough, and sends to the receiver. */
export const SEED_BYTES = 16;

const DOMAIN = 'psi-seal-1:value';
const WORDS = 8;

/** Items as the table and the polynomials see them. */
export interface Elements {
  readonly count: number;
  /** Bins of item i: `plan.hashes` of them from i·hashes on, all different. */
  readonly bins: Uint32Array;
  /** Field elements of item i: `felts` of them from i·felts on, each below t. */
  readonly felts: Uint32Array;
}

/**
 * SHA-256(domain, seed, value) gives eight words of 32 bits for each OPRF value: up to five become field
 * elements, the other three choose bins. So the two are independent, and another seed is another hashing.
 */
export function elementsOf(values: Uint8Array, seed: Uint8Array, plan: Plan): Elements {
  const prefix = new Uint8Array(64);
  new TextEncoder().encodeInto(DOMAIN, prefix);
  prefix.set(seed, 64 - SEED_BYTES);
  const digests = new Digester({ width: WORDS * 4, prefix }).records(values, POINT_BYTES);
  const words = new Uint32Array(digests.buffer, digests.byteOffset, digests.length / 4);
  const count = values.length / POINT_BYTES;
  const { felts: perItem, plainModulus } = plan.set;
  const felts = new Uint32Array(count * perItem);
  const locations = new Uint32Array(count * CUCKOO_HASHES);
  for (let i = 0; i < count; i++) {
    const at = i * WORDS;
    for (let j = 0; j < perItem; j++) felts[i * perItem + j] = scale(words[at + j]!, plainModulus);
    for (let h = 0; h < CUCKOO_HASHES; h++) locations[i * CUCKOO_HASHES + h] = words[at + MAX_FELTS + h]!;
  }
  if (plan.hashes === CUCKOO_HASHES) return { count, bins: cuckooCandidates(locations, plan.bins), felts };
  const bins = new Uint32Array(count);
  for (let i = 0; i < count; i++) bins[i] = scale(locations[i * CUCKOO_HASHES]!, plan.bins);
  return { count, bins, felts };
}

/** A uniform word to a number below `range` ≤ 2^25, in proportion: exact, for a double holds the product's integer part. */
export function scale(word: number, range: number): number {
  return Math.floor((word / 2 ** 32) * range);
}
