/**
 * What both parties derive alike from the set sizes and a parameter set: table, bundles, powers. Nothing
 * in a plan depends on items, so neither do the numbers and lengths of messages.
 */
import { cuckooBins, log2Factorial } from '../primitives/cuckoo/failure.ts';
import { type ParameterSet, powersFor } from './parameters.ts';

export interface Sizes {
  readonly receiver: number;
  readonly sender: number;
}

/** Bound on the probability that the receiver's table cannot be built, as an exponent of two. */
const TABLE_FAILURE_LOG2 = -42;
/** Bound on the probability that a receiver's item is found that the sender does not have. */
export const FALSE_POSITIVE_LOG2 = -40;
/** How likely the sender may have to draw another seed because a bin is too full. */
const RESEED_PROBABILITY = 0.1;

/** A power that the sender computes from two that the receiver sent. */
export interface Product {
  readonly power: number;
  readonly factors: readonly [number, number];
}

export interface Plan {
  readonly set: ParameterSet;
  readonly sizes: Sizes;
  /** Bins of an item: three, or one when the receiver has a single item. */
  readonly hashes: number;
  /** Items per ciphertext. */
  readonly width: number;
  /** Ciphertexts that the receiver's table takes. */
  readonly parts: number;
  /** Bins of the table: `width`·`parts`. */
  readonly bins: number;
  /** Bundles into which every part is cut. */
  readonly bundles: number;
  /** Items in a bin of a bundle, dummies included: the degree of the polynomials. */
  readonly degree: number;
  /** Powers that the receiver encrypts, ascending. */
  readonly sent: readonly number[];
  readonly products: readonly Product[];
  /** Bound on the probability of a false positive in a run, as an exponent of two. */
  readonly falsePositiveLog2: number;
}

/**
 * The plan of a set for these sizes (both at least 1) with `bundles` bundles, or as few as it can have.
 * @returns `undefined` when the set does not fit: more bundles than needed, or too many false positives.
 */
export function planFor(set: ParameterSet, sizes: Sizes, bundles?: number): Plan | undefined {
  const width = Math.floor(set.polyModulusDegree / set.felts);
  const hashes = sizes.receiver === 1 ? 1 : 3;
  const bins = sizes.receiver === 1 ? width : tableBins(sizes.receiver, width);
  const load = loadLimit(sizes.sender * hashes, bins);
  const count = bundles ?? Math.ceil(load / set.maxDegree);
  const degree = Math.ceil(load / count);
  if (degree > set.maxDegree || count > load) return undefined;
  const plan: Plan = {
    sizes,
    hashes,
    width,
    parts: bins / width,
    bins,
    bundles: count,
    ...powerPlan(set, degree),
    falsePositiveLog2: falsePositives(set, sizes.receiver, count, degree),
  };
  return plan.falsePositiveLog2 <= FALSE_POSITIVE_LOG2 ? plan : undefined;
}

const tables = new Map<string, number>();

function tableBins(count: number, width: number): number {
  const key = `${count} ${width}`;
  let bins = tables.get(key);
  if (bins === undefined) {
    bins = cuckooBins(count, TABLE_FAILURE_LOG2, width);
    tables.set(key, bins);
  }
  return bins;
}

/**
 * A receiver's item that the sender does not have is found when in one of the bundles every one of its field
 * elements is a root. Roots are as good as uniform (a word scaled to t values has each with a probability
 * of at most 1/t + 2^−32), so that is (degree·(1/t + 2^−32))^felts for each bundle: union over all of them.
 */
function falsePositives(set: ParameterSet, receiver: number, bundles: number, degree: number): number {
  const element = degree * (1 / set.plainModulus + 2 ** -32);
  return Math.log2(receiver) + Math.log2(bundles) + set.felts * Math.log2(element);
}

/** What evaluating polynomials of one degree takes. */
export type PowerPlan = Pick<Plan, 'set' | 'degree' | 'sent' | 'products'>;

/** The receiver sends as few powers as the sender's products allow; each product has two factors that were sent. */
export function powerPlan(set: ParameterSet, degree: number): PowerPlan {
  const needed = powersFor(set.lowDegree, degree);
  const sent = new Set(needed.filter((power) => set.queryPowers.includes(power)));
  const products: Product[] = [];
  for (const power of needed) {
    if (set.queryPowers.includes(power)) continue;
    const a = set.queryPowers.find((factor) => set.queryPowers.includes(power - factor))!;
    products.push({ power, factors: [a, power - a] });
    sent.add(a).add(power - a);
  }
  return { set, degree, sent: [...sent].sort((a, b) => a - b), products };
}

/**
 * The least load that no bin exceeds with a probability of at least 1 − RESEED_PROBABILITY, when `balls`
 * balls fall into `bins` bins: union bound over the bins, binomial tail summed until it stops to matter.
 */
export function loadLimit(balls: number, bins: number): number {
  if (bins === 1) return balls;
  const p = 1 / bins;
  const tail = (from: number) => {
    let sum = 0;
    for (let k = from; k <= balls; k++) {
      const log2 =
        log2Factorial(balls) -
        log2Factorial(k) -
        log2Factorial(balls - k) +
        k * Math.log2(p) +
        (balls - k) * (Math.log1p(-p) / Math.LN2);
      const term = 2 ** log2;
      sum += term;
      if (term < sum * 1e-9) break;
    }
    return sum;
  };
  let limit = Math.max(1, Math.ceil(balls * p));
  const step = Math.max(1, Math.floor(Math.sqrt(balls * p) / 8));
  while (limit < balls && bins * tail(limit + 1) > RESEED_PROBABILITY) limit += step;
  return Math.min(limit, balls);
}
