import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { packItems } from '../items.ts';
import { createEngine, POINT_BYTES } from './engine.ts';
import { encodeU, PointError } from './points.ts';
import { Team } from './team.ts';

const random = { bytes: (n: number) => new Uint8Array(randomBytes(n)), fill: () => assert.fail() };

for (const threads of [1, 2, 3]) {
  describe(`a team of ${threads}`, async () => {
    const engine = createEngine('wasm');
    const scalar = engine.scalar(random);
    const team = await Team.start('wasm', threads);
    after(() => team.close());

    test('multiplies as its engine does, whatever the number of points', async () => {
      for (const count of [0, 1, 3, 17, 511, 513, 2048]) {
        const points = new Uint8Array(randomBytes(count * POINT_BYTES));
        for (let i = 0; i < count; i++) points[i * 32 + 31]! &= 0x7f;
        const expected = new Uint8Array(points.length);
        engine.multiply(scalar, points, expected);
        await team.multiply(scalar, points, points);
        assert.deepEqual(points, expected);
      }
    });

    test('masks items as its engine does, in any order, among them one that fits nowhere', async () => {
      const list = Array.from({ length: 1500 }, (_, i) => randomBytes(i % 90));
      list[700] = randomBytes(300_000);
      const items = packItems(list);
      const expected = new Uint8Array(items.count * 32);
      engine.hash(items, expected);
      engine.multiply(scalar, expected, expected);
      const masked = new Uint8Array(expected.length);
      await team.mask(items, scalar, masked);
      assert.deepEqual(masked, expected);
      const order = Uint32Array.from(list, (_, i) => (i * 7) % list.length);
      await team.mask(items, scalar, masked, order);
      order.forEach((item, i) => {
        assert.deepEqual(masked.subarray(i * 32, i * 32 + 32), expected.subarray(item * 32, item * 32 + 32));
      });
    });

    test('names the place of a point that is refused', async () => {
      for (const place of [0, 700, 1999]) {
        const points = new Uint8Array(2000 * 32).fill(9);
        points.set(encodeU(1n), place * 32);
        await assert.rejects(team.multiply(scalar, points, points), new PointError(place, 'has small order'));
      }
      // And works on.
      await team.multiply(scalar, encodeU(9n), new Uint8Array(32));
    });

    test('lets the event loop turn while it works', async () => {
      let turns = 0;
      const timer = setInterval(() => turns++, 1);
      const points = new Uint8Array(4096 * 32).fill(9);
      await team.multiply(scalar, points, points);
      clearInterval(timer);
      assert.ok(turns >= 2, `${turns} turns`);
    });
  });
}

test('a team whose workers end fails, and does not hang', async () => {
  const team = await Team.start('wasm', 2);
  const points = new Uint8Array(8192 * 32).fill(9);
  const working = team.multiply(createEngine('wasm').scalar(random), points, points);
  await team.close();
  await assert.rejects(working, /a worker thread has ended/);
});

test('a signal ends work under way, with and without workers', async () => {
  for (const threads of [1, 2]) {
    const aborter = new AbortController();
    const team = await Team.start('wasm', threads, aborter.signal);
    const points = new Uint8Array(8192 * 32).fill(9);
    const working = team.multiply(createEngine('wasm').scalar(random), points, points);
    aborter.abort(new Error('enough'));
    await assert.rejects(working, /enough/);
    await team.close();
  }
});
