import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readRecord } from './record/samples.ts';
import { bench, emptyFolder, FAULTY, only, PROJECT, startBench } from './testing/cli.ts';
import { assertMatches } from './testing/json-schema.ts';
import { partiesOf } from './testing/processes.ts';

const QUICK = ['--size', '16', '--executions', '1', '--runs', '2', '--time', '0', '--overlap', '8'];
/** Finding the processes of a run takes `ps` and `/proc`. */
const LINUX = { skip: process.platform === 'linux' ? false : 'needs Linux to find the processes of a run' };
const FEBRL = join(PROJECT, '../shared/data/febrl4');

let folder: string;
before(async () => {
  folder = await emptyFolder();
  writeFileSync(join(folder, 'a.csv'), 'id, name\n1,x\n2,y\n3,z\n,w\n');
  writeFileSync(join(folder, 'b.csv'), 'id,other\n2,p\n3,q\n3,q\n9,r\n');
  writeFileSync(join(folder, 'empty.csv'), '');
  writeFileSync(join(folder, 'nothing.ts'), 'export const nothing = 1;\n');
});

for (const [title, words, message] of [
  ['unknown command', ['rum'], /Did you mean run\?/],
  ['unknown flag', ['run', '--sise', '4'], /[Uu]nknown argument: sise/],
  [
    'unknown implementation',
    ['run', '--impl', 'plaintxt'],
    /unknown implementation "plaintxt": did you mean "plaintext"\?/,
  ],
  ['missing module', ['run', '--impl', './mine.ts'], /there is no file \.\/mine\.ts/],
  [
    'module without implementation',
    ['run', '--impl', './nothing.ts'],
    /has no default export.*impls\/README\.md/,
  ],
  ['unknown option', ['run', '--impl', 'hash', '--set', 'hash.sal=true'], /"sal".*"salt"/],
  [
    'option of another',
    ['run', '--impl', 'hash', '--set', 'ecdh.engine=noble'],
    /"ecdh" is not among the chosen/,
  ],
  ['malformed setting', ['run', '--impl', 'hash', '--set', 'salt'], /salt/],
  ['malformed size', ['run', '--size', '2^x'], /invalid set size "2\^x": write 4096, 2\^12 or 64k/],
  ['size too large', ['run', '--size', '2^25'], /at most 2\^24/],
  [
    'overlap too large',
    ['run', '--size', '16', '--overlap', '17'],
    /an overlap of 17 items is impossible for sets of 16 and 16/,
  ],
  ['overlap malformed', ['run', '--overlap', 'half'], /invalid overlap "half"/],
  [
    'sizes that contradict',
    ['run', '--size', '4', '--sender-size', '4', '--receiver-size', '4'],
    /leave one of the three out/,
  ],
  ['runs', ['run', '--runs', '0'], /--runs expects a whole number of at least 1/],
  [
    'file without key',
    ['run', '--dataset', 'file', '--receiver-file', 'a.csv', '--sender-file', 'b.csv'],
    /--key/,
  ],
  [
    'size for a file',
    ['run', '--dataset', 'file', '--size', '4'],
    /--size cannot be combined with data set file/,
  ],
  ['key without file', ['run', '--key', 'id'], /--key cannot be combined with data set random/],
  [
    'missing file',
    ['run', '--dataset', 'file', '--receiver-file', 'no.csv', '--sender-file', 'b.csv', '--key', 'id'],
    /no\.csv/,
  ],
  [
    'empty file',
    ['run', '--dataset', 'file', '--receiver-file', 'empty.csv', '--sender-file', 'b.csv', '--key', 'id'],
    /empty/,
  ],
  [
    'missing column',
    ['run', '--dataset', 'file', '--receiver-file', 'a.csv', '--sender-file', 'b.csv', '--key', 'nam'],
    /"nam".*(id|name)/,
  ],
  ['result of generated data', ['run', '--write-result', 'x.csv'], /--dataset file/],
  ['resume of nothing', ['run', '--resume', 'nowhere'], /nowhere is not the folder of a run/],
  ['report of nothing', ['report', 'nowhere'], /nowhere is not the folder of a run/],
  ['dataset without kind', ['dataset', 'describe'], /./],
] as const) {
  test(`bad input, ${title}: one line, exit code 2, nothing written`, async () => {
    const { code, stdout, stderr } = await bench(words, folder);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.equal(stdout, '');
    assert.ok(!existsSync(join(folder, 'results')));
  });
}

