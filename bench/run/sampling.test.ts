import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readRecord } from '../record/samples.ts';
import { bench, emptyFolder, FAULTY } from '../testing/cli.ts';

let dir: string;
let module: string;
/** The same, but waits 40 ms: beside that a busy machine's noise is small. */
let steady: string;
before(async () => {
  dir = await emptyFolder();
  module = join(dir, 'idle.ts');
  writeFileSync(
    module,
    `import all from ${JSON.stringify(FAULTY)};\nexport default all.filter(({ id }) => id === 'idle');\n`,
  );
  steady = join(dir, 'steady.ts');
  writeFileSync(
    steady,
    `import all from './idle.ts';
const wait = () => new Promise((resolve) => setTimeout(resolve, 40, new Uint32Array(0)));
export default all.map((idle) => ({ ...idle, id: 'steady', receiver: () => ({ online: wait }) }));
`,
  );
});

const SMALL = ['--size', '4', '--overlap', '0', '--time', '0'];
const run = (...words: string[]) => bench(['run', '--impl', module, ...SMALL, ...words], dir);

for (const [title, words, message] of [
  ['precision', ['--precision', '5'], /--precision expects a share/],
  ['cap without precision', ['--max-runs', '9'], /--max-runs needs --precision/],
  [
    'cap below the least',
    ['--precision', '5%', '--runs', '9', '--max-runs', '8'],
    /--max-runs expects at least the 9 of --runs/,
  ],
  ['shard', ['--shard', '0/2'], /--shard expects i\/N/],
  ['cores', ['--cpus', '99999'], /--cpus 99999: there is no core 99999|--cpus expects cores/],
] as const) {
  test(`bad input, ${title}: one line, exit code 2, nothing written`, async () => {
    const { code, stderr } = await run(...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.ok(!existsSync(join(dir, 'results')));
  });
}

test('--precision samples to the cap when it cannot be had, and says unsure', async () => {
  const { code, stderr } = await run(
    ...[
      '--precision',
      '0.0001%',
      '--max-runs',
      '8',
      '--mode',
      'warm',
      '--out',
      'unsure',
      '--threads',
      '4096',
    ],
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^bench: warning: --threads 4096 on \d+ cores: threads will wait for one another$/m);
  assert.match(
    stderr,
    /unsure: idle\/\S+: ± \S+ % after (8|9) runs, asked ± 0.0001 %: raise --budget or --max-runs/,
  );
  // Sets of processes are not broken off: two runs each, the last one completes the eight.
  assert.equal(await measured('unsure'), 8);
});

test('--precision stops early when it is reached, and says nothing', async () => {
  const asked = ['--precision', '99%', '--max-runs', '500', '--mode', 'warm', '--out', 'sure'];
  const { code, stderr } = await bench(['run', '--impl', steady, ...SMALL, ...asked], dir);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /unsure/);
  const runs = await measured('sure');
  assert.ok(runs >= 6 && runs < 500, String(runs));
});

test('an empty shard is a valid record; what else ran is kept in it', async () => {
  const { code, stderr } = await run('--shard', '2/2', '--out', 'empty');
  assert.equal(code, 0, stderr);
  assert.equal(await measured('empty'), 0);
  const { environment } = await readRecord(only('unsure'));
  const { foreignLoad = [], foreignDuring } = environment;
  assert.ok(foreignLoad.length > 0 && foreignLoad.every((share) => share >= 0 && share <= 1));
  if (process.platform !== 'linux') return;
  assert.ok(foreignDuring, 'watched while cells were measured, too');
  const { median, highest } = foreignDuring;
  assert.ok(median >= 0 && median <= highest && highest <= 1);
});

function only(results: string): string {
  const [run] = readdirSync(join(dir, results));
  return join(dir, results, run!);
}

async function measured(results: string): Promise<number> {
  const { samples } = await readRecord(only(results));
  return samples.filter(({ warmup, outcome }) => !warmup && outcome === 'ok').length;
}
