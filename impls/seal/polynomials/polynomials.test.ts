import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Polynomials } from './polynomials.ts';

/** Product of (x - root), by schoolbook multiplication with bigints; lowest coefficient first. */
function expand(roots: readonly number[], t: number): bigint[] {
  const m = BigInt(t);
  let product = [1n];
  for (const root of roots) {
    const next = Array.from({ length: product.length + 1 }, () => 0n);
    product.forEach((c, i) => {
      next[i + 1] = (next[i + 1]! + c) % m;
      next[i] = (next[i]! + (m - BigInt(root)) * c) % m;
    });
    product = next;
  }
  return product;
}

/** The primes of the parameter sets, small ones, and the largest below 2^25. */
const PRIMES = [2, 3, 17, 114689, 1073153, 1785857, 33554393] as const;

const polynomialsOf = (t: number) =>
  fc.record({
    t: fc.constant(t),
    roots: fc.integer({ min: 0, max: 30 }).chain((degree) =>
      fc.array(
        fc.array(fc.oneof(fc.nat(t - 1), fc.constantFrom(0, 1 % t, t - 1)), {
          minLength: degree,
          maxLength: degree,
        }),
        { minLength: 4, maxLength: 4 },
      ),
    ),
  });

describe('polynomials', () => {
  test('coefficients from roots, against bigints', () => {
    const machines = new Map(PRIMES.map((t) => [t as number, new Polynomials(4, t)]));
    fc.assert(
      fc.property(fc.oneof(...PRIMES.map(polynomialsOf)), ({ t, roots }) => {
        const degree = roots[0]!.length;
        const found = machines.get(t)!.fromRoots(degree, (input) => {
          roots.forEach((own, slot) => {
            own.forEach((root, r) => {
              input[r * 4 + slot] = root;
            });
          });
        });
        roots.forEach((own, slot) => {
          const column = Array.from({ length: degree + 1 }, (_, k) => found[k * 4 + slot]!);
          assert.deepEqual(column, expand(own, t));
        });
      }),
    );
  });

  test('the highest degree that any set has, and beyond, with the largest modulus', () => {
    const t = 33554393;
    const polynomials = new Polynomials(2, t);
    for (const degree of [168, 500]) {
      const roots = Array.from({ length: degree }, (_, i) => (i * 7919 + t - 5) % t);
      const found = polynomials.fromRoots(degree, (input) => {
        roots.forEach((root, r) => {
          input[2 * r] = root;
          input[2 * r + 1] = t - 1;
        });
      });
      const expected = [expand(roots, t), expand(Array(degree).fill(t - 1), t)];
      for (let k = 0; k <= degree; k++) {
        assert.deepEqual([found[2 * k], found[2 * k + 1]], [expected[0]![k], expected[1]![k]]);
      }
    }
  });

  test('powers, against bigints', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PRIMES).chain((t) => fc.tuple(fc.constant(t), fc.nat(t - 1), fc.nat(t - 1))),
        fc.integer({ min: 1, max: 300 }),
        ([t, a, b], exponent) => {
          const found = new Polynomials(2, t).power(Uint32Array.of(a, b), exponent);
          const expected = [a, b].map((x) => BigInt(x) ** BigInt(exponent) % BigInt(t));
          assert.deepEqual([...found], expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('arguments that do not fit are named', () => {
    assert.throws(() => new Polynomials(3, 17), /"slots" must be an even number, got 3/);
    assert.throws(() => new Polynomials(2, 2 ** 25), /"modulus" must be/);
    const polynomials = new Polynomials(2, 17);
    assert.throws(() => polynomials.fromRoots(2048, () => {}), /"degree" must be 0 to 2047/);
    assert.throws(() => polynomials.power(new Uint32Array(3), 1), /"values" must be 2/);
    assert.throws(() => polynomials.power(new Uint32Array(2), 0), /"exponent" must be 1/);
  });
});
