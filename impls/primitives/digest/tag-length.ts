/** Statistical security of every protocol here, in bits. */
const STATISTICAL_BITS = 40;

/**
 * Bytes of a tag that stands for an item: 40 + log2(n_r · n_s) bits, rounded up to whole bytes. With tags
 * as good as random, two different items anywhere among the n_r · n_s pairs then have equal tags with
 * probability at most 2^−40 (union bound). 5 for sets of one item or none, 10 for 2^20 × 2^20.
 */
export function tagLength(sizes: { readonly receiver: number; readonly sender: number }): number {
  const pairs = Math.max(1, sizes.receiver) * Math.max(1, sizes.sender);
  return Math.ceil((STATISTICAL_BITS + Math.log2(pairs)) / 8);
}
