/** The command line on machines as people have them: other languages, readers that go away, full disks. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BenchError, ExitCode, exitCodeOf, messageOf } from '../errors.ts';
import { UsageMeter } from '../machine/usage.ts';
import { interruptible } from './interrupt.ts';

const folder = mkdtempSync(join(tmpdir(), 'machines-'));
after(() => rmSync(folder, { recursive: true }));

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));

test('messages are English in every locale', () => {
  for (const locale of ['de_DE.UTF-8', 'tr_TR.UTF-8', 'ja_JP.UTF-8']) {
    const env = { ...process.env, LC_ALL: locale, LANG: locale, LANGUAGE: locale };
    const { stderr, status } = spawnSync(process.execPath, [CLI, 'run', '--nonsense'], {
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /^bench: Unknown argument: nonsense/);
  }
});

test('a reader that goes away ends the command quietly, with its own exit code', async () => {
  const child = spawn(process.execPath, [CLI, 'list'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([code, said], [0, '']);
});

test('a place for records that is none is one line and exit code 2, before anything is measured', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const places = [[file, /it is there already, and is no folder|is a file, not a folder|is no folder/]] as [
    string,
    RegExp,
  ][];
  if (process.getuid?.() !== 0) {
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o500);
    places.push([join(readOnly, 'results'), /permission denied/]);
  }
  const asked = places.map(([out, reason]) => ['--out', out, reason] as const);
  // A parent that answers that it is not there, however often it is made.
  const nowhere = ['--reports', '/dev/fd/x/y', /cannot write to the folder \/dev\/fd\/x\/y/] as const;
  for (const [flag, out, reason] of process.platform === 'linux' ? [...asked, nowhere] : asked) {
    const words = ['run', '--impl', 'hash', '--size', '16', flag, out];
    const { stderr, status } = spawnSync(process.execPath, [CLI, ...words], {
      encoding: 'utf8',
      cwd: folder,
    });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^bench: cannot (?:use|write to) [^\n]*\n$/);
    assert.match(stderr, reason);
  }
});

test('too few descriptors are one line and exit code 2', { skip: process.platform === 'win32' }, () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -n 40; exec "$@"', 'sh', process.execPath, CLI, 'run', '--impl', 'hash', '--size', '16'],
    { encoding: 'utf8', cwd: folder },
  );
  assert.deepEqual(
    [status, stderr],
    [2, 'bench: too few files may be open at once, 40: allow 64 at least (ulimit -n 64)\n'],
  );
});

test('what the machine refuses is said in words, and is no fault of the program', () => {
  const refused = (code: string, path?: string) =>
    Object.assign(new Error(`${code}: …`), { code, syscall: 'write', ...(path && { path }) });
  assert.equal(messageOf(refused('ENOSPC')), 'write: the disk is full');
  assert.equal(messageOf(refused('EROFS', '/x')), 'cannot use /x: the file system is read-only');
  assert.match(messageOf(refused('EMFILE', '/x')), /ulimit -n/);
  assert.equal(exitCodeOf(refused('ENOSPC')), ExitCode.usage);
  assert.equal(exitCodeOf(new TypeError('x')), ExitCode.broken);
  assert.equal(exitCodeOf(new BenchError('x')), ExitCode.broken);
});

test('the end of the terminal is an interrupt like Ctrl-C', {
  skip: process.platform === 'win32',
}, async () => {
  for (const name of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
    using interrupt = interruptible();
    const aborted = once(interrupt.signal, 'abort');
    process.kill(process.pid, name);
    await aborted;
    assert.ok(interrupt.signal.aborted);
  }
});

test('an interrupt before anything is measured, or while input is read, ends with 130 and leaves nothing', {
  skip: process.platform === 'win32',
}, async () => {
  const TMPDIR = mkdtempSync(join(folder, 'tmp-'));
  writeFileSync(join(folder, 'b.csv'), 'id\n1\n');
  const words = [
    'intersect',
    '--receiver-file',
    '-',
    '--sender-file',
    'b.csv',
    '--key',
    'id',
    '--impl',
    'hash',
  ];
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    // Standard input stays open: what reads it would wait for ever.
    const child = spawn(process.execPath, [CLI, ...words], {
      cwd: folder,
      env: { ...process.env, TMPDIR },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = once(child, 'close');
    while (!readdirSync(TMPDIR).some((name) => name.startsWith('psi-bench-input-'))) await sleep(20);
    child.kill(signal);
    assert.deepEqual(await ended, [130, null]);
    assert.deepEqual(readdirSync(TMPDIR), []);
  }
});

test('CPU time between two phases is booked to none', () => {
  const meter = new UsageMeter();
  const burn = () => {
    for (const until = process.cpuUsage().user + 60_000; process.cpuUsage().user < until; );
  };
  burn();
  assert.ok(meter.read().cpuUserMs >= 50);
  meter.beginWork();
  const { cpuUserMs } = meter.read();
  assert.ok(cpuUserMs < 30, `${cpuUserMs} ms`);
});