test('bench alone is help, --version a version, and completion knows the flags: exit code 0', async () => {
  const help = await bench([], folder);
  assert.deepEqual([help.code, help.stderr], [0, '']);
  assert.match(help.stdout, /bench run +measure[\s\S]*Exit codes: 0 fine; 1 /);
  assert.match((await bench(['--version'], folder)).stdout, /^psi-bench \d+\.\d+\.\d+\n$/);
  const completed = await bench(['--get-yargs-completions', 'bench', 'run', '--'], folder);
  for (const flag of ['--impl', '--cells', '--write-result']) {
    assert.ok(completed.stdout.split('\n').includes(flag), flag);
  }
});

test('--cells and -id choose among the cells', async () => {
  const words = ['run', '--impl', 'all,-seal,-ecdh', '--size', '4,8', '--cells', 'hash/*,plain*/*r8-*'];
  const { code, stdout } = await bench([...words, '--dry-run'], folder);
  assert.equal(code, 0);
  assert.deepEqual(
    stdout.split('\n').map((line) => line.replace(/ (random .*?),.*/, ' $1').replace(/ +/g, ' ')),
    ['hash random 4 × 4', 'hash random 8 × 8', 'plaintext random 8 × 8', stdout.split('\n')[3]!, ''],
  );
});

test('a run writes a new record and report each time, and its summary is JSON where asked', async () => {
  const dir = await emptyFolder();
  const words = ['run', '--impl', `plaintext,${FAULTY}`, ...QUICK, '--timeout', '1', '--json'];
  const first = await bench(words, dir);
  assert.equal(first.code, 3, 'some of the faulty ones were broken');
  const summary = JSON.parse(first.stdout) as { samples: string; report: string };
  assertMatches('run.v1', summary);
  assert.ok(existsSync(join(dir, summary.samples)) && existsSync(join(dir, summary.report)));
  assert.deepEqual(
    [readdirSync(join(dir, 'results')).length, readdirSync(join(dir, 'reports')).length],
    [1, 2],
  );
  assert.ok(existsSync(join(dir, 'reports', 'latest', 'report.md')));

  const { samples } = await readRecord(only(join(dir, 'results')));
  const outcomes = Object.fromEntries(samples.map(({ impl, outcome }) => [impl, outcome]));
  assert.deepEqual(outcomes, {
    plaintext: 'ok',
    clear: 'ok',
    idle: 'wrong',
    wrong: 'wrong',
    throws: 'died',
    exits: 'died',
    stalls: 'timeout',
    greedy: 'memory',
    unread: 'broken',
    early: 'broken',
    unavailable: 'unavailable',
    small: 'skipped',
    costly: 'skipped',
    slow: 'wrong',
  });
  assert.ok(samples.filter(({ impl, warmup }) => impl === 'clear' && !warmup).length >= 2);
  const earliest = samples.find(({ impl }) => impl === 'clear');
  assert.deepEqual([earliest?.mode, earliest?.sample, earliest?.warmup], ['one-shot', 0, false]);

  const report = readFileSync(join(dir, summary.report), 'utf8');
  for (const line of report.split('\n').filter((row) => /^\| *(wrong|idle|stalls)\b/.test(row))) {
    const figures = line.split('|').slice(0, -2).join('|'); // the last column is the reason
    assert.doesNotMatch(figures, /\d (ms|µs|s)\b/, `a wrong result has a time: ${line}`);
  }
});

