import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitModel, type LinkObservation, type Model, predict } from '../../network/model.ts';
import { modelKey, modelledRatio } from './modelled-ratio.ts';
import type { Point } from './point.ts';

const point = (label: string) => ({ dataset: 'random', receiverSize: 256, senderSize: 256, label }) as Point;
const [enclave, rival] = [point('enclave'), point('rival')];

/** Measured over the loopback and two links; `walls` in that order. */
function modelOf(
  walls: readonly [number, number, number],
  sentBytes: readonly number[],
  flights: number,
): Model {
  const links = [null, { bandwidthBps: 100e6, rttMs: 20 }, { bandwidthBps: 10e6, rttMs: 80 }];
  return fitModel(
    walls.map((wallMs, i): LinkObservation => ({ link: links[i] ?? null, wallMs, flights, sentBytes })),
  );
}

const ratioWith = (models: Readonly<Record<string, Model>>, slowdown = 1) =>
  modelledRatio(enclave, [rival], models, slowdown);
const LINKS = [1e6, 4e6, 20e6, 100e6, 10e9].flatMap((bandwidthBps) =>
  [0.1, 20, 400].map((rttMs) => ({ bandwidthBps, rttMs })),
);

test('who needs more computing, bytes and flights is ahead over no link, whatever the fit says', () => {
  // Noise has made the rival's fit the worse one: its transfer seems to hide nothing.
  const own = modelOf([20, 70, 150], [40_000, 40_000], 4);
  const other = modelOf([10, 60, 260], [30_000, 30_000], 3);
  const turned = LINKS.filter((link) => predict(own, link) < predict(other, link));
  assert.ok(turned.length > 0, 'the fits alone would put it ahead somewhere');
  const models = { [modelKey(enclave)]: own, [modelKey(rival)]: other };
  for (const link of LINKS) assert.ok((ratioWith(models)?.ratio(link) ?? 9) <= 1, JSON.stringify(link));
  // And the other way round: the one that needs less is nowhere behind.
  const swapped = { [modelKey(enclave)]: other, [modelKey(rival)]: own };
  for (const link of LINKS) assert.ok((ratioWith(swapped)?.ratio(link) ?? 0) >= 1, JSON.stringify(link));
  // Slowed down so much that it computes more, it may be behind.
  assert.ok(LINKS.some((link) => (ratioWith(swapped, 100)?.ratio(link) ?? 9) < 1));
});

test('no map from fewer networks than the model has parameters; its error is that of networks held out', () => {
  const own = modelOf([20, 70, 150], [40_000, 40_000], 4);
  const two = fitModel(
    own.points.slice(0, 2).map(({ link, measuredMs }) => ({ ...own, link, wallMs: measuredMs })),
  );
  assert.equal(ratioWith({ [modelKey(enclave)]: own, [modelKey(rival)]: two }), null);
  const other = modelOf([10, 60, 260], [30_000, 30_000], 3);
  const found = ratioWith({ [modelKey(enclave)]: own, [modelKey(rival)]: other });
  const heldOut = Math.max(own.worstHeldOutError ?? 0, other.worstHeldOutError ?? 0);
  assert.equal(found?.worstError, heldOut);
  assert.ok(heldOut > Math.max(own.worstError, other.worstError));
});
