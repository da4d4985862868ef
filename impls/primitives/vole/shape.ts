/** The sizes of one silent vector OLE, which its length and the weight of its noise fix. */
import { AES_BYTES } from '../aes/aes.ts';
import { type Forest, forest } from '../ggm/ggm.ts';

/** Correlated transfers that give one noise value its product: one per bit. */
export const VALUE_BITS = 128;

/** Sizes of a vector OLE. */
export interface VoleShape {
  /** How many products there are: m. */
  readonly length: number;
  /** One tree per noise position: t trees, of L leaves each. */
  readonly forest: Forest;
  /** Rows of the code: t·L / 2, at least `length`. */
  readonly rows: number;
  /**
   * Correlated transfers: for each level from 1 on and each tree one, level by level, then for each tree 128.
   */
  readonly transfers: number;
  /** How many of the transfers are those of levels. */
  readonly levelTransfers: number;
  /** Bytes of the message from the party that holds Δ. */
  readonly messageBytes: number;
}

/**
 * The shape of a vector OLE of `length` products with regular noise of weight `weight`: t blocks of
 * L = 2⌈length / t⌉ positions, one noisy position in each; the code's rate is 1/2.
 */
export function voleShape(length: number, weight: number): VoleShape {
  if (!(Number.isInteger(length) && length > 0)) {
    throw new RangeError(`"length" must be positive, got ${length}`);
  }
  const trees = forest(weight, 2 * Math.ceil(length / weight));
  const levelTransfers = weight * trees.depth;
  return {
    length,
    forest: trees,
    rows: (weight * trees.leaves) / 2,
    transfers: levelTransfers + weight * VALUE_BITS,
    levelTransfers,
    messageBytes: (2 * levelTransfers + weight) * AES_BYTES,
  };
}