test('Ctrl-C: children gone, rows kept, and --resume goes on where it stopped', LINUX, async () => {
  const dir = await emptyFolder();
  const module = someOf(dir, ['clear', 'slow']);
  const words = ['run', '--impl', module, '--size', '16', '--overlap', '0', '--time', '0'];
  words.push('--mode', 'warm', '--executions', '2', '--runs', '8');
  const { child, finished } = startBench(words, dir);
  const results = join(dir, 'results');
  // The folders come first, then the file, then its rows.
  const rows = () => {
    const [run] = existsSync(results) ? readdirSync(results) : [];
    const path = join(results, run ?? '', 'samples.csv');
    return run !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  for (let waited = 0; waited < 400 && rows().split('slow/').length < 4; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const descendants = partiesOf(child.pid!);
  assert.equal(descendants.length, 4);
  child.kill('SIGINT');
  const { code, stderr } = await finished;
  assert.equal(code, 130);
  assert.match(stderr, /interrupted; what was measured is kept: bench run --resume results/);
  for (const pid of descendants) assert.throws(() => process.kill(pid, 0), `process ${pid} is still there`);

  const record = only(results);
  const kept = rows();
  assert.ok(!kept.includes('died'), 'what the interrupt ended is no outcome');
  const refused = await bench(['run', '--resume', record, '--impl', 'hash'], dir);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /leave out --impl/);
  const resumed = await bench(['run', '--resume', record], dir);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.ok(rows().startsWith(kept));
  const { samples } = await readRecord(record);
  for (const impl of ['clear', 'slow']) {
    const mine = samples.filter((sample) => sample.impl === impl);
    // The execution that was interrupted keeps what it had.
    const counted = mine.filter(({ warmup }) => !warmup).length;
    assert.ok(counted >= 4 && counted <= 8, String(counted));
    assert.equal(new Set(mine.map(({ execution }) => execution)).size, 2);
    assert.deepEqual(
      mine.map(({ sample }) => sample),
      mine.map((_, i) => i),
    );
  }
});

test('a party killed from outside: its cell is recorded, the others go on, exit code 3', LINUX, async () => {
  const dir = await emptyFolder();
  const module = someOf(dir, ['clear', 'stalls']);
  const words = ['run', '--impl', module, '--size', '16', '--runs', '2', '--time', '0', '--timeout', '60'];
  const { child, finished } = startBench(words, dir);
  // The parties of both cells stay until both are done, which "stalls" never is by itself.
  const parties = () => partiesOf(child.pid!);
  for (let waited = 0; waited < 400 && parties().length < 4; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const pid of parties()) process.kill(pid, 'SIGKILL');
  const { code } = await finished;
  assert.equal(code, 3);
  const { samples } = await readRecord(only(join(dir, 'results')));
  const died = samples.find(({ impl }) => impl === 'stalls');
  assert.equal(died?.outcome, 'died');
  assert.match(died?.reason ?? '', /was killed by SIGKILL/);
});

test('a row that a crash cut in two is measured again', async () => {
  const dir = await emptyFolder();
  const words = ['run', '--impl', 'plaintext', ...QUICK, '--json'];
  assert.equal((await bench(words, dir)).code, 0);
  const record = only(join(dir, 'results'));
  const path = join(record, 'samples.csv');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  // As if it had been cut off in the middle of the last measured row.
  const cut = `${lines.slice(0, -1).join('\n')}\n${lines.at(-1)!.slice(0, 20)}`;
  writeFileSync(path, cut);
  const { code, stderr } = await bench(['run', '--resume', record], dir);
  assert.equal(code, 0, stderr);
  const resumed = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.deepEqual(resumed.slice(0, lines.length - 1), lines.slice(0, -1));
  const { samples } = await readRecord(record);
  assert.ok(samples.filter(({ warmup }) => !warmup).length >= 2);
  const numbers = samples.map(({ cell, sample }) => `${sample} ${cell}`);
  assert.deepEqual(numbers, [...new Set(numbers)]);
});

test('a record of another schema is refused', async () => {
  const dir = await emptyFolder();
  assert.equal((await bench(['run', '--impl', 'plaintext', ...QUICK], dir)).code, 0);
  const record = only(join(dir, 'results'));
  const path = join(record, 'environment.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"schema": 1', '"schema": 99'));
  for (const words of [
    ['report', record],
    ['run', '--resume', record],
  ]) {
    const { code, stderr } = await bench(words, dir);
    assert.equal(code, 2);
    assert.match(stderr, /schema/);
  }
});

test('two files: rows without a key and duplicates are counted, matching rows written', async () => {
  const { code, stderr } = await bench(
    [
      'run',
      '--impl',
      'plaintext',
      '--dataset',
      'file',
      '--receiver-file',
      'a.csv',
      '--sender-file',
      'b.csv',
      '--key',
      'id',
      '--runs',
      '1',
      '--time',
      '0',
      '--out',
      'r',
      '--reports',
      'p',
      '--write-result',
      'matches.csv',
    ],
    folder,
  );
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(join(folder, 'matches.csv'), 'utf8'), 'id, name\n2,y\n3,z\n');
  const { environment, samples } = await readRecord(only(join(folder, 'r')));
  const { receiver_sha256, sender_sha256, ...facts } = environment.datasets['a.csv+b.csv:id'] ?? {};
  for (const hash of [receiver_sha256, sender_sha256]) assert.match(String(hash), /^[0-9a-f]{64}$/);
  assert.notEqual(receiver_sha256, sender_sha256);
  assert.deepEqual(facts, {
    key: 'id',
    receiver_rows_without_key: 1,
    receiver_duplicates: 0,
    sender_rows_without_key: 0,
    sender_duplicates: 1,
  });
  for (const { receiverSize, senderSize, overlap } of samples) {
    assert.deepEqual([receiverSize, senderSize, overlap], [3, 3, 2]);
  }
});

