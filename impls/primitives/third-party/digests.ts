/**
 * The salted digests that stand for items in a join: the first 16 bytes of SHA-256 of a 64-byte block
 * (which holds the run's salt) and the item.
 *
 * Two different items have the same digest with a probability of 2^-128, so a run's result is wrong
 * with at most n_r·n_s·2^-128: 2^-80 for the largest sets. The salt is fresh in every run, so nobody
 * can look for items that collide, or that crowd a table, before it.
 */
import { Digester } from '../digest/digest.ts';

/** Bytes of a digest. */
export const DIGEST_LENGTH = 16;

/** Makes the digests of one run. */
export function runDigester(salt: Uint8Array): Digester {
  // A whole block of SHA-256: hashed once, not per item.
  const prefix = new Uint8Array(64);
  prefix.set(new TextEncoder().encode('psi-bench third-party join, v1'));
  prefix.set(salt, 64 - salt.length);
  return new Digester({ width: DIGEST_LENGTH, prefix });
}
