import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../plan/plan.ts';
import type { RunRequest } from '../plan/request.ts';
import { CellState } from './cell-state.ts';

const state = (over: Partial<RunRequest>) => {
  const request = { runs: 5, timeMs: 0, budgetMs: 10_000, precision: null, ...over } as RunRequest;
  return new CellState({ id: 'x' } as Cell, { request, run: 'r', earlier: [] }, null);
};
const take = (one: CellState, ...walls: number[]) => {
  for (const wallMs of walls) one.took(wallMs + 1, wallMs, false);
};
const STEADY = [100, 101, 99, 100, 100.5, 99.5];
const WILD = [100, 150, 70, 100, 180, 60];

test('without a precision, runs are counted', () => {
  const one = state({});
  take(one, ...WILD.slice(0, 4));
  assert.deepEqual([one.measured, one.remainingRuns, one.isPrecise], [4, 1, false]);
  take(one, 100);
  assert.deepEqual([one.remainingRuns, one.isComplete, one.isPrecise], [0, true, false]);
});

test('with one, it goes on until the interval is tight: never before six runs have one', () => {
  const one = state({ precision: { share: 0.05, maxRuns: 50 } });
  take(one, ...STEADY.slice(0, 5));
  assert.deepEqual([one.isPrecise, one.halfWidth], [false, null]);
  take(one, STEADY[5]!);
  assert.deepEqual([one.isPrecise, one.remainingRuns, one.isComplete], [true, 0, true]);
  assert.ok(Math.abs(one.halfWidth! - 0.01) < 1e-12);
});

test('noise goes on to the cap, and is not called precise', () => {
  const one = state({ precision: { share: 0.05, maxRuns: 12 } });
  take(one, ...WILD);
  assert.deepEqual([one.isPrecise, one.remainingRuns], [false, 6]);
  take(one, ...WILD);
  assert.deepEqual([one.isPrecise, one.remainingRuns, one.isComplete], [false, 0, true]);
  assert.ok(one.halfWidth! > 0.05);
});

test('precise is not enough before the least runs and the least time', () => {
  const many = state({ precision: { share: 0.05, maxRuns: 50 }, runs: 8 });
  take(many, ...STEADY);
  assert.equal(many.isPrecise, false);
  const long = state({ precision: { share: 0.05, maxRuns: 50 }, timeMs: 1000 });
  take(long, ...STEADY);
  assert.equal(long.isPrecise, false);
  take(long, ...STEADY);
  assert.equal(long.isPrecise, true);
});

test('warm-up runs spend budget but are no measurements', () => {
  const one = state({ precision: { share: 0.05, maxRuns: 50 } });
  for (const wallMs of STEADY) one.took(wallMs + 1, wallMs, true);
  assert.deepEqual([one.measured, one.halfWidth, Math.round(one.spentMs)], [0, null, 606]);
});
