/** Sizes of the band store. */

/** Sizes of a band store, all public: they follow from the number of items and the expansion alone. */
export interface BandParameters {
  readonly kind: 'band';
  /** How many items are encoded. */
  readonly count: number;
  /** Columns in all. */
  readonly columns: number;
  /** Columns of a row's band of random bits. */
  readonly width: number;
}

/** Columns more than items, at least: what makes a dense matrix fail with probability 2^−48. */
const SPARE_COLUMNS = 48;
const MAX_COUNT = 2 ** 26;

/**
 * Columns more than items, relative, and the width that goes with it. Failure falls by a constant factor with
 * every column of the band; the README has the fits.
 */
const WIDTHS = { 0.1: 256, 0.05: 448 } as const;
export type BandExpansion = keyof typeof WIDTHS;

/**
 * Sizes for `count` items.
 * @param expansion how many columns there are more than items: a tenth or a twentieth.
 * @throws RangeError when `count` is not a whole number from 0 to 2^26.
 */
export function bandParameters(count: number, expansion: BandExpansion = 0.1): BandParameters {
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT) {
    throw new RangeError(`a store must have 0 to 2^26 items, got ${count}`);
  }
  const columns = Math.max(count + SPARE_COLUMNS, Math.ceil(count + expansion * count));
  return { kind: 'band', count, columns, width: Math.min(WIDTHS[expansion], columns) };
}
