import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Implementation } from '../contract.ts';
import { sampleAes, sampleCopy, sampleX25519, sampleYardsticks } from '../machine/yardstick.ts';
import { withoutPaths } from './conditions.ts';
import {
  captureEnvironment,
  differingConditions,
  type Environment,
  implementationFacts,
} from './environment.ts';

const FACTS = { run: 'r', started: '2026-01-31T12:00:00.000Z', command: 'bench run --impl all', seed: '7' };
const root = join(import.meta.dirname, '../..');

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'psi-bench-environment-'));
});
after(() => rm(folder, { recursive: true }));

function git(cwd: string, ...args: string[]): string {
  const settings = [
    '-c',
    'user.name=test',
    '-c',
    'user.email=test@example.org',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', [...settings, ...args], { cwd, encoding: 'utf8' });
}

describe('the environment', () => {
  test('says what ran where', async () => {
    const environment = await captureEnvironment(FACTS, root);
    assert.equal(environment.schema, 1);
    assert.equal(environment.command, FACTS.command);
    assert.equal(environment.runtime.node, process.versions.node);
    assert.match(environment.host.fingerprint, /^[0-9a-f]{16}$/);
    const lock = await readFile(join(root, 'package-lock.json'));
    assert.equal(environment.code.lockSha256, createHash('sha256').update(lock).digest('hex'));
    assert.match(environment.packages['@noble/curves']!, /^\d+\.\d+\.\d+/);
    assert.deepEqual(JSON.parse(JSON.stringify(environment)), environment);
  });

  test('names no person, host or path', async () => {
    const text = JSON.stringify(await captureEnvironment(FACTS, root));
    const names = [hostname(), homedir(), process.cwd(), root, tmpdir()].filter((name) => name.length > 3);
    for (const name of names) assert.ok(!text.includes(name), name);
    // A short user name may be part of a word.
    assert.doesNotMatch(text, new RegExp(`"${userInfo().username}"`));
  });

  test('is the same machine at every capture', async () => {
    const [a, b] = [await captureEnvironment(FACTS, root), await captureEnvironment(FACTS, folder)];
    assert.equal(a.host.fingerprint, b.host.fingerprint);
  });

  test('without git and lock file says so instead of guessing', async () => {
    const bare = join(folder, 'bare');
    await mkdir(bare);
    // Stops git from looking for a repository further up.
    await writeFile(join(bare, '.git'), 'gitdir: nowhere\n');
    const { code, packages } = await captureEnvironment(FACTS, bare);
    assert.deepEqual(code, { commit: null, dirty: null, changesSha256: null, lockSha256: null });
    assert.deepEqual(packages, {});
  });

  test('tells a clean tree from changed ones, and those from each other', async () => {
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'results'), { recursive: true });
    git(tree, 'init', '-q');
    await writeFile(join(tree, 'a.ts'), '1');
    git(tree, 'add', '.');
    git(tree, 'commit', '-qm', 'first');
    const capture = async () => (await captureEnvironment(FACTS, tree)).code;
    const clean = await capture();
    assert.equal(clean.commit, git(tree, 'rev-parse', 'HEAD').trim());
    assert.deepEqual([clean.dirty, clean.changesSha256], [false, null]);
    await writeFile(join(tree, 'results', 'samples.csv'), 'what a run writes is no change of code');
    assert.deepEqual(await capture(), clean);
    await writeFile(join(tree, 'a.ts'), '2');
    const second = await capture();
    await writeFile(join(tree, 'a.ts'), '3');
    const third = await capture();
    assert.equal(second.dirty, true);
    assert.match(second.changesSha256!, /^[0-9a-f]{64}$/);
    assert.notEqual(second.changesSha256, third.changesSha256);
  });

  test("names the project's own commit, or none: inside another repository, in a worktree, in a hook", async () => {
    const outer = join(folder, 'outer');
    const inner = join(outer, 'vendor', 'bench');
    await mkdir(inner, { recursive: true });
    await writeFile(join(inner, 'a.ts'), '1');
    git(outer, 'init', '-q');
    git(outer, 'add', '.');
    git(outer, 'commit', '-qm', 'another project');
    const code = async (dir: string) => (await captureEnvironment(FACTS, dir)).code;
    assert.equal((await code(inner)).commit, null);
    const own = join(folder, 'own');
    await mkdir(own);
    git(own, 'init', '-q');
    git(own, 'commit', '-q', '--allow-empty', '-m', 'own');
    git(own, 'worktree', 'add', '-q', '--detach', join(folder, 'worktree'));
    const commit = git(own, 'rev-parse', 'HEAD').trim();
    assert.equal((await code(join(folder, 'worktree'))).commit, commit);
    const names = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE'];
    const before = names.map((name) => [name, process.env[name]] as const);
    try {
      process.env.GIT_DIR = join(outer, '.git');
      process.env.GIT_WORK_TREE = outer;
      process.env.GIT_INDEX_FILE = join(outer, '.git', 'index');
      assert.deepEqual([(await code(own)).commit, (await code(own)).dirty], [commit, false]);
      assert.equal((await code(inner)).commit, null);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  test('finds the versions of packages that lie further up', async () => {
    const project = join(folder, 'workspace', 'packages', 'bench');
    const hoisted = join(folder, 'workspace', 'node_modules', '@scope', 'hoisted');
    const near = join(project, 'node_modules', 'near');
    for (const dir of [hoisted, near]) await mkdir(dir, { recursive: true });
    const dependencies = { '@scope/hoisted': '^1.0.0', near: '*', 'not-here': '*' };
    await writeFile(join(project, 'package.json'), JSON.stringify({ dependencies }));
    await writeFile(join(hoisted, 'package.json'), JSON.stringify({ version: '1.2.3' }));
    await writeFile(join(near, 'package.json'), JSON.stringify({ version: '4.5.6' }));
    const { packages } = await captureEnvironment(FACTS, project);
    assert.deepEqual(packages, { '@scope/hoisted': '1.2.3', near: '4.5.6' });
  });

  test('what changes speed is kept, without paths, and forbids to continue', async () => {
    const a = await captureEnvironment(FACTS, folder);
    const conditions = a.conditions;
    assert.ok(conditions);
    for (const [field, value, words] of [
      ['addressSpaceBytes', 2 ** 34, 'limit of address space'],
      ['cpuQuota', 0.7, 'CPU quota'],
      ['nodeOptions', '--jitless', 'NODE_OPTIONS'],
      ['compileCache', conditions.compileCache === 'own' ? 'given' : 'own', 'NODE_COMPILE_CACHE'],
      ['governor', 'powersave', 'CPU governor'],
      ['mitigations', ['meltdown: Mitigation: PTI'], 'mitigations'],
    ] as const) {
      const b: Environment = { ...a, conditions: { ...conditions, [field]: value } };
      assert.equal(differingConditions(a, b), words);
    }
    const { conditions: _, ...old } = a;
    assert.equal(differingConditions(old, a), null);
    assert.equal(
      withoutPaths(
        '--max-old-space-size=512 --require /home/anna/x.cjs --import=file:///home/anna/y.mjs "a b"',
      ),
      '--max-old-space-size=512 --require … --import=… …',
    );
  });

  test('says what forbids to continue a record', async () => {
    const a = await captureEnvironment(FACTS, folder);
    assert.equal(differingConditions(a, structuredClone(a)), null);
    const b: Environment = {
      ...a,
      host: { ...a.host, fingerprint: 'other' },
      code: { ...a.code, commit: 'other' },
    };
    assert.equal(differingConditions(a, b), 'machine, commit');
  });

  test('holds what an implementation declares, and none of its code', () => {
    const declared = {
      title: 'T',
      version: '1',
      kind: 'cryptography',
      keeps: [],
      build: 'ts',
      summary: 'S',
      security: { private: true },
      references: ['R'],
    };
    const implementation = { ...declared, id: 'x', options: {}, receiver() {} } as unknown as Implementation;
    assert.deepEqual(implementationFacts(implementation), declared);
  });
});

describe('a yardstick', () => {
  for (const sample of [sampleX25519, sampleAes, sampleCopy]) {
    test(`${sample.name} is a positive time`, () => {
      const us = sample(1);
      assert.ok(Number.isFinite(us) && us > 0);
    });
  }

  test('is part of each record', () => {
    assert.deepEqual(Object.keys(sampleYardsticks()), ['x25519Us', 'aesMiBUs', 'copyMiBUs']);
  });
});
