import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom, systemRandom } from '../../bench/party/random.ts';
import { createEngine, type EngineName, engineAvailable } from '../primitives/curve/engine.ts';
import { packItems } from '../primitives/items.ts';
import { inverseScalar, Oprf } from './oprf.ts';

const items = packItems(['', 'a', 'b', 'patient 17', 'x'.repeat(5000), Uint8Array.of(0, 255, 254)]);
const ENGINES: readonly EngineName[] = ['wasm', 'sodium', 'noble'];

describe('oprf', () => {
  for (const name of ENGINES) {
    const missing = engineAvailable(name);
    test(`${name}: unblinding gives what the sender computes alone, for many blindings`, {
      skip: missing === true ? false : missing,
    }, async () => {
      const sender = await Oprf.start(name, 1, systemRandom);
      const expected = await sender.mask(items);
      // Half of all scalars take the first of the two solutions, half the second.
      for (let i = 0; i < (name === 'noble' ? 3 : 24); i++) {
        const receiver = await Oprf.start(name, 1, seededRandom(`blinding ${i}`));
        const points = await receiver.mask(items);
        assert.notDeepEqual(points, expected);
        await sender.evaluate(points, 0);
        assert.notDeepEqual(points, expected);
        await receiver.unblind(points, 0);
        assert.deepEqual(points, expected);
        await receiver.close();
      }
      await sender.close();
    });
  }

  test('inverse scalars are of the form that X25519 leaves as it is, and undo each other', () => {
    const engine = createEngine('wasm');
    for (let i = 0; i < 500; i++) {
      const scalar = engine.scalar(seededRandom(`scalar ${i}`));
      const inverse = inverseScalar('curve25519', scalar)!;
      assert.equal(inverse[0]! & 7, 0);
      assert.equal(inverse[31]! & 0xc0, 0x40);
      // The only scalars of this form that equal each other modulo the order, up to sign, are equal.
      assert.deepEqual(inverseScalar('curve25519', inverse), scalar);
    }
  });

  test('a scalar for which neither solution is in range has no inverse, and would be drawn again', () => {
    // s = 8 is far below the range, and 8ℓ - 8, a little more than 2^255, just above it: the scalar is 1/8.
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const outside = 8n;
    const bytes = Uint8Array.from({ length: 32 }, (_, i) =>
      Number((invert(outside, order) >> BigInt(8 * i)) & 255n),
    );
    assert.equal(inverseScalar('curve25519', bytes), undefined);
  });

  test('keys: another one gives other values, the same one the same', async () => {
    const a = await Oprf.start('wasm', 1, systemRandom);
    const b = await Oprf.start('wasm', 1, systemRandom);
    const values = await a.mask(items);
    assert.notDeepEqual(await b.mask(items), values);
    b.key = a.key;
    assert.deepEqual(await b.mask(items), values);
    await a.close();
    await b.close();
  });

  test('a point that is refused is named', async () => {
    const sender = await Oprf.start('wasm', 1, systemRandom);
    const points = await sender.mask(items);
    points.fill(0, 64, 96);
    await assert.rejects(sender.evaluate(points, 2048), /^Error: the receiver's point 2050 has small order$/);
    await assert.rejects(sender.unblind(points, 0), /^Error: the sender's point 2 has small order$/);
    await sender.close();
  });
});

/** 1/a modulo the order, by the extended Euclidean algorithm: another way than the code under test goes. */
function invert(a: bigint, order: bigint): bigint {
  let [r, s] = [a % order, order];
  let [x, y] = [1n, 0n];
  while (r > 1n) {
    const q = s / r;
    [r, s] = [s - q * r, r];
    [x, y] = [y - q * x, x];
  }
  return ((x % order) + order) % order;
}
