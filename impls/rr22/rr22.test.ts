import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImplementation, testImplementation } from '../../bench/conformance/index.ts';
import rr22 from './index.ts';

testImplementation(rr22);
testImplementation(rr22, { options: { okvs: 'band', ot: 'softspoken' }, scale: 0.3 });

test('conformance with threads', async () => {
  const results = await checkImplementation(rr22, {
    threads: 2,
    scale: 0.2,
    only: [
      'handles sets of many sizes',
      'gives the same transcript for the same seed',
      'fails clearly when its peer dies',
      'leaves nothing running after a run or a failed one',
    ],
  });
  for (const { name, outcome, reason } of results) assert.equal(outcome, 'passed', `${name}: ${reason}`);
});
