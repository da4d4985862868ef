import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, obstacleOf } from './plan.ts';

/** A cell of an implementation that says of itself what `declared` does. */
function cell(declared: { available(): Promise<true | string>; engine?(): string }): Cell {
  const implementation = { id: 'made-up', options: {}, ...declared };
  return {
    located: { implementation, module: '/made-up.ts' },
    options: {},
    output: { kind: 'intersection' },
    sizes: { receiver: 1, sender: 1 },
  } as unknown as Cell;
}

test('what an implementation throws when it is asked whether it can run is its own outcome, and ends no sweep', async () => {
  const fails = () => {
    throw new Error('no memory for a module');
  };
  assert.equal(await obstacleOf(cell({ available: async () => true })), null);
  assert.deepEqual(await obstacleOf(cell({ available: async () => 'npm install it' })), {
    outcome: 'unavailable',
    reason: 'npm install it',
  });
  for (const broken of [
    { available: async () => fails() },
    { available: async () => true as const, engine: fails },
  ]) {
    assert.deepEqual(await obstacleOf(cell(broken)), {
      outcome: 'unavailable',
      reason: 'engine() or available() failed: no memory for a module',
    });
  }
});
