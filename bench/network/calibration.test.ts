import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRAME_BYTES } from '../party/frame.ts';
import { calibrate, measureLink, type Wire } from './calibration.ts';
import { type Link, PROFILES, serialisationMs } from './index.ts';

/** A wire that is exactly the link, by a clock that only waiting moves. */
class ExactWire implements Wire {
  readonly near;
  readonly far;
  readonly #link: Link;
  #nowMs = 0;

  constructor(link: Link) {
    this.#link = link;
    const [forward, backward] = [this.#queue(), this.#queue()];
    this.near = { send: forward.send, receive: backward.receive };
    this.far = { send: backward.send, receive: forward.receive };
  }

  now = () => this.#nowMs;

  #queue() {
    const dueMs: number[] = [];
    let freeMs = 0;
    return {
      send: async ({ length }: Uint8Array) => {
        freeMs = Math.max(freeMs, this.#nowMs) + serialisationMs(length + FRAME_BYTES, this.#link);
        dueMs.push(freeMs + this.#link.rttMs / 2);
      },
      receive: async () => {
        // Whoever can send does so before time passes.
        do await new Promise(setImmediate);
        while (dueMs.length === 0);
        this.#nowMs = Math.max(this.#nowMs, dueMs.shift() ?? Number.NaN);
        return Buffer.alloc(0);
      },
    };
  }
}

const SLOW: readonly Link[] = [
  { bandwidthBps: 1e3, rttMs: 0 },
  { bandwidthBps: 1e3, rttMs: 100 },
  { bandwidthBps: 1e6, rttMs: 1000 },
  { bandwidthBps: 1e3, rttMs: 10_000 },
];

for (const link of [...Object.values(PROFILES), { bandwidthBps: 100e9, rttMs: 0 }, ...SLOW]) {
  test(`${link.bandwidthBps} bit/s, ${link.rttMs} ms: found exactly, its own bytes no part of it, in bounded time`, async () => {
    const wire = new ExactWire(link);
    const { measuredBandwidthBps, measuredRttMs } = await measureLink(wire, link);
    assert.ok(Math.abs(measuredRttMs - link.rttMs) < 1e-6 * Math.max(1, link.rttMs), `${measuredRttMs} ms`);
    assert.ok(Math.abs(measuredBandwidthBps / link.bandwidthBps - 1) < 1e-3, `${measuredBandwidthBps} bit/s`);
    // Once at least: a round trip, a single block and a transfer.
    assert.ok(wire.now() < 12_000 + 3 * link.rttMs, `it took ${wire.now()} ms`);
  });
}

test('a real relay at 8 kbit/s: a second or two, and its frames are no part of the round trip', async () => {
  const link = { bandwidthBps: 8e3, rttMs: 4 };
  const facts = await calibrate({ name: 'slow', link });
  assert.ok(facts.measuredRttMs !== null && facts.measuredBandwidthBps !== null);
  // An empty message's frame alone takes 8 ms each way: more than the round trip. Never sooner than asked.
  assert.ok(facts.measuredRttMs >= 4 - 1e-3, `${facts.measuredRttMs} ms`);
  assert.ok(facts.measuredRttMs < 4 + 16, `${facts.measuredRttMs} ms`);
  assert.ok(facts.measuredBandwidthBps < 1.1 * link.bandwidthBps);
});
