/** What every curve engine can do: `engine.ts` chooses one, the engines implement it. */
import type { ItemSet, Random } from '../../../bench/contract.ts';

export type Group = 'curve25519' | 'ristretto255';

/** Bytes of an encoded element, and of a scalar, in either group. */
export const POINT_BYTES = 32;
export const SCALAR_BYTES = 32;

/** Computes on the calling thread, synchronously: give it `batch` points at a time, then let others run. */
export interface Engine {
  /** For the record, e.g. 'wasm'. */
  readonly name: string;
  readonly group: Group;
  /** The number of points per call at which it does well. More are allowed. */
  readonly batch: number;
  /** A secret scalar, 32 bytes, that annihilates no element of large order. */
  scalar(random: Random): Uint8Array;
  /** Hashes items to the group: 32 bytes for each, in order, to the start of `out`. */
  hash(items: ItemSet, out: Uint8Array): void;
  /**
   * Multiplies elements of 32 bytes by `scalar`, in order, to the start of `out` (which may be `points`).
   * @throws PointError for the first element that has small order or is no canonical encoding of an
   *   element; RangeError when lengths are wrong. `out` then holds nothing of use.
   */
  multiply(scalar: Uint8Array, points: Uint8Array, out: Uint8Array): void;
}
