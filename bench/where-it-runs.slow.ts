/** The benchmark where people have it: in a container's likeness, on one core, with little of everything. Linux. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecord } from './record/samples.ts';
import { PROJECT } from './testing/cli.ts';
import { ControlGroups } from './testing/control-groups.ts';
import { UserRepository } from './testing/user-repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'where-'));
chmodSync(folder, 0o777);
after(() => rmSync(folder, { recursive: true, force: true }));

const CLI = join(PROJECT, 'bench/cli.ts');
const ROOT = process.getuid?.() === 0;
const LINUX = { skip: process.platform !== 'linux' && 'needs Linux' };
const AS_ROOT = { skip: !(process.platform === 'linux' && ROOT) && 'needs Linux and root' };
const SHORT = '--size 2^8 --runs 2 --time 0 --budget 20 --mode warm --executions 1';
/** What a user has who is not root: no home, no variables. */
const NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups env -i';

/** A folder that any user can write to. */
function open(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

/** Runs a shell script; `"$@"` in it is `node bench/cli.ts <words>`. */
function shell(script: string, words: readonly string[], cwd = folder, cli = CLI) {
  return spawnSync('sh', ['-c', script, 'sh', process.execPath, cli, ...words], { encoding: 'utf8', cwd });
}

/** The only record in a folder of records. @throws AssertionError when a cell came to a bad end */
async function rightRecord(results: string, said: string) {
  const [name = ''] = existsSync(results) ? readdirSync(results) : [];
  assert.notEqual(name, '', `no record: ${said}`);
  const record = await readRecord(join(results, name));
  const bad = record.samples.filter(({ outcome }) => !['ok', 'skipped', 'unavailable'].includes(outcome));
  assert.deepEqual(
    bad.map(({ cell, outcome, reason }) => [cell, outcome, reason]),
    [],
    said,
  );
  assert.ok(
    record.samples.some(({ outcome }) => outcome === 'ok'),
    said,
  );
  return record;
}

function groups(): ControlGroups | string {
  try {
    const limits = { cpus: 1, memoryBytes: 2 ** 31 };
    return new ControlGroups(`psi-bench-where-${process.pid}`, limits);
  } catch (error) {
    return `control groups of version 1 cannot be had: ${(error as Error).message}`;
  }
}

test(
  'bench run --impl all, default sizes and modes: not root, one CPU, 2 GiB, 64 KiB of /dev/shm, no network, no home, a read-only project',
  AS_ROOT,
  async (context) => {
    const contained = groups();
    if (typeof contained === 'string') return context.skip(contained);
    const results = open('contained');
    const script = `
    set -e
    for group in ${contained.folders.join(' ')}; do echo $$ > $group/cgroup.procs; done
    mount --bind '${PROJECT}' '${PROJECT}' && mount -o remount,ro,bind '${PROJECT}'
    mount -t tmpfs -o size=64k none /dev/shm
    ip link set lo up
    cd /
    exec ${NOBODY} PATH="$PATH" TMPDIR='${open('contained-tmp')}' "$@"`;
    // Less time for each cell than by default; everything else is as it comes.
    const words = ['run', '--impl', 'all', '--budget', '4', '--time', '0.2', '--out', results];
    try {
      const { status, signal, stderr } = spawnSync(
        'unshare',
        [
          '--mount',
          '--net',
          'sh',
          '-c',
          script,
          'sh',
          process.execPath,
          CLI,
          ...words,
          '--reports',
          open('reports'),
        ],
        { encoding: 'utf8', maxBuffer: 2 ** 26 },
      );
      const said = `status ${status}, signal ${signal}, ended for memory: ${contained.endedForMemory}: ${stderr}`;
      const { samples, environment } = await rightRecord(results, said);
      assert.equal(status, 0, said);
      assert.deepEqual(
        new Set(samples.map(({ receiverSize }) => receiverSize)),
        new Set([2 ** 8, 2 ** 12, 2 ** 16]),
      );
      assert.deepEqual(new Set(samples.map(({ mode }) => mode)), new Set(['one-shot', 'warm']));
      assert.equal(environment.conditions?.cpuQuota, 1);
      assert.equal(environment.conditions?.memoryBytes, 2 ** 31);
    } finally {
      contained.remove();
    }
  },
);

test('control groups go with the process that made them, whatever it dies of', AS_ROOT, async (context) => {
  const name = `psi-bench-guarded-${process.pid}`;
  const module = join(PROJECT, 'bench/testing/control-groups.ts');
  const code = `
    const { ControlGroups } = await import(${JSON.stringify(module)});
    try {
      console.log(new ControlGroups('${name}', { cpus: 1, memoryBytes: 2 ** 30 }).folders.length);
      setInterval(() => {}, 1000);
    } catch (error) {
      console.log(error.message);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const said = String((await child.stdout.take(1).toArray())[0]);
  if (said.trim() !== '2') return context.skip(said);
  assert.ok(existsSync(`/sys/fs/cgroup/cpu/${name}`));
  child.kill('SIGKILL');
  for (let tries = 0; tries < 50 && existsSync(`/sys/fs/cgroup/memory/${name}`); tries++) await sleep(100);
  assert.deepEqual(
    ['cpu', 'memory'].filter((kind) => existsSync(`/sys/fs/cgroup/${kind}/${name}`)),
    [],
  );
});

for (const [name, script, flags] of [
  ['one core (taskset)', 'exec taskset -c 0 "$@"', []],
  ['one core (--cpus 0)', 'exec "$@"', ['--cpus', '0']],
  ['2 GiB of address space', 'ulimit -v 2097152; exec "$@"', []],
  ['16 GiB of address space', 'ulimit -v 16777216; exec "$@"', []],
  ['64 descriptors', 'ulimit -n 64; exec "$@"', []],
] as const) {
  test(`all implementations with ${name}: each cell comes to a right end`, LINUX, async () => {
    const results = join(folder, name.replaceAll(/\W+/g, '-'));
    const words = ['run', '--impl', 'all', ...SHORT.split(' '), ...flags, '--out', results];
    const { status, stderr } = shell(script, words);
    await rightRecord(results, stderr);
    assert.equal(status, 0, stderr);
  });
}

/** A copy of the project without packages, in a new folder. */
function unpacked(at: string): string {
  mkdirSync(at, { recursive: true });
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: PROJECT, encoding: 'utf8' }).split('\0');
  for (const file of [...files.filter(Boolean), 'build']) {
    if (existsSync(join(PROJECT, file))) cpSync(join(PROJECT, file), join(at, file), { recursive: true });
  }
  return at;
}

test(
  'a workspace whose packages lie above it: it runs, enclave and all, and records their versions',
  LINUX,
  async () => {
    const workspace = join(folder, 'workspace');
    const project = unpacked(join(workspace, 'packages/psi'));
    symlinkSync(join(PROJECT, 'node_modules'), join(workspace, 'node_modules'));
    const words = [
      'run',
      '--impl',
      'hash,ecdh,enclave',
      ...SHORT.split(' '),
      '--out',
      join(folder, 'hoisted'),
    ];
    const { status, stderr } = shell('exec "$@"', words, folder, join(project, 'bench/cli.ts'));
    const { environment } = await rightRecord(join(folder, 'hoisted'), stderr);
    assert.equal(status, 0, stderr);
    assert.match(environment.packages.yargs ?? '', /^\d+\./);
    assert.equal(environment.code.commit, null);
  },
);

test('installed by root, run by another user who has no home', AS_ROOT, async () => {
  const project = unpacked(join(folder, 'installed'));
  symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
  const here = open('of-nobody');
  const words = ['run', '--impl', 'hash,enclave', ...SHORT.split(' ')];
  const script = `exec ${NOBODY} PATH="$PATH" TMPDIR='${open('of-nobody-tmp')}' "$@"`;
  const { status, stderr } = shell(script, words, here, join(project, 'bench/cli.ts'));
  await rightRecord(join(here, 'results'), stderr);
  assert.equal(status, 0, stderr);
});

test(
  'a disk that is full: one line and exit code 2; what was measured before stays readable',
  AS_ROOT,
  async (context) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', disk], { encoding: 'utf8' });
    if (mounted.status !== 0) return context.skip(`no file system can be mounted: ${mounted.stderr.trim()}`);
    try {
      const words = ['run', '--impl', 'hash', '--size', '16', '--time', '0', '--out', disk];
      const before = shell('exec "$@"', words);
      assert.deepEqual([before.status, before.stderr.split('\n').length], [2, 2], before.stderr);
      assert.match(before.stderr, /the disk is full/);
      assert.deepEqual(readdirSync(disk), [], 'half a record');
      execFileSync('mount', ['-o', 'remount,size=48k', disk]);
      const during = shell('exec "$@"', [...words, '--runs', '500', '--mode', 'warm', '--executions', '1']);
      assert.equal(during.status, 2, during.stderr);
      assert.match(during.stderr, /^bench: [^\n]*the disk is full$/m);
      await rightRecord(disk, during.stderr);
    } finally {
      execFileSync('umount', [disk]);
    }
  },
);

test('bench ab works from a git hook', LINUX, async () => {
  const repository = await UserRepository.create();
  const results = join(repository.dir, '.git/ab-said');
  writeFileSync(
    join(repository.dir, '.git/hooks/pre-commit'),
    `#!/bin/sh
env | grep -c '^GIT_' > '${results}'
'${process.execPath}' '${CLI}' ab one slow --impl ./mine.ts --size 16 --overlap 0 >> '${results}' 2>&1
echo "code $?" >> '${results}'
`,
    { mode: 0o755 },
  );
  writeFileSync(join(repository.dir, 'more.txt'), '');
  const git = (...words: string[]) => execFileSync('git', words, { cwd: repository.dir, encoding: 'utf8' });
  git('add', '.');
  git('commit', '-q', '-m', 'with a hook');
  const said = execFileSync('cat', [results], { encoding: 'utf8' });
  assert.match(said, /^[1-9]/, 'git tells the hook of no repository');
  assert.match(said, /code 1\n$/, said);
  assert.equal(repository.worktrees, 1);
  assert.equal(git('status', '--porcelain'), '');
});
