import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../plan/plan.ts';
import type { RunRequest } from '../plan/request.ts';
import { MODES, type Mode, type Sample } from '../record/samples.ts';
import { syntheticFailure, syntheticOk } from '../testing/synthetic.ts';
import { CellState } from './cell-state.ts';

const stateOf = (over: Partial<RunRequest>, earlier: readonly Sample[] = []) => {
  const request = {
    runs: 6,
    timeMs: 0,
    budgetMs: 60_000,
    modes: MODES,
    executions: 3,
    precision: null,
    ...over,
  } as RunRequest;
  return new CellState({ id: 'x', options: {} } as Cell, { request, run: 'r', earlier }, null);
};

/** Plays one execution in which every run takes as given, in turn: what was played, a letter a run. */
function play(state: CellState, wallsMs: readonly number[]): string {
  let played = '';
  let at = 0;
  const once = (mode: Mode, warmup: boolean) => {
    const wallMs = wallsMs[at++ % wallsMs.length] ?? 0;
    state.took(mode, wallMs, wallMs, warmup);
    played += mode === 'one-shot' ? 'o' : warmup ? 'w' : 'm';
  };
  state.beginExecution();
  once(state.first.mode, state.first.warmup);
  while (state.wantsWarmup) once('warm', true);
  if (state.wantsWarm) {
    const { runs } = state.share;
    for (let i = 0; i < runs; i++) once('warm', false);
  }
  state.endExecution();
  return played;
}
/** All executions that it wants. */
const playAll = (state: CellState, ...wallsMs: readonly (readonly number[])[]) => {
  const played: string[] = [];
  while (state.wantsExecution) played.push(play(state, wallsMs[played.length % wallsMs.length] ?? []));
  return played;
};

test('each execution has a one-shot run, equal warm-up, and its share of the warm runs', () => {
  assert.deepEqual(playAll(stateOf({}), [100]), ['owwwmm', 'owwwmm', 'owwwmm']);
  assert.deepEqual(playAll(stateOf({ modes: ['one-shot'] }), [100]), ['o', 'o', 'o']);
  assert.deepEqual(playAll(stateOf({ modes: ['warm'], runs: 7 }), [500]), ['wmmm', 'wmmm', 'wmmm']);
});

test('a budget is shared among the executions: fewer runs, and no warm ones before fewer executions', () => {
  // 9 runs would take 27 s.
  assert.deepEqual(playAll(stateOf({ budgetMs: 20_000 }), [3000]), ['om', 'om', 'om']);
  assert.deepEqual(playAll(stateOf({ budgetMs: 14_000 }), [3000]), ['o', 'o', 'om']);
  const short = stateOf({ budgetMs: 7000 });
  assert.deepEqual(playAll(short, [3000]), ['o', 'o']);
  assert.deepEqual(short.untried, ['warm']);
  assert.deepEqual(playAll(stateOf({ budgetMs: 1000 }), [3000]), ['o']);
});

test('with a precision it goes on until every mode is tight at a look, and not beyond', () => {
  const steady = stateOf({ precision: { share: 0.05, maxRuns: 1000 } });
  assert.equal(playAll(steady, [500, 500]).length, 3);
  assert.equal(steady.isPrecise, true);
  assert.ok((steady.halfWidth ?? 1) < 1e-9);
  const wild = stateOf({ precision: { share: 0.01, maxRuns: 15 }, budgetMs: 1e9 });
  // One-shot and two warm runs an execution: the cap is reached by the fifth.
  assert.equal(playAll(wild, [500], [700], [410]).length, 5);
  assert.equal(wild.isPrecise, false);
  assert.ok((wild.halfWidth ?? 0) > 0.01);
  // Between two looks nothing is decided: four executions have the interval of the first three.
  const four = stateOf({ precision: { share: 0.05, maxRuns: 1000 } });
  for (const wallMs of [500, 501, 500]) play(four, [wallMs]);
  const seen = four.halfWidth;
  play(four, [5000]);
  assert.equal(four.halfWidth, seen);
});

test('a precision needs as many executions as were asked for', () => {
  assert.equal(
    playAll(stateOf({ precision: { share: 0.5, maxRuns: 1000 }, executions: 8 }), [500]).length,
    8,
  );
});

test('warm-up runs spend budget but are no measurements; runs are numbered for their items', () => {
  const state = stateOf({});
  play(state, [100]);
  assert.deepEqual([state.measured, state.spentMs], [3, 600]);
  const { mode, execution, sample, play: number } = state.circumstances('warm', false, null);
  assert.deepEqual([mode, execution, sample, number], ['warm', 1, 5, 6]);
});

test('an interrupted run goes on with new processes, and knows what is done', () => {
  const row = (over: Partial<Parameters<typeof syntheticOk>[0] & object>) =>
    syntheticOk({ wallMs: 500, ...over });
  const rows = [
    row({ cell: 'x/one-shot', mode: 'one-shot' }),
    row({ cell: 'x/warm', sample: 0, warmup: true }),
    row({ cell: 'x/warm', sample: 1 }),
    row({ cell: 'another/warm', sample: 1, execution: 7 }),
  ];
  const state = stateOf({}, rows);
  assert.deepEqual([state.measured, state.spentMs, state.wantsExecution], [2, 1500, true]);
  assert.deepEqual(playAll(state, [500]), ['omm', 'omm']);
  const failed = stateOf({}, [...rows, syntheticFailure('died', { cell: 'x/warm', sample: 2 })]);
  assert.equal(failed.wantsExecution, false);
});
