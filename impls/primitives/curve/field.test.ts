/**
 * The kernel's field arithmetic under attack: the limbs that its bounds allow, not only those that
 * ordinary inputs make. Both kinds of arithmetic, both lanes.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { curveKernel } from './wasm.ts';

const P = 2n ** 255n - 19n;
/** Bounds of field.ts: of tidy limbs, and of those of a sum or difference of two. */
const TIDY = 2 ** 50 + 2 ** 15;
const DOUBLE = 2 * TIDY;

type Limbs = readonly number[];

const kernel = curveKernel();
const memory = new DataView(kernel.memory.buffer);

function put(buffer: number, lane: number, limbs: Limbs): void {
  limbs.forEach((limb, i) => {
    memory.setFloat64(kernel.testElement(buffer) + 16 * i + 8 * lane, limb, true);
  });
}

function get(lane: number): Limbs {
  return Array.from({ length: 5 }, (_, i) =>
    memory.getFloat64(kernel.testElement(3) + 16 * i + 8 * lane, true),
  );
}

function value(limbs: Limbs): bigint {
  const sum = limbs.reduceRight((high, limb) => high * 2n ** 51n + BigInt(limb), 0n);
  return ((sum % P) + P) % P;
}

/** The canonical value by which the kernel itself encodes one lane of its result. */
function encoded(lane: number): bigint {
  kernel.testEncode(lane);
  const at = kernel.pointsAt();
  const words = [3, 2, 1, 0].map((i) => memory.getBigUint64(at + 8 * i, true));
  return words.reduce((high, word) => (high << 64n) | word, 0n);
}

/** Tidy limbs of an integer below 2^256, not reduced but for what exceeds 255 bits. */
function limbsOf(integer: bigint): Limbs {
  const limbs: number[] = [];
  let rest = integer;
  for (let i = 0; i < 5; i++) {
    const low = BigInt.asIntN(51, rest);
    limbs.push(Number(low));
    rest = (rest - low) >> 51n;
  }
  limbs[0]! += 19 * Number(rest);
  return limbs;
}

/** Checks a·b or a², with `a` in one lane and `other` in the other, against bigints, value and bounds. */
function check(fused: boolean, a: [Limbs, Limbs], b: [Limbs, Limbs] | undefined): void {
  for (const lane of [0, 1]) {
    put(1, lane, a[lane]!);
    if (b) put(2, lane, b[lane]!);
  }
  kernel.testProduct(b === undefined, fused);
  for (const lane of [0, 1]) {
    const expected = (value(a[lane]!) * value((b ?? a)[lane]!)) % P;
    const limbs = get(lane);
    assert.equal(value(limbs), expected, `lane ${lane} of ${a[lane]} times ${(b ?? a)[lane]}`);
    for (const limb of limbs) {
      assert.ok(
        Number.isInteger(limb) && Math.abs(limb) <= TIDY,
        `limb ${limb} of ${a[lane]} times ${(b ?? a)[lane]}`,
      );
    }
    assert.equal(encoded(lane), expected);
  }
}

const extremes = (bound: number) => [bound, bound - 1, -bound, 1 - bound, 2 ** 50, -(2 ** 50), 1, 0, -1];
const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)]!;
const mixedLimbs = (bound: number): Limbs => Array.from({ length: 5 }, () => pick(extremes(bound)));
const wild = (bound: number): Limbs =>
  Array.from(
    { length: 5 },
    () => (randomInt(2) ? 1 : -1) * Math.floor((randomInt(2 ** 47) / 2 ** 47) * bound),
  );

for (const fused of [true, false]) {
  describe(`arithmetic modulo 2^255 - 19, ${fused ? 'fused' : 'unfused'}`, {
    skip: fused && !kernel.isFused() && 'relaxed_madd rounds twice here',
  }, () => {
    test('all limbs at their bounds, every pattern of signs', () => {
      for (let signs = 0; signs < 1024; signs++) {
        const limbs = (shift: number, bound: number): Limbs =>
          Array.from({ length: 5 }, (_, i) => ((signs >> (i + shift)) & 1 ? -bound : bound));
        check(fused, [limbs(0, DOUBLE), limbs(5, TIDY)], [limbs(5, TIDY), limbs(0, DOUBLE)]);
        if (signs < 32) check(fused, [limbs(0, TIDY), limbs(0, 2 ** 50)], undefined);
      }
    });

    test('extreme limbs mixed', () => {
      for (let i = 0; i < 4000; i++) {
        check(fused, [mixedLimbs(DOUBLE), mixedLimbs(TIDY)], [mixedLimbs(TIDY), mixedLimbs(DOUBLE)]);
        check(fused, [mixedLimbs(TIDY), mixedLimbs(TIDY)], undefined);
      }
    });

    test('random limbs anywhere within the bounds', () => {
      for (let i = 0; i < 4000; i++) {
        check(fused, [wild(DOUBLE), wild(TIDY)], [wild(TIDY), wild(DOUBLE)]);
        check(fused, [wild(TIDY), wild(TIDY)], undefined);
      }
    });

    test('products that round halfway: a limb of 2^50 times odd numbers', () => {
      for (let i = 0; i < 500; i++) {
        const odd = 2 * randomInt(2 ** 47) + 1;
        for (const half of [2 ** 50, 2 ** 49, -(2 ** 50)]) {
          check(
            fused,
            [
              [half, half, half, half, half],
              [odd, 1, -1, 3, 2 ** 50],
            ],
            [
              [odd, 1, -1, 3, 2 ** 50],
              [half, half, half, half, half],
            ],
          );
        }
      }
    });

    test('the values around 0, p, 2p and powers of two', () => {
      const edges = [0n, P, 2n * P, 2n ** 255n, 2n ** 254n, 2n ** 51n, 2n ** 204n, 19n]
        .flatMap((edge) => [-20n, -19n, -2n, -1n, 0n, 1n, 2n, 18n, 19n, 20n].map((near) => edge + near))
        .filter((edge) => edge >= 0n && edge < 2n ** 256n)
        .map(limbsOf);
      for (const a of edges) {
        check(fused, [a, pick(edges)], undefined);
        for (const b of edges) check(fused, [a, b], [b, a]);
      }
    });
  });
}

test('fused and unfused arithmetic agree bit by bit after encoding, on chains of 2,000 squarings', {
  skip: !kernel.isFused() && 'relaxed_madd rounds twice here',
}, () => {
  const start = wild(TIDY);
  const results = [true, false].map((fused) => {
    for (const lane of [0, 1]) put(1, lane, start);
    for (let i = 0; i < 2000; i++) {
      kernel.testProduct(true, fused);
      for (const lane of [0, 1]) put(1, lane, get(lane));
    }
    return [encoded(0), encoded(1)];
  });
  assert.deepEqual(results[0], results[1]);
  assert.equal(results[0]![0], results[0]![1]);
});