test('--dry-run shows the cells and measures nothing', async () => {
  const dir = await emptyFolder();
  const { code, stdout } = await bench(['run', '--impl', 'plaintext', '--size', '2^4,2^5', '--dry-run'], dir);
  assert.equal(code, 0);
  assert.match(stdout, /plaintext .*16 × 16.*\n.*32 × 32.*\n2 cells/);
  assert.ok(!existsSync(join(dir, 'results')));
});

test('seeded runs have identical bytes, messages and flights', async () => {
  const dir = await emptyFolder();
  const words = ['run', '--impl', 'plaintext,hash,ecdh', ...QUICK, '--seeded-protocols'];
  for (let i = 0; i < 2; i++) assert.equal((await bench([...words, '--out', `r${i}`], dir)).code, 0);
  const read = (i: number) => readRecord(only(join(dir, `r${i}`)));
  const [first, second] = [await read(0), await read(1)] as const;
  const exact = (record: typeof first) =>
    Object.fromEntries(
      record.samples.flatMap((sample) =>
        sample.outcome === 'ok'
          ? [
              [
                sample.cell,
                [
                  sample.receiverSentBytes,
                  sample.senderSentBytes,
                  sample.helperSentBytes,
                  sample.messages,
                  sample.flights,
                  sample.resultSha256,
                ],
              ],
            ]
          : [],
      ),
    );
  assert.deepEqual(exact(first), exact(second));
  assert.equal(Object.keys(exact(first)).length, 6, 'three, in two modes');
  // Within a record too: every run of a cell is like the first.
  for (const { samples } of [first, second]) {
    for (const sample of samples) {
      if (sample.outcome !== 'ok') continue;
      const like = samples.find(({ cell }) => cell === sample.cell);
      assert.ok(like?.outcome === 'ok');
      assert.deepEqual([sample.messages, sample.flights], [like.messages, like.flights]);
    }
  }
});

test('FEBRL: every implementation finds the 4,561 shared patients', { timeout: 120_000 }, async (t) => {
  if (!existsSync(FEBRL)) return t.skip('../shared/data/febrl4 is not there');
  const dir = await emptyFolder();
  const { code, stderr } = await bench(
    [
      'run',
      '--impl',
      'plaintext,hash,ecdh,enclave,enclave-oblivious',
      '--dataset',
      'file',
      '--receiver-file',
      join(FEBRL, 'a.csv'),
      '--sender-file',
      join(FEBRL, 'b.csv'),
      '--key',
      'soc_sec_id',
      '--runs',
      '1',
      '--time',
      '0',
    ],
    dir,
  );
  assert.equal(code, 0, stderr);
  const { samples } = await readRecord(only(join(dir, 'results')));
  const impls = new Set(samples.map(({ impl }) => impl));
  for (const impl of ['plaintext', 'hash', 'ecdh']) assert.ok(impls.has(impl), `${impl} did not run`);
  for (const sample of samples) assert.equal(sample.outcome === 'ok' && sample.resultSize, 4561, sample.impl);
});

test('list and check speak of every implementation; dataset makes what run reads', async () => {
  const dir = await emptyFolder();
  const list = await bench(['list'], dir);
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^plaintext /m);
  const check = await bench(['check', someOf(dir, ['idle'])], dir);
  assert.equal(check.code, 3);
  assert.match(check.stdout, /FAILED/);
  const made = await bench(
    ['dataset', 'make', 'patients', '--size', '50', '--overlap', '20', '--out', 'd'],
    dir,
  );
  assert.equal(made.code, 0, made.stderr);
  const [, key = ''] = /--key (\S+)/.exec(made.stdout) ?? [];
  const described = await bench(
    [
      'dataset',
      'describe',
      'file',
      '--receiver-file',
      'd/receiver.csv',
      '--sender-file',
      'd/sender.csv',
      '--key',
      key,
    ],
    dir,
  );
  assert.match(described.stdout, /20 items are in both sets/);
});

/** A module in `dir` with some of the implementations of `testing/faulty.ts`. */
function someOf(dir: string, ids: readonly string[]): string {
  const path = join(dir, 'some.ts');
  writeFileSync(
    path,
    `import all from ${JSON.stringify(FAULTY)};\nexport default all.filter(({ id }) => ${JSON.stringify(ids)}.includes(id));\n`,
  );
  return path;
}
