/** Sizes that both parties compute from the set sizes; where they come from: `README.md`. */

/** k: bits of a row, and base transfers. Two code words differ in 128 places but with probability 2^-66 at 2^24. */
export const COLUMNS = 448;
/** Bytes of a row on the wire; in memory it has 64. */
export const ROW_BYTES = COLUMNS / 8;
/** Bins that are worked on, and sent, at once: 8 KiB of each column. */
export const BLOCK_SHIFT = 16;
export const BLOCK_BINS = 1 << BLOCK_SHIFT;
