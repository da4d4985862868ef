/** Parameter sets: data files in `parameters/`, checked when they are loaded. */
import { readdirSync, readFileSync } from 'node:fs';

/** One set, as its file has it. */
export interface ParameterSet {
  readonly id: string;
  /** N: slots of a ciphertext. */
  readonly polyModulusDegree: number;
  /** t: a prime, 1 modulo 2N, below 2^25. */
  readonly plainModulus: number;
  /** Primes, 1 modulo 2N; the last one serves key switching alone (not when there is only one). */
  readonly coeffModulus: readonly string[];
  /** Field elements of an item. */
  readonly felts: number;
  /** Most items in a bin of a bundle: the highest degree for which the noise has been shown to suffice. */
  readonly maxDegree: number;
  /** Paterson-Stockmeyer: powers up to this one and multiples of the next are computed; 0: all powers. */
  readonly lowDegree: number;
  /** Powers that the receiver may have to encrypt; every other one is the product of two of them. */
  readonly queryPowers: readonly number[];
  /** Primes that are dropped when the powers have been computed, before the polynomials are evaluated. */
  readonly dropBeforeEvaluation: number;
  /** Measured cost of each primitive with these parameters, in ms. */
  readonly costMs: PrimitiveCosts;
}

/** ms for one call each; what is said of a level is where the protocol makes the call. */
export interface PrimitiveCosts {
  /** Encrypting one power: encoding, symmetric encryption, serialisation. */
  readonly encrypt: number;
  /** Unpacking and loading an encrypted power. */
  readonly load: number;
  /** Product of two encrypted powers, relinearised and switched to the level of the evaluation. */
  readonly power: number;
  /** Switching a received power to the level of the evaluation. */
  readonly lower: number;
  /** Product with a plaintext, added to a sum, at the level of the evaluation. */
  readonly multiplyPlain: number;
  /** Product of two ciphertexts, added to a sum, at the level of the evaluation. */
  readonly multiply: number;
  /** From a sum to the answer: plaintext added, switched to the last level, relinearised where it must be, saved. */
  readonly finish: number;
  /** Loading, decrypting and decoding an answer. */
  readonly decrypt: number;
  /** Encoding one coefficient of all slots for the evaluation. */
  readonly encode: number;
  /** One root of one slot, per root that there is already: the step of the interpolation, in ns. */
  readonly interpolateNs: number;
}

const folder = new URL('./parameters/', import.meta.url);
let loaded: readonly ParameterSet[] | undefined;

/**
 * All sets, by their file names.
 * @throws Error naming the file and what is wrong with it.
 */
export function parameterSets(): readonly ParameterSet[] {
  loaded ??= readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const set = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ParameterSet;
      const wrong = whatIsWrong(set);
      if (wrong) throw new Error(`parameter set ${name}: ${wrong}`);
      if (`${set.id}.json` !== name) throw new Error(`parameter set ${name} calls itself "${set.id}"`);
      return set;
    });
  return loaded;
}

/** The set called `id`. @throws Error when there is none. */
export function parameterSet(id: string): ParameterSet {
  const set = parameterSets().find((candidate) => candidate.id === id);
  if (!set) throw new Error(`no parameter set is called "${id}"`);
  return set;
}

/** What contradicts the description of {@link ParameterSet}, as far as arithmetic tells; SEAL checks the rest. */
export function whatIsWrong(set: ParameterSet): string | undefined {
  const double = BigInt(2 * set.polyModulusDegree);
  const { plainModulus: t, felts, lowDegree, maxDegree } = set;
  if (BigInt(t) % double !== 1n) return `plainModulus ${t} is not 1 modulo ${double}`;
  if (t >= 2 ** 25) return `plainModulus ${t} is not below 2^25`;
  if (set.coeffModulus.some((prime) => BigInt(prime) % double !== 1n)) {
    return `a prime of coeffModulus is not 1 modulo ${double}`;
  }
  if (felts < 1 || felts > MAX_FELTS) return `felts must be 1 to ${MAX_FELTS}, got ${felts}`;
  if (felts * Math.log2(t) < MIN_ITEM_BITS) {
    return `items have ${(felts * Math.log2(t)).toFixed(1)} bits, less than ${MIN_ITEM_BITS}`;
  }
  if (set.coeffModulus.length === 1 && set.queryPowers.length < maxDegree) {
    return 'powers cannot be computed without a prime for key switching';
  }
  for (const power of powersFor(lowDegree, maxDegree)) {
    if (!isReachable(set.queryPowers, power)) return `queryPowers do not reach power ${power}`;
  }
  return undefined;
}

/** Bits that tell items apart at least: truncating the OPRF's values further would weaken more than the bound. */
export const MIN_ITEM_BITS = 80;
/** Five of eight words of a digest are elements, three choose the bins. */
export const MAX_FELTS = 5;

/** Powers of an item that evaluating a polynomial of this degree takes, ascending. */
export function powersFor(lowDegree: number, degree: number): number[] {
  const lowest = lowDegree === 0 ? degree : Math.min(lowDegree, degree);
  const powers = Array.from({ length: lowest }, (_, i) => i + 1);
  if (lowDegree > 0) for (let k = lowDegree + 1; k <= degree; k += lowDegree + 1) powers.push(k);
  return powers;
}

function isReachable(queryPowers: readonly number[], power: number): boolean {
  return queryPowers.includes(power) || queryPowers.some((a) => queryPowers.includes(power - a));
}
