/** The sender's homomorphic work: the missing powers, then the polynomials. */
import type { Ciphertext, Plaintext, RelinKeys } from 'node-seal';
import type { Context } from './context.ts';
import type { PowerPlan } from './plan.ts';
import { Scope } from './runtime.ts';

/** Powers of the receiver's encrypted items by exponent, at the level of the evaluation. */
export type Powers = ReadonlyMap<number, Ciphertext>;

/**
 * Computes what the receiver did not send. `received` is lowered in place.
 * @param scope owns the new ciphertexts.
 * @param keys for relinearisation, when the plan has products.
 */
export function completePowers(
  context: Context,
  plan: PowerPlan,
  received: Powers,
  keys: RelinKeys | undefined,
  scope: Scope,
): Powers {
  const { evaluator, evaluation } = context;
  const powers = new Map(received);
  for (const { power, factors } of plan.products) {
    const product = scope.own(context.ciphertext());
    const [a, b] = factors;
    if (a === b) evaluator.square(received.get(a)!, product);
    else evaluator.multiply(received.get(a)!, received.get(b)!, product);
    evaluator.relinearizeInplace(product, keys!);
    evaluator.cipherModSwitchToInplace(product, evaluation.id);
    powers.set(power, product);
  }
  for (const ciphertext of received.values()) {
    evaluator.cipherModSwitchToInplace(ciphertext, evaluation.id);
  }
  return powers;
}

/**
 * One bundle's polynomials at the receiver's items, at the last level: 0 where an item is a root.
 *
 * With Paterson and Stockmeyer's scheme, c_0 + Σ c_i·x^i is cut into groups of ℓ + 1: each group's low powers
 * are summed and the sum is multiplied by the group's high power x^(j(ℓ+1)), but for the group's constant,
 * which is multiplied by the high power directly. Products keep three polynomials until the end.
 * @returns a ciphertext that is the caller's to free.
 */
export function evaluateBundle(
  context: Context,
  plan: PowerPlan,
  powers: Powers,
  coefficients: readonly Plaintext[],
  keys: RelinKeys | undefined,
): Ciphertext {
  const { evaluator, last } = context;
  const { degree } = plan;
  const low = plan.set.lowDegree === 0 ? degree : Math.min(plan.set.lowDegree, degree);
  const step = low + 1;
  using scope = new Scope();
  const term = scope.own(context.ciphertext());
  /** Adds `ciphertext` to `sum`, or begins a sum with it. */
  const add = (sum: Ciphertext | undefined, ciphertext: Ciphertext): Ciphertext => {
    if (sum) {
      evaluator.addInplace(sum, ciphertext);
      return sum;
    }
    const begun = scope.own(context.ciphertext());
    begun.assign(ciphertext);
    return begun;
  };
  const addTerm = (sum: Ciphertext | undefined, power: number, coefficient: number) => {
    evaluator.multiplyPlain(powers.get(power)!, coefficients[coefficient]!, term);
    return add(sum, term);
  };

  let sum: Ciphertext | undefined;
  for (let i = 1; i <= low; i++) sum = addTerm(sum, i, i);
  for (let i = step; i <= degree; i += step) sum = addTerm(sum, i, i);
  evaluator.addPlainInplace(sum!, coefficients[0]!);

  let products: Ciphertext | undefined;
  for (let high = step; high < degree; high += step) {
    let group: Ciphertext | undefined;
    for (let i = 1; i <= low && high + i <= degree; i++) group = addTerm(group, i, high + i);
    evaluator.multiplyInplace(group!, powers.get(high)!);
    products = add(products, group!);
    group!.release();
  }
  const answer = context.ciphertext();
  try {
    if (products) evaluator.add(products, sum!, answer);
    else answer.assign(sum!);
    evaluator.cipherModSwitchToInplace(answer, last.id);
    if (answer.size() > 2) evaluator.relinearizeInplace(answer, keys!);
    return answer;
  } catch (error) {
    answer.delete();
    throw error;
  }
}
