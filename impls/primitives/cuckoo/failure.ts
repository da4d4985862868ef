/** How often a cuckoo table cannot be built: a bound that is proven, not extrapolated from experiments. */
import { CUCKOO_HASHES } from './cuckoo.ts';

/**
 * A bound, as an exponent of two, on the probability that `count` items with three different uniform bins
 * each do not fit into `bins` bins, one each and without a stash.
 *
 * If they do not fit, some k + 1 items have all their bins among k bins (Hall), and in a smallest such
 * choice every one of the k bins is a candidate of at least two of the items: otherwise one could drop a
 * bin and the one item that needs it. So the bound is the sum over k of the number of such choices,
 * C(n, k+1)·C(m, k), times the probability of each: the number of ways to fill 3(k+1) places with k bins so
 * that each occurs twice, at most (3(k+1))!·(e^x − 1 − x)^k / x^(3(k+1)) for every x > 0 (coefficient of a
 * power series with no negative ones), over the (m(m−1)(m−2))^(k+1) outcomes.
 *
 * The bound is of use up to about three items for four bins; beyond, it exceeds 1 long before tables fail.
 */
export function cuckooFailureLog2(count: number, bins: number): number {
  if (count > bins) return 0;
  const outcomes = Math.log2(bins) + Math.log2(bins - 1) + Math.log2(bins - 2);
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let k = CUCKOO_HASHES; k < count; k++) {
    const places = CUCKOO_HASHES * (k + 1);
    const x = k < EXACT_SADDLE ? saddle(places / k) : limitSaddle;
    const twice = log2Factorial(places) + k * Math.log2(Math.expm1(x) - x) - places * Math.log2(x);
    const within = (k + 1) * Math.log2(k * (k - 1) * (k - 2));
    const term =
      log2Choose(count, k + 1) + log2Choose(bins, k) + Math.min(twice, within) - (k + 1) * outcomes;
    if (term > 0) return 0;
    if (term > largest) {
      sum = sum * 2 ** (largest - term) + 1;
      largest = term;
    } else sum += 2 ** (term - largest);
  }
  return sum === 0 ? Number.NEGATIVE_INFINITY : Math.min(0, largest + Math.log2(sum));
}

/**
 * The fewest bins, a multiple of `step`, at which {@link cuckooFailureLog2} is at most `log2`.
 * @throws RangeError when `step` is less than 3.
 */
export function cuckooBins(count: number, log2: number, step: number): number {
  if (!Number.isInteger(step) || step < CUCKOO_HASHES) {
    throw new RangeError(`"step" must be a whole number from ${CUCKOO_HASHES} on, got ${step}`);
  }
  const fits = (steps: number) => cuckooFailureLog2(count, steps * step) <= log2;
  let low = Math.max(1, Math.ceil(count / step));
  let high = low;
  while (!fits(high)) {
    low = high + 1;
    high *= 2;
  }
  // More bins fail less often.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return high * step;
}

/** From this k on, 3(k+1)/k is so near to 3 that one x serves all; every x gives a bound. */
const EXACT_SADDLE = 64;
const limitSaddle = saddle(3.02);

/** Where (e^x − 1 − x) / x^mean is least: x·(e^x − 1) / (e^x − 1 − x) = mean, for means above 2. */
function saddle(mean: number): number {
  let [low, high] = [1e-6, mean];
  for (let i = 0; i < 30; i++) {
    const x = (low + high) / 2;
    if ((x * Math.expm1(x)) / (Math.expm1(x) - x) > mean) high = x;
    else low = x;
  }
  return low;
}

const SMALL = Array.from({ length: 32 }, () => 0);
for (let n = 2; n < SMALL.length; n++) SMALL[n] = SMALL[n - 1]! + Math.log2(n);

/** log2(n!): exact below 32, else Stirling's series, whose error is below 10^−9 there. */
export function log2Factorial(n: number): number {
  if (n < SMALL.length) return SMALL[n]!;
  const ln = n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
  return ln / Math.LN2;
}

function log2Choose(n: number, k: number): number {
  return log2Factorial(n) - log2Factorial(k) - log2Factorial(n - k);
}
