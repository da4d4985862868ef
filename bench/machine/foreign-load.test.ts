import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { test } from 'node:test';
import { PROJECT } from '../testing/cli.ts';
import { loadWarning, parseCpus, sampleLoad } from './foreign-load.ts';

test('the warning says how many cores, how busy, and the remedy; rest is no warning', () => {
  assert.equal(
    loadWarning([0.4, 0.02]),
    '1 of 2 cores was busy 40 % before the run: close what runs, or pin with --cpus',
  );
  assert.equal(loadWarning([0.5, 0.7]), '2 of 2 cores were busy 60 % before the run: close what runs');
  assert.equal(loadWarning([0.1, 0]), null);
  assert.equal(loadWarning([]), null);
});

test('load is a share for each core', async () => {
  const shares = await sampleLoad(100);
  assert.equal(shares.length, cpus().length);
  for (const share of shares) assert.ok(share >= 0 && share <= 1, String(share));
});

test('a core that computes all the time is seen to', async () => {
  const end = performance.now() + 300;
  const sampled = sampleLoad(200); // the timer fires when the loop below is over
  while (performance.now() < end);
  assert.ok(Math.max(...(await sampled)) > 0.3);
});

test('cores are read strictly', () => {
  assert.deepEqual(parseCpus('0'), [0]);
  assert.deepEqual(parseCpus('0,0-0'), [0]);
  for (const bad of ['', 'x', '1-0', '0-', '-1']) {
    assert.throws(() => parseCpus(bad), /--cpus expects cores as 0,1 or 0-3/, bad);
  }
  assert.throws(() => parseCpus('4000'), /there is no core 4000/);
});

test('pinning holds for children; without taskset it is a clear error', {
  skip: process.platform !== 'linux',
}, () => {
  const script = (path: string) => `
    import { spawnSync } from 'node:child_process';
    import { availableParallelism } from 'node:os';
    import { pinTo } from './bench/machine/foreign-load.ts';
    ${path}
    pinTo([0]);
    const child = spawnSync(process.execPath, ['-p', 'os.availableParallelism()'], { encoding: 'utf8' });
    console.log(availableParallelism(), child.stdout.trim());
  `;
  const run = (text: string) =>
    spawnSync(process.execPath, ['--input-type=module-typescript', '-e', text], {
      cwd: PROJECT,
      encoding: 'utf8',
    });
  assert.equal(run(script('')).stdout, '1 1\n');
  assert.match(run(script("process.env.PATH = '';")).stderr, /--cpus needs the program taskset/);
});
