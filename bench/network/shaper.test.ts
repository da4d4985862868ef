import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Shaper } from './shaper.ts';

/** 1 Mbit/s: 125 bytes a ms. 10 ms each way. */
const LINK = { bandwidthBps: 1e6, rttMs: 20 };

/** Takes everything out, each piece at the moment when it is due. */
function drain(shaper: Shaper): { readonly atMs: number; readonly bytes: Buffer }[] {
  const pieces: { atMs: number; bytes: Buffer }[] = [];
  while (shaper.dueMs < Number.POSITIVE_INFINITY) {
    const atMs = shaper.dueMs;
    assert.equal(shaper.take(atMs - 1e-6), undefined, 'nothing leaves early');
    pieces.push({ atMs, bytes: shaper.take(atMs)! });
  }
  return pieces;
}

test('a small message takes its own time on the link, and the delay', () => {
  const shaper = new Shaper(LINK);
  shaper.put(Buffer.alloc(125), 100);
  assert.equal(shaper.queuedBytes, 125);
  assert.deepEqual(
    drain(shaper).map(({ atMs }) => atMs),
    [100 + 1 + 10],
  );
  assert.equal(shaper.queuedBytes, 0);
  // The link has been free for long: what it did not carry meanwhile gives no credit.
  shaper.put(Buffer.alloc(250), 1000);
  assert.equal(shaper.dueMs, 1000 + 2 + 10);
});

test('bytes wait for those before them', () => {
  const shaper = new Shaper(LINK);
  shaper.put(Buffer.alloc(1250, 1), 0);
  shaper.put(Buffer.alloc(125, 2), 3);
  assert.deepEqual(
    drain(shaper).map(({ atMs, bytes }) => [atMs, bytes[0]]),
    [
      [20, 1],
      [21, 2],
    ],
  );
});

test('a long read leaves in pieces, in order and whole, the last one when all of it has passed', () => {
  const shaper = new Shaper(LINK);
  const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, i) => i % 251));
  shaper.put(bytes, 0);
  const pieces = drain(shaper);
  assert.ok(pieces.length >= 40, 'packets, not the whole read');
  assert.deepEqual(Buffer.concat(pieces.map((piece) => piece.bytes)), bytes);
  assert.ok(Math.abs(pieces.at(-1)!.atMs - (60_000 / 125 + 10)) < 1e-6);
});

test('full above the bandwidth-delay product and a modest queue, and bounded by the time bytes take', () => {
  for (const link of [LINK, { bandwidthBps: 1e9, rttMs: 0.2 }, { bandwidthBps: 100e6, rttMs: 200 }]) {
    const shaper = new Shaper(link);
    const product = (link.bandwidthBps / 8000) * (link.rttMs / 2);
    assert.ok(shaper.capacity > product && shaper.capacity <= product + (4 << 20));
    shaper.put(Buffer.alloc(shaper.capacity - 1), 0);
    assert.ok(!shaper.isFull);
    shaper.put(Buffer.alloc(1), 0);
    assert.ok(shaper.isFull);
    drain(shaper);
    assert.ok(!shaper.isFull);
  }
});

test('however bytes arrive, no stretch of time sees more than the bandwidth, and a busy link no less', () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 30 })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(arrivals, (reads) => {
      const shaper = new Shaper(LINK);
      let now = 0;
      let free = 0;
      let total = 0;
      for (const [length, gap] of reads) {
        now += gap;
        shaper.put(Buffer.alloc(length), now);
        // The link as a single server, by hand.
        free = Math.max(free, now) + length / 125;
        total += length;
      }
      const pieces = drain(shaper);
      assert.ok(Math.abs(pieces.at(-1)!.atMs - (free + 10)) < 1e-6);
      assert.equal(
        pieces.reduce((sum, { bytes }) => sum + bytes.length, 0),
        total,
      );
      let lastMs = Number.NEGATIVE_INFINITY;
      for (const { bytes, atMs } of pieces) {
        assert.ok(atMs - lastMs >= bytes.length / 125 - 1e-6);
        lastMs = atMs;
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});
