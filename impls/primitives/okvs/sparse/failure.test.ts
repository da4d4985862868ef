/** The failure rates that are proven, against experiments where failures are frequent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequency } from '../testing.ts';
import { expectedDependencies } from './failure.ts';
import { SparseStore } from './sparse.ts';

test('encodings fail as often as rows are dependent, and never more often than the bound', () => {
  for (const [count, sparse, dense, tries] of [
    [64, 84, 0, 6000],
    [64, 84, 2, 12_000],
    [20, 30, 1, 10_000],
  ] as const) {
    const size = { kind: 'sparse', count, clusters: 1, load: count, sparse, dense, gap: 0 } as const;
    const failures = frequency(
      (memory) => new SparseStore(memory, { ...size, columns: sparse + dense }),
      count,
      tries,
      ({ ok }) => !ok,
    );
    const expected = tries * expectedDependencies(count, sparse) * 2 ** -dense;
    assert.ok(expected > 40, 'enough failures to compare');
    // Dependencies that come in twos and threes make the expectation larger than the frequency, but not much.
    assert.ok(failures < expected + 6 * Math.sqrt(expected), `${failures} of ${expected} expected`);
    assert.ok(failures > 0.6 * expected - 6 * Math.sqrt(expected), `${failures} of ${expected} expected`);
  }
});
