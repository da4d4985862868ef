import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictWallMs } from './estimate.ts';
import type { Cell } from './plan.ts';

test('estimates: a line through what smaller sizes took, the own cost model, or nothing', () => {
  const cell = (size: number, series = 'a', wallMs?: number) =>
    ({
      series,
      network: 'none',
      sizes: { receiver: size, sender: size },
      options: {},
      located: { implementation: wallMs === undefined ? {} : { estimate: () => ({ wallMs }) } },
    }) as unknown as Cell;
  assert.equal(predictWallMs(cell(100), []), null);
  assert.equal(predictWallMs(cell(100, 'a', 7), []), 7);
  const observed = [
    { cell: cell(10), wallMs: 30 },
    { cell: cell(20), wallMs: 40 },
    { cell: cell(20, 'other'), wallMs: 9000 },
    { cell: cell(1000), wallMs: 9000 },
  ];
  assert.equal(predictWallMs(cell(40), observed), 60);
  assert.equal(predictWallMs(cell(40), observed.slice(1)), 80, 'one point: in proportion');
  assert.equal(
    predictWallMs(cell(40), [
      { cell: cell(10), wallMs: 50 },
      { cell: cell(20), wallMs: 40 },
    ]),
    40,
    'never below the last',
  );
});
