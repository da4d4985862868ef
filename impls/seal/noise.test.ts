import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Plaintext } from 'node-seal';
import { completePowers, evaluateBundle } from './evaluate.ts';
import { type ParameterSet, parameterSet, parameterSets } from './parameters.ts';
import { powerPlan } from './plan.ts';
import { evaluatePlain, openWorkshop } from './testing.ts';

/** Bits that must be left when everything that can vary is at its worst: more than 0 would do. */
const RESERVE = 2;

/** Highest degree; coefficients and items by the given functions. */
async function budgetLeft(
  set: ParameterSet,
  degree: number,
  coefficient: () => number,
  item: () => number,
): Promise<number> {
  using workshop = await openWorkshop(set);
  const { seal, context, scope, keys, decryptor } = workshop;
  const { slots, encoder, evaluator, evaluation } = context;
  const plan = powerPlan(set, degree);
  const values = Uint32Array.from({ length: slots }, item);
  const received = workshop.encryptPowers(values, plan.sent);
  const powers = completePowers(context, plan, received, keys, scope);
  const t = set.plainModulus;
  const rows = Array.from({ length: degree + 1 }, () => {
    const row = new BigUint64Array(slots);
    const words = new Uint32Array(row.buffer);
    for (let slot = 0; slot < slots; slot++) words[2 * slot] = coefficient();
    return row;
  });
  const plaintexts: Plaintext[] = rows.map((row, i) => {
    const plaintext = scope.own(new seal.Plaintext());
    encoder.encode(row, plaintext);
    if (i > 0) evaluator.plainTransformToNttInplace(plaintext, evaluation.id);
    return plaintext;
  });
  using answer = evaluateBundle(context, plan, powers, plaintexts, keys);
  const budget = decryptor.invariantNoiseBudget(answer);
  const decrypted = workshop.decrypt(answer);
  for (let slot = 0; slot < slots; slot += 61) {
    const coefficients = rows.map((row) => Number(row[slot]!));
    assert.equal(decrypted[slot], evaluatePlain(coefficients, values[slot]!, t), `slot ${slot}`);
  }
  return budget;
}

describe('noise', () => {
  for (const set of parameterSets()) {
    const t = set.plainModulus;
    test(`${set.id}: at the highest degree, the answer is right and noise is left`, async (context) => {
      const cases = {
        'random coefficients and items': [() => randomInt(t), () => randomInt(t)],
        'the largest coefficients and items': [() => t - 1, () => t - 1],
      } as const;
      for (const [name, [coefficient, item]] of Object.entries(cases)) {
        const budget = await budgetLeft(set, set.maxDegree, coefficient, item);
        context.diagnostic(`${name}: ${budget} bits`);
        assert.ok(budget >= RESERVE, `${name}: ${budget} bits of noise budget are left`);
      }
    });
  }

  // One set of each kind: all powers sent, some computed, Paterson and Stockmeyer.
  for (const id of ['2048-64', '4096-12', '8192-44']) {
    test(`${id}: answers are right at other degrees, from 1 on`, async () => {
      const set = parameterSet(id);
      const { lowDegree, maxDegree, plainModulus: t } = set;
      const degrees = new Set([1, 2, lowDegree, lowDegree + 1, lowDegree + 2, randomInt(1, maxDegree)]);
      degrees.delete(0);
      const draw = () => randomInt(t);
      for (const degree of degrees) await budgetLeft(set, degree, draw, draw);
    });
  }
});
