/** The described example as users run it: checked, measured over a network, in a report; and nothing outlives it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readRecord } from '../record/samples.ts';
import { bench, emptyFolder, only, startBench } from '../testing/cli.ts';

const FOLDER = fileURLToPath(new URL('../../docs/peers/', import.meta.url));
const EXAMPLE = join(FOLDER, 'python-dh.json');
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3 here';

let dir: string;
before(async () => {
  dir = await emptyFolder();
});

test('bench check: everything that applies passes, the rest has its reason', { skip }, async () => {
  const { code, stdout } = await bench(['check', EXAMPLE], dir);
  assert.equal(code, 0, stdout);
  const lines = stdout.split('\n').filter((line) => line.startsWith('  '));
  assert.ok(lines.filter((line) => line.startsWith('  ok ')).length >= 24, stdout);
  for (const line of lines) assert.match(line, /^ {2}(ok {6}|skipped .+: .{10,})/);
});

test('bench run beside ecdh, over a network, one-shot and warm: right, three flights, in the report', {
  skip,
}, async () => {
  const words = ['--size', '16', '--net', 'none,wan', '--mode', 'both', '--executions', '3', '--runs', '3'];
  const { code, stderr } = await bench(
    ['run', '--impl', `${EXAMPLE},ecdh`, ...words, '--time', '0', '--out', 'results', '--reports', 'reports'],
    dir,
  );
  assert.equal(code, 0, stderr);
  const folder = only(join(dir, 'results'));
  const record = await readRecord(folder);
  const runs = record.samples.filter(({ impl }) => impl === 'python-dh');
  assert.ok(runs.length >= 12, String(runs.length));
  for (const run of runs) {
    assert.equal(run.outcome, 'ok', run.reason);
    if (run.outcome !== 'ok') continue;
    assert.equal(run.flights, 3);
    assert.ok(run.receiverCpuMs > 20 && run.senderCpuMs > 20, `${run.receiverCpuMs} ${run.senderCpuMs}`);
    // 48 elements and 32 answers of 256 bytes, and little else.
    const bytes = run.receiverSentBytes + run.senderSentBytes;
    assert.ok(bytes > 48 * 256 && bytes < 48 * 256 + 600, String(bytes));
  }
  const facts = record.environment.implementations['python-dh'];
  assert.deepEqual(facts?.program, { tried: true, anyBytes: true });
  assert.match(facts?.source ?? '', /^[0-9a-f]{64}$/);
  assert.match(readFileSync(join(dir, 'reports', basename(folder), 'report.md'), 'utf8'), /python-dh/);
});

/** The example with other commands, which write their process ids into `pids`. */
function variant(id: string, receiver: string, sender: string, more: object = {}): string {
  const description = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as Record<string, unknown>;
  const shell = (script: string) => [
    'sh',
    '-c',
    `echo $$ >> ${dir}/pids; ${script}`,
    'sh',
    '{port}',
    '{items}',
    '{result}',
  ];
  const path = join(dir, `${id}.json`);
  const commands = { receiver: shell(receiver), sender: shell(sender) };
  writeFileSync(path, JSON.stringify({ ...description, id, ...commands, ...more }));
  return path;
}

const python = (role: string) => `exec python3 ${FOLDER}dh_psi.py ${role} "$1" "$2" "$3"`;
const gone = (pid: number) =>
  !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));

for (const [id, receiver, sender, expected] of [
  [
    'lies',
    `${python('receiver').slice(5)}; echo 0 > "$3"; echo 1 >> "$3"`,
    python('sender'),
    /the result has 2 items/,
  ],
  [
    'babbles',
    `${python('receiver').slice(5)}; echo hello > "$3"`,
    python('sender'),
    /line 1 of its result is "hello"/,
  ],
  ['forgets', `${python('receiver').slice(5)}; rm "$3"`, python('sender'), /ended, but it wrote no result/],
  [
    'breaks',
    python('receiver'),
    'echo "no such flag" >&2; exit 7',
    /exit code 7; its last words: no such flag/,
  ],
  ['hangs', 'sleep 60', 'sleep 60', /took longer than 3/],
] as const) {
  test(`bench run of a program that ${id}: one failure with its reason, and nothing is left`, {
    skip,
  }, async () => {
    writeFileSync(join(dir, 'pids'), '');
    const words = ['--size', '8', '--time', '0', '--mode', 'one-shot', '--executions', '1', '--timeout', '3'];
    const path = variant(id, receiver, sender);
    const { code, stdout, stderr } = await bench(['run', '--impl', path, ...words, '--out', id], dir);
    assert.equal(code, 3, stdout + stderr);
    const [run] = (await readRecord(only(join(dir, id)))).samples;
    assert.ok(run && run.outcome !== 'ok');
    assert.match(run.reason, expected);
    const pids = readFileSync(join(dir, 'pids'), 'utf8').trim().split('\n').map(Number);
    assert.ok(pids.length >= 2);
    assert.deepEqual(
      pids.filter((pid) => !gone(pid)),
      [],
    );
  });
}

test('a server does not end by itself, and is asked to', { skip }, async () => {
  const serving = `${python('sender').slice(5)}; exec sleep 60`;
  const words = ['--size', '8', '--time', '0', '--mode', 'one-shot', '--executions', '1'];
  const path = variant('serves', python('receiver'), serving, { serves: ['sender'] });
  const { code, stderr } = await bench(['run', '--impl', path, ...words, '--out', 'serves'], dir);
  assert.equal(code, 0, stderr);
});

test('programs end with a harness that is killed', { skip }, async () => {
  writeFileSync(join(dir, 'pids'), '');
  const path = variant('sleeps', 'exec sleep 60', 'exec sleep 60');
  const { child, finished } = startBench(['run', '--impl', path, '--size', '8', '--out', 'sleeps'], dir);
  const pids = () => readFileSync(join(dir, 'pids'), 'utf8').split('\n').filter(Boolean).map(Number);
  while (pids().length < 2) await sleep(50);
  child.kill('SIGKILL');
  await finished;
  for (let i = 0; i < 60 && pids().some((pid) => !gone(pid)); i++) await sleep(50);
  assert.deepEqual(
    pids().filter((pid) => !gone(pid)),
    [],
  );
});
