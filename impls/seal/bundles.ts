/**
 * The sender's preparation: items into bins, bins into bundles, bundles into polynomials, their
 * coefficients into plaintexts in the form in which products are cheapest.
 */
import { setImmediate } from 'node:timers/promises';
import type { Plaintext } from 'node-seal';
import type { Random } from '../../bench/contract.ts';
import { POINT_BYTES } from '../primitives/curve/engine.ts';
import { sortRecords } from '../primitives/packed/sort/sort.ts';
import type { Context } from './context.ts';
import { type Elements, elementsOf, SEED_BYTES, scale } from './elements.ts';
import type { Plan } from './plan.ts';
import { Polynomials } from './polynomials/polynomials.ts';

/** After so many seeds something is wrong: each fails with a probability of at most a tenth. */
const MOST_SEEDS = 64;

/** The sender's set as plaintexts; kept across runs when they are to be used again. */
export class Bundles implements Disposable {
  /** What elements and bins were hashed with: the receiver must use it too. */
  readonly seed: Uint8Array;
  /** Coefficients of each bundle, lowest first: bundle b of part p is at p·bundles + b. */
  readonly coefficients: readonly (readonly Plaintext[])[];

  private constructor(seed: Uint8Array, coefficients: readonly (readonly Plaintext[])[]) {
    this.seed = seed;
    this.coefficients = coefficients;
  }

  /**
   * @param values the OPRF values of the items, 32 bytes each; they are sorted in place.
   * @param step told how long each step took, in ms.
   * @throws Error when the bins stay uneven whatever the seed is, which has a probability of 2^-200.
   */
  static async build(
    context: Context,
    plan: Plan,
    values: Uint8Array,
    random: Random,
    step: (name: string, ms: number) => void,
  ): Promise<Bundles> {
    // Which bundle an item is in must not depend on its place in the set: matches show their bundle.
    let start = performance.now();
    const lap = (name: string) => {
      const now = performance.now();
      step(name, now - start);
      start = now;
    };
    sortRecords(values, POINT_BYTES);
    const { seed, elements, bins } = hashEvenly(values, plan, random);
    lap('hash');
    const polynomials = new Polynomials(context.slots, plan.set.plainModulus);
    const coefficients: Plaintext[][] = [];
    let interpolating = 0;
    let encoding = 0;
    try {
      for (let part = 0; part < plan.parts; part++) {
        for (let bundle = 0; bundle < plan.bundles; bundle++) {
          const begun = performance.now();
          const found = polynomials.fromRoots(plan.degree, (roots) =>
            fillRoots(roots, { plan, part, bundle, elements, bins, random, slots: context.slots }),
          );
          const between = performance.now();
          coefficients.push(encode(context, found));
          interpolating += between - begun;
          encoding += performance.now() - between;
          await setImmediate();
        }
      }
    } catch (error) {
      free(coefficients);
      throw error;
    }
    step('interpolate', interpolating);
    step('encode', encoding);
    return new Bundles(seed, coefficients);
  }

  [Symbol.dispose](): void {
    free(this.coefficients);
  }
}

function free(coefficients: readonly (readonly Plaintext[])[]): void {
  for (const plaintexts of coefficients) for (const plaintext of plaintexts) plaintext.delete();
}

/** Items by bin: those of bin b are `items[starts[b] .. starts[b + 1])`. */
interface Bins {
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
}

/** Draws seeds until no bin has more items than fit; see `loadLimit`. */
function hashEvenly(values: Uint8Array, plan: Plan, random: Random) {
  const most = plan.bundles * plan.degree;
  for (let attempt = 0; attempt < MOST_SEEDS; attempt++) {
    const seed = random.bytes(SEED_BYTES);
    const elements = elementsOf(values, seed, plan);
    const bins = sortIntoBins(elements.bins, plan);
    if (bins.starts.every((start, bin) => bin === 0 || start - bins.starts[bin - 1]! <= most)) {
      return { seed, elements, bins };
    }
  }
  throw new Error(`no hashing puts at most ${most} items into every bin: items are not what they should be`);
}

function sortIntoBins(binsOfItems: Uint32Array, plan: Plan): Bins {
  const starts = new Uint32Array(plan.bins + 1);
  for (const bin of binsOfItems) starts[bin + 1]!++;
  for (let bin = 0; bin < plan.bins; bin++) starts[bin + 1]! += starts[bin]!;
  const next = starts.slice();
  const items = new Uint32Array(binsOfItems.length);
  for (let i = 0; i < binsOfItems.length; i++) items[next[binsOfItems[i]!]!++] = Math.floor(i / plan.hashes);
  return { starts, items };
}

interface BundlePlace {
  readonly plan: Plan;
  readonly part: number;
  readonly bundle: number;
  readonly elements: Elements;
  readonly bins: Bins;
  readonly random: Random;
  readonly slots: number;
}

/**
 * The roots of one bundle: root r of slot s at r·slots + s. Places without an item, and slots that belong to
 * no item, get random roots: all polynomials have the same degree, no coefficient is zero in all slots, and
 * how full the bins are does not show.
 */
function fillRoots(roots: Uint32Array, place: BundlePlace): void {
  const { plan, part, bundle, elements, bins, random, slots } = place;
  const { felts, plainModulus } = plan.set;
  random.fill(new Uint8Array(roots.buffer, roots.byteOffset, roots.byteLength));
  for (let i = 0; i < roots.length; i++) roots[i] = scale(roots[i]!, plainModulus);
  for (let position = 0; position < plan.width; position++) {
    const bin = part * plan.width + position;
    const from = bins.starts[bin]! + bundle * plan.degree;
    const end = Math.min(bins.starts[bin + 1]!, from + plan.degree);
    for (let i = from; i < end; i++) {
      const item = bins.items[i]! * felts;
      const at = (i - from) * slots + position * felts;
      for (let j = 0; j < felts; j++) roots[at + j] = elements.felts[item + j]!;
    }
  }
}

/** All but the lowest coefficient, which is added and not multiplied with, are transformed for products. */
function encode(context: Context, coefficients: BigUint64Array): Plaintext[] {
  const { seal, encoder, evaluator, evaluation, slots } = context;
  const plaintexts: Plaintext[] = [];
  for (let at = 0; at < coefficients.length; at += slots) {
    const plaintext = new seal.Plaintext();
    plaintexts.push(plaintext);
    encoder.encode(coefficients.subarray(at, at + slots), plaintext);
    if (at > 0) evaluator.plainTransformToNttInplace(plaintext, evaluation.id);
  }
  return plaintexts;
}
