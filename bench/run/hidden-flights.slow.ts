/** A sweep over a link with latency, from the plan to the record: a cell that hides its flights has no figures to show. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROUNDS } from '../conformance/wrong/tricks.ts';
import { makePlan } from '../plan/plan.ts';
import { smallRequest } from '../plan/request.ts';
import { RecordWriter, readRecord } from '../record/samples.ts';
import { emptyFolder } from '../testing/cli.ts';
import { syntheticEnvironment } from '../testing/synthetic.ts';
import { silentProgress } from './progress.ts';
import { Sweep } from './sweep.ts';

const TRICKS = fileURLToPath(new URL('../conformance/wrong/tricks.ts', import.meta.url));

/** Sweeps the one cell of `one-flight-for-all`; `foreign`: what others are told to have used of the machine. */
async function sweep(foreign: number) {
  const dir = await emptyFolder();
  const module = join(dir, 'one.ts');
  writeFileSync(
    module,
    `import all from ${JSON.stringify(TRICKS)};\nexport default all.filter(({ id }) => id.endsWith('one-flight-for-all'));\n`,
  );
  const sizes = { receiver: [8], sender: [8] };
  const plan = await makePlan(
    smallRequest([module], sizes, {
      ...{ networks: ['100mbit/20ms-rtt'], seed: 'flights', timeoutMs: 20_000, runs: 3 },
      modes: ['one-shot', 'warm'],
    }),
  );
  const writer = await RecordWriter.create(dir, syntheticEnvironment({ run: 'swept' }));
  const failed = await new Sweep({
    ...{ plan, run: 'swept', writer, earlier: [], progress: silentProgress },
    signal: new AbortController().signal,
    watchForeign: () => () => foreign,
  }).run();
  writer.close();
  return { failed, samples: (await readRecord(writer.dir)).samples };
}

test('flights that are not told make the cell broken in every mode, in the record too', async () => {
  const { failed, samples } = await sweep(0);
  assert.deepEqual(
    failed.map(({ mode, outcome }) => [mode, outcome]),
    [
      ['one-shot', 'broken'],
      ['warm', 'broken'],
    ],
  );
  const least = /each of \d+ runs waited at least (\d+) ms .* with 10 ms one way: more messages waited/;
  // Twenty messages, one after the other, of which three flights are told.
  for (const { reason } of failed)
    assert.ok(Number(least.exec(reason)?.[1]) >= (2 * ROUNDS - 3) * 10, reason);
  assert.equal(samples.filter(({ outcome }) => outcome === 'broken').length, 2);
});

test('where others used the machine, waiting proves nothing: the runs stand as they are', async () => {
  const { failed, samples } = await sweep(0.5);
  assert.deepEqual(failed, []);
  assert.ok(samples.length >= 4 && samples.every(({ outcome }) => outcome === 'ok'));
});
