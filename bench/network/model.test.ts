import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Observation, predictWallMs } from '../plan/estimate.ts';
import type { Cell } from '../plan/plan.ts';
import { type Link, PROFILES } from './index.ts';
import { fitModel, type LinkObservation, predict } from './model.ts';

const { lan, wan, mobile } = PROFILES;

/** Truths to be found again. Written out rather than computed by the code under test. */
const cases: readonly {
  readonly title: string;
  readonly flights: number;
  readonly sentBytes: readonly number[];
  readonly wall: (link: Link | null) => number;
}[] = [
  {
    title: 'everything in turn',
    flights: 3,
    sentBytes: [500_000, 250_000],
    // 750 kB are 6 Mbit.
    wall: (link) => 200 + (link ? 1.5 * link.rttMs + 6e9 / link.bandwidthBps : 0),
  },
  {
    title: 'both directions at once',
    flights: 2,
    sentBytes: [500_000, 500_000],
    wall: (link) => 40 + (link ? link.rttMs + 4e9 / link.bandwidthBps : 0),
  },
  {
    title: 'a stream that hides the shorter of compute and transfer',
    flights: 1,
    sentBytes: [0, 2_500_000],
    wall: (link) => (link ? link.rttMs / 2 + Math.max(300, 20e9 / link.bandwidthBps) : 300),
  },
];

for (const { title, flights, sentBytes, wall } of cases) {
  test(`the model finds: ${title}`, () => {
    const cells = [null, lan, wan, mobile].map((link) => ({ link, wallMs: wall(link), flights, sentBytes }));
    const model = fitModel(cells);
    assert.ok(Math.abs(model.computeMs / wall(null) - 1) < 0.01, `${model.computeMs}`);
    assert.ok(model.worstError < 0.01, `${model.worstError}`);
    // A network that was not measured, of another ratio of bandwidth to delay.
    for (const link of [
      { bandwidthBps: 30e6, rttMs: 1 },
      { bandwidthBps: 300e6, rttMs: 150 },
    ]) {
      assert.ok(Math.abs(predict(model, link) / wall(link) - 1) < 0.05, `${predict(model, link)}`);
    }
  });
}

test('from one network, compute alone is fitted, and nothing is held to be hidden', () => {
  const cell: LinkObservation = { link: wan, wallMs: 130, flights: 4, sentBytes: [500_000, 125_000] };
  const model = fitModel([cell]);
  // 130 ms less 4 flights of 10 ms and 5 Mbit at 100 Mbit/s.
  assert.ok(Math.abs(model.computeMs - 40) < 1e-6, `${model.computeMs}`);
  assert.deepEqual([model.overlap, model.duplex, model.worstHeldOutError], [0, 0, null]);
  assert.ok(Math.abs(predict(model, mobile) - (40 + 160 + 500)) < 1e-6);
  assert.ok(Math.abs(predict(model, null) - 40) < 1e-6);
});

test('the held-out error shows what the fitted error hides', () => {
  const common = { flights: 2, sentBytes: [1000, 1000] };
  // Nothing of the kind that the model knows: as slow over the fastest network as over the slowest.
  const cells = [
    { ...common, link: null, wallMs: 100 },
    { ...common, link: wan, wallMs: 1000 },
  ];
  const model = fitModel(cells);
  assert.equal(model.points.length, 2);
  assert.ok(model.worstError > 0.3);
  assert.ok(model.worstHeldOutError! > 0.8);
  assert.ok(model.points.every(({ heldOutError }) => heldOutError !== null));
});

test('what is no set of networks of one protocol is refused', () => {
  const cell: LinkObservation = { link: null, wallMs: 1, flights: 1, sentBytes: [1, 1] };
  assert.throws(() => fitModel([]), /at least one measured cell/);
  assert.throws(() => fitModel([cell, { ...cell, flights: 2 }]), /one protocol/);
  assert.throws(() => fitModel([cell, { ...cell, sentBytes: [1, 1, 1] }]), /one protocol/);
  assert.throws(() => fitModel([{ ...cell, wallMs: 0 }]), /"wallMs" expected a positive time, got 0/);
});

test("estimates: another network's time, with its cost taken off and this one's put on", () => {
  const cell = (size: number, network: string, link: Link | null, series = 'a') =>
    ({
      series,
      network,
      link,
      sizes: { receiver: size, sender: size },
      options: {},
      located: { implementation: {} },
    }) as unknown as Cell;
  // 1 Mbit in all.
  const traffic = { flights: 2, sentBytes: [100_000, 25_000] };
  const bare: Observation = { cell: cell(10, 'none', null), wallMs: 30, ...traffic };
  assert.equal(predictWallMs(cell(10, 'wan', wan), [bare]), 30 + 20 + 10);
  assert.equal(predictWallMs(cell(20, 'wan', wan), [bare]), 2 * (30 + 20 + 10));
  // From a slower network to a faster one, and never below the network's own cost.
  const slow: Observation = { cell: cell(10, 'mobile', mobile), wallMs: 200, ...traffic };
  assert.equal(predictWallMs(cell(10, 'wan', wan), [slow]), 200 - 180 + 30);
  assert.equal(predictWallMs(cell(10, 'wan', wan), [{ ...slow, wallMs: 100 }]), 30);
  // What was measured over this network goes first.
  const own: Observation = { cell: cell(10, 'wan', wan), wallMs: 77, ...traffic };
  assert.equal(predictWallMs(cell(10, 'wan', wan), [own, bare]), 77);
  // Without knowing what was sent, nothing can be said; nor from another series.
  assert.equal(predictWallMs(cell(10, 'wan', wan), [{ cell: bare.cell, wallMs: 30 }]), null);
  assert.equal(predictWallMs(cell(10, 'wan', wan, 'b'), [bare]), null);
});
