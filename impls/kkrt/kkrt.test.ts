/**
 * The conformance suite on small sets, since every run makes its base transfers; with `extended` and with workers, which
 * take a while to start, what these may change. All of it at full scale: `kkrt.slow.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImplementation, testImplementation } from '../../bench/conformance/index.ts';
import kkrt from './index.ts';

testImplementation(kkrt, { scale: 0.1 });

for (const [name, options, threads, only] of [
  [
    'extended base transfers',
    { base: 'extended' },
    1,
    [
      'handles sets of many sizes',
      'is right again and again in the same processes',
      'gives the same transcript for the same seed',
      'counts the same flights whatever the timing',
      'fails clearly when its peer dies',
      'refuses truncated messages',
    ],
  ],
  ['workers', {}, 2, ['leaves nothing running after a run or a failed one']],
] as const) {
  test(`conformance with ${name}`, async () => {
    const results = await checkImplementation(kkrt, { options, threads, scale: 0.2, only });
    for (const { name: check, outcome, reason } of results)
      assert.equal(outcome, 'passed', `${check}: ${reason}`);
  });
}
