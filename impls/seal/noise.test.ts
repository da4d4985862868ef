import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Plaintext } from 'node-seal';
import { completePowers, evaluateBundle } from './evaluate.ts';
import { type ParameterSet, parameterSets } from './parameters.ts';
import { powerPlan } from './plan.ts';
import { evaluatePlain, openWorkshop } from './testing.ts';

/** Bits that must be left when everything that can vary is at its worst: more than 0 would do. */
const RESERVE = 2;

/** Highest degree; coefficients and items by the given functions. */
async function budgetLeft(
  set: ParameterSet,
  degree: number,
  coefficient: (i: number) => number,
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
  const rows = Array.from({ length: degree + 1 }, (_, i) =>
    BigUint64Array.from({ length: slots }, () => BigInt(coefficient(i))),
  );
  const plaintexts: Plaintext[] = rows.map((row, i) => {
    const plaintext = scope.own(new seal.Plaintext());
    encoder.encode(row, plaintext);
    if (i > 0) evaluator.plainTransformToNttInplace(plaintext, evaluation.id);
    return plaintext;
  });
  using answer = evaluateBundle(context, plan, powers, plaintexts, keys);
  const budget = decryptor.invariantNoiseBudget(answer);
  const decrypted = workshop.decrypt(answer);
  for (let slot = 0; slot < slots; slot += 7) {
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
        'coefficients at either end, random items': [() => (randomInt(2) ? t - 1 : 1), () => randomInt(t)],
      } as const;
      for (const [name, [coefficient, item]] of Object.entries(cases)) {
        const budget = await budgetLeft(set, set.maxDegree, coefficient, item);
        context.diagnostic(`${name}: ${budget} bits`);
        assert.ok(budget >= RESERVE, `${name}: ${budget} bits of noise budget are left`);
      }
    });

    test(`${set.id}: answers are right at other degrees, from 1 on`, async () => {
      const degrees = new Set([
        1,
        2,
        set.lowDegree,
        set.lowDegree + 1,
        set.lowDegree + 2,
        randomInt(1, set.maxDegree),
      ]);
      for (const degree of degrees) {
        if (degree > 0)
          await budgetLeft(
            set,
            degree,
            () => randomInt(t),
            () => randomInt(t),
          );
      }
    });
  }
});
