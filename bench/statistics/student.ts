/** Student's t distribution, for real degrees of freedom. */

/** Natural logarithm of the gamma function for x > 0 (Lanczos, g = 7, nine terms). */
function logGamma(x: number): number {
  const [first, ...rest] = LANCZOS;
  let sum = first;
  for (const [i, coefficient] of rest.entries()) sum += coefficient / (x + i);
  const base = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly on this side only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return (front * fraction) / a;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** P(|T| > t) for T with `freedom` degrees of freedom and t ≥ 0. */
export function studentTails(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/**
 * The t that |T| exceeds with probability 1 − `confidence`: what the standard error is multiplied with
 * for a two-sided interval.
 * @throws {RangeError} for a confidence outside (0, 1), or degrees of freedom that are not positive
 */
export function studentFactor(confidence: number, freedom: number): number {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`"confidence" expected a number between 0 and 1, got ${confidence}`);
  }
  if (!(freedom > 0)) throw new RangeError(`"freedom" expected a positive number, got ${freedom}`);
  const tails = 1 - confidence;
  let high = 1;
  while (studentTails(high, freedom) > tails) high *= 2;
  let low = 0;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (studentTails(middle, freedom) > tails) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
