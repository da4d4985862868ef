import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../bench/party/random.ts';
import { choosePlan, estimateRun, LIMITS, predict, primitiveCounts } from './chooser.ts';
import { Context } from './context.ts';
import { type ParameterSet, parameterSet, parameterSets, powersFor, whatIsWrong } from './parameters.ts';
import { FALSE_POSITIVE_LOG2, loadLimit, planFor } from './plan.ts';
import { loadSeal } from './runtime.ts';

describe('parameter sets', () => {
  test('SEAL takes every one for 128 bits of security, and computes modulo what the file says', async () => {
    const seal = await loadSeal();
    for (const set of parameterSets()) {
      using context = new Context(seal, set);
      assert.equal(context.encoder.slotCount(), set.polyModulusDegree);
      assert.equal(context.switchesKeys, set.coeffModulus.length > 1);
      assert.equal(context.context.usingKeyswitching(), set.coeffModulus.length > 1);
      assert.equal(context.last.widths.length, 1);
    }
  });

  test('one prime more than 128 bits of security allow is refused', async () => {
    const seal = await loadSeal();
    const set = parameterSet('4096-46');
    const weak = { ...set, coeffModulus: [...set.coeffModulus, parameterSet('8192-44').coeffModulus[2]!] };
    assert.throws(() => new Context(seal, weak), /is not one that SEAL takes for 128 bits of security/);
  });

  test('a file that contradicts itself is refused with the reason', () => {
    const set = parameterSet('4096-12');
    const broken: readonly [Partial<ParameterSet>, RegExp][] = [
      [{ plainModulus: 1073154 }, /plainModulus 1073154 is not 1 modulo 8192/],
      [{ plainModulus: 2 ** 25 + 1 }, /is not below 2\^25/],
      [{ coeffModulus: ['274877816834'] }, /a prime of coeffModulus is not 1/],
      [{ felts: 6 }, /felts must be 1 to 5/],
      [{ felts: 3 }, /items have 60.1 bits, less than 80/],
      [{ maxDegree: 13 }, /queryPowers do not reach power 13/],
      [
        { coeffModulus: set.coeffModulus.slice(0, 1) },
        /cannot be computed without a prime for key switching/,
      ],
    ];
    assert.equal(whatIsWrong(set), undefined);
    for (const [change, reason] of broken) assert.match(whatIsWrong({ ...set, ...change })!, reason);
    assert.throws(() => parameterSet('none'), /no parameter set is called "none"/);
  });

  test('powers that an evaluation takes', () => {
    assert.deepEqual(powersFor(0, 4), [1, 2, 3, 4]);
    assert.deepEqual(powersFor(3, 2), [1, 2]);
    assert.deepEqual(powersFor(3, 9), [1, 2, 3, 4, 8]);
  });
});

describe('chooser', () => {
  test('every size that is promised has a plan, whose bound on false positives holds', () => {
    const receivers = [1, 2, 3, 10, 100, 409, 1000, 1024, 4096, 5000, 5535, 8192];
    const senders = [1, 2, 100, 2 ** 12, 2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20];
    for (const receiver of receivers) {
      for (const sender of senders) check({ receiver, sender });
    }
    for (let n = 1; n <= 14; n++) check({ receiver: 2 ** n, sender: 2 ** n });
    check(LIMITS);

    function check(sizes: { receiver: number; sender: number }) {
      const plan = choosePlan(sizes);
      const { set, degree, bundles, hashes } = plan;
      const where = `${set.id} for ${sizes.receiver} and ${sizes.sender}`;
      assert.ok(degree <= set.maxDegree && degree >= 1, where);
      assert.ok(plan.falsePositiveLog2 <= FALSE_POSITIVE_LOG2, where);
      // Once more, by the formula of the README: n_r · bundles · (d·(1/t + 2^-32))^felts.
      const element = degree * (1 / set.plainModulus + 2 ** -32);
      assert.ok(sizes.receiver * bundles * element ** set.felts <= 2 ** -40, where);
      assert.ok(plan.bins >= sizes.receiver, where);
      // On average, the bins must hold what falls into them.
      assert.ok(bundles * degree >= (sizes.sender * hashes) / plan.bins, where);
      const known = new Set(plan.sent);
      for (const { power, factors } of plan.products) {
        assert.equal(factors[0] + factors[1], power, where);
        assert.ok(plan.sent.includes(factors[0]) && plan.sent.includes(factors[1]), where);
        known.add(power);
      }
      for (const power of powersFor(set.lowDegree, degree)) assert.ok(known.has(power), `${where}: ${power}`);
    }
  });

  test('the choice is the fastest by its own prediction, but for bytes and preparation', () => {
    const sizes = { receiver: 1024, sender: 2 ** 18 };
    const chosen = predict(choosePlan(sizes));
    for (const { id } of parameterSets()) {
      const other = planFor(parameterSet(id), sizes);
      if (!other) continue;
      const { onlineMs, bytes, prepareMs } = predict(other);
      const cost = (p: typeof chosen) => p.onlineMs + 8e-5 * p.bytes + 0.01 * p.prepareMs;
      assert.ok(cost(chosen) <= cost({ ...chosen, onlineMs, bytes, prepareMs }) + 1e-9, id);
    }
  });

  test('what does not fit is refused with a reason and an estimate', () => {
    const large = { receiver: 2 ** 17, sender: 2 ** 20 };
    assert.throws(() => choosePlan(large), /are more than 65536 and 1048576: a run would take about \d+ s/);
    assert.ok(estimateRun(large, 'auto', 'wasm').wallMs > estimateRun(LIMITS, 'auto', 'wasm').wallMs);
    assert.throws(
      () => choosePlan({ receiver: 4096, sender: 2 ** 20 }, '2048-64'),
      /parameter set "2048-64" does not fit 4096 items .* more than 2\^-40 of the runs/,
    );
  });

  test('the load that is allowed for is exceeded about as rarely as intended', () => {
    const random = seededRandom('loads');
    for (const [balls, bins] of [
      [30, 409],
      [3000, 1024],
      [20_000, 409],
    ] as const) {
      const limit = loadLimit(balls, bins);
      let exceeded = 0;
      let tight = 0;
      for (let round = 0; round < 200; round++) {
        const loads = new Uint32Array(bins);
        const words = new Uint32Array(random.bytes(balls * 4).slice().buffer);
        for (const word of words) loads[Math.floor((word / 2 ** 32) * bins)]!++;
        const most = Math.max(...loads);
        if (most > limit) exceeded++;
        if (most > limit * 0.6) tight++;
      }
      assert.ok(exceeded < 40, `${balls} into ${bins}: ${exceeded} of 200 above ${limit}`);
      assert.ok(tight > 100, `${balls} into ${bins}: a limit of ${limit} is far above what happens`);
    }
  });

  test('counts of primitives', () => {
    const plan = planFor(parameterSet('8192-44'), { receiver: 1024, sender: 2 ** 16 })!;
    const { multiplyPlain, multiply, encode, encrypt } = primitiveCounts(plan);
    const answers = plan.parts * plan.bundles;
    assert.equal(multiplyPlain, answers * plan.degree);
    assert.equal(encode, answers * (plan.degree + 1));
    assert.equal(encrypt, plan.parts * plan.sent.length);
    // Groups of nine coefficients, the first of which needs no product of ciphertexts.
    assert.equal(
      multiply,
      answers * (Math.ceil((plan.degree + 1 - 9) / 9) - ((plan.degree + 1) % 9 === 1 ? 1 : 0)),
    );
  });
});
