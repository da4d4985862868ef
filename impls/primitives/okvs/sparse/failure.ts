/** How often the sparse store cannot be encoded: bounds that are computed, not extrapolated. */
import { log2Factorial } from '../../cuckoo/failure.ts';

/**
 * log2 of a bound on the probability that one of `clusters` clusters gets more than `load` of `count` items:
 * by the union over clusters, each an exact binomial tail.
 */
export function overloadLog2(count: number, clusters: number, load: number): number {
  if (load >= count) return Number.NEGATIVE_INFINITY;
  if (clusters === 1) return 0;
  const log2Hit = -Math.log2(clusters);
  const log2Miss = Math.log1p(-1 / clusters) / Math.LN2;
  const term = (k: number) => log2Choose(count, k) + k * log2Hit + (count - k) * log2Miss;
  const first = term(load + 1);
  // Beyond the mean every term is smaller than the one before, by a ratio that only falls.
  let sum = 0;
  let ratio = 1;
  for (let k = load + 1; k <= count && ratio > 2 ** -60; k++) {
    sum += ratio;
    ratio *= (count - k) / (k + 1) / (clusters - 1);
  }
  return Math.min(0, Math.log2(clusters) + first + Math.log2(sum));
}

/**
 * The smallest load that {@link overloadLog2} allows with a probability of at most 2^`log2`.
 */
export function loadBound(count: number, clusters: number, log2: number): number {
  let low = Math.ceil(count / clusters);
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (overloadLog2(count, clusters, middle) <= log2) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The expected number of non-empty sets of rows whose sum is zero, among `rows` rows that have ones in three
 * different of `columns` columns each, chosen uniformly.
 *
 * A set of k rows sums to zero with probability 2^−s Σ_j C(s, j) ρ_j^k, where ρ_j = K(j) / C(s, 3) and K is the
 * Krawtchouk polynomial of degree 3 (the character sum of the words of weight 3 over GF(2)^s). Summed over all
 * sets of rows: 2^−s Σ_j C(s, j) ((1 + ρ_j)^n − 1).
 */
export function expectedDependencies(rows: number, columns: number): number {
  const s = columns;
  const all = (s * (s - 1) * (s - 2)) / 6;
  let sum = 0;
  for (let j = 0; j <= s; j++) {
    const r = s - j;
    const krawtchouk =
      (r * (r - 1) * (r - 2)) / 6 -
      (j * r * (r - 1)) / 2 +
      ((j * (j - 1)) / 2) * r -
      (j * (j - 1) * (j - 2)) / 6;
    // Rounding may carry −1 over itself.
    const rho = Math.max(-1, krawtchouk / all);
    const power = rows * Math.log1p(rho);
    const weight = log2Choose(s, j) - s;
    // A huge power has a tiny weight: their product, not each, is a number that can be had.
    sum += power > 30 ? 2 ** (weight + power / Math.LN2) : 2 ** weight * Math.expm1(power);
  }
  // One row alone never sums to zero; what is left of it is rounding.
  return Math.max(0, sum);
}

function log2Choose(n: number, k: number): number {
  return log2Factorial(n) - log2Factorial(k) - log2Factorial(n - k);
}
