import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { before, test } from 'node:test';
import { servePairs } from './ab-server.ts';
import type { Comparison } from './compare/comparison.ts';
import { makePlan } from './plan.ts';
import { emptyFolder, FAULTY, type Finished, startBench } from './testing/cli.ts';

/** An implementation that hashes `rounds` times and returns what is always right for disjoint sets. */
const source = (rounds: number, over = '') => `
import { createHash } from 'node:crypto';
const work = async () => {
  let digest = Buffer.alloc(32);
  for (let i = 0; i < ${rounds}; i++) digest = createHash('sha256').update(digest).digest();
  return new Uint32Array(0);
};
export default {
  id: 'mine', title: 'Mine', summary: 'For a test.', references: [], version: '1', build: 'ts',
  security: { private: true, model: 'none', trust: 'nobody', assumption: 'none', bits: null,
    postQuantum: true, learns: {}, falsePositiveLog2: null },
  options: {}, available: async () => true,
  receiver: () => ({ online: work }), sender: () => ({ online: async () => {} }),
  ${over}
};
`;

/** A user's own repository: tags `one`, `same` (a comment more), `slow`, `wrong`, `gone`. */
let repository: string;
before(async () => {
  repository = await emptyFolder();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, stdio: 'ignore' });
  git('init', '-q');
  git('config', 'user.email', 'test@example.org');
  git('config', 'user.name', 'Test');
  const commit = (tag: string, text: string) => {
    writeFileSync(join(repository, 'mine.ts'), text);
    git('add', '.');
    git('commit', '-q', '-m', tag);
    git('tag', tag);
  };
  commit('one', source(3000));
  commit('slow', source(12_000));
  commit('wrong', source(3000, 'receiver: () => ({ online: async () => Uint32Array.of(0) }),'));
  commit('gone', source(3000, "available: async () => 'needs a part that is not there',"));
  commit('last', source(3000, '// the same again'));
});

/** Runs in a temporary folder of its own, so that what is left behind can be seen. */
async function ab(...words: string[]): Promise<Finished & { left: string[] }> {
  const tmp = await emptyFolder();
  const found = await startAb(words, tmp).finished;
  return { ...found, left: readdirSync(tmp) };
}

function startAb(words: readonly string[], tmp: string) {
  process.env.TMPDIR = tmp;
  try {
    return startBench(['ab', ...words, '--impl', './mine.ts', '--size', '16', '--overlap', '0'], repository);
  } finally {
    delete process.env.TMPDIR;
  }
}

const worktrees = () =>
  execFileSync('git', ['worktree', 'list'], { cwd: repository, encoding: 'utf8' }).trim().split('\n').length;

test("someone else's implementation, four times slower at the head: regressed, confirmed, exit code 1", async () => {
  const { code, stdout, stderr, left } = await ab('one', 'slow', '--format', 'json');
  assert.equal(code, 1, stderr);
  const { cells, base } = JSON.parse(stdout) as Comparison;
  assert.equal(base.name, 'one');
  assert.equal(cells.length, 1);
  assert.equal(cells[0]!.verdict, 'regressed');
  assert.match(cells[0]!.reason, /^confirmed; \+\d/);
  assert.ok(cells[0]!.pairs!.length >= 20, 'both measurements are in the JSON');
  assert.ok(new Set(cells[0]!.pairs!.map(({ headFirst }) => headFirst)).size === 2, 'in random order');
  assert.deepEqual(left, [], 'nothing is left in the temporary folder');
  assert.equal(worktrees(), 1);
});

test('a wrong head is broken, 3; an unavailable one missing, 3; only the head able: new, 0', async () => {
  const wrong = await ab('one', 'wrong');
  assert.equal(wrong.code, 3, wrong.stderr);
  assert.match(wrong.stdout, /broken.*wrong at wrong: /);
  const missing = await ab('one', 'gone');
  assert.equal(missing.code, 3);
  assert.match(missing.stdout, /missing.*needs a part that is not there/);
  const fresh = await ab('gone', '.');
  assert.equal(fresh.code, 0, fresh.stderr);
  assert.match(fresh.stdout, /No regression: 1 new/);
  assert.equal(worktrees(), 1);
});

for (const [title, words, message] of [
  ['unknown revision', ['none', 'one'], /"none" is no revision of this repository/],
  ['a revision that looks like a flag', ['one', '--', '--help'], /no revision|Unknown/],
  ['no cell', ['one', 'one', '--cells', 'xyz/*'], /--cells xyz\/\* matches no cell/],
  ['threshold', ['one', 'one', '--threshold', '5'], /--threshold expects a share/],
  ['flags that contradict', ['one', 'one', '--dataset', 'file'], /--/],
] as const) {
  test(`bad input, ${title}: one line, exit code 2, nothing left`, async () => {
    const { code, stdout, stderr, left } = await ab(...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.deepEqual([stdout, left], ['', []]);
  });
}

test('Ctrl-C: processes and worktrees are gone', async () => {
  const tmp = await emptyFolder();
  const { child, finished } = startAb(['one', 'last'], tmp);
  const descendants = () => childrenOf(child.pid!).flatMap((pid) => [pid, ...childrenOf(pid)]);
  // Two measuring processes with two parties each.
  for (let waited = 0; waited < 400 && descendants().length < 6; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const pids = descendants();
  assert.ok(pids.length >= 6);
  child.kill('SIGINT');
  const { code, stderr } = await finished;
  assert.equal(code, 130, stderr);
  assert.deepEqual([readdirSync(tmp), worktrees()], [[], 1]);
  await allGone(pids);
});

test('killed outright, its measuring processes end by themselves', async () => {
  const tmp = await emptyFolder();
  const { child, finished } = startAb(['one', 'last'], tmp);
  for (let waited = 0; waited < 400 && childrenOf(child.pid!).length < 2; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const pids = childrenOf(child.pid!);
  child.kill('SIGKILL');
  await finished;
  await allGone(pids);
  execFileSync('git', ['worktree', 'prune'], { cwd: repository });
});

test('serve-pairs answers questions in order, and failures with a reason', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const plan = await makePlan({
    impl: [FAULTY],
    dataset: 'random',
    receiverSizes: [4],
    senderSizes: [4],
    balanced: true,
    overlap: { count: 0 },
    seed: '1',
    runs: 1,
    timeMs: 0,
    budgetMs: 1000,
    timeoutMs: 5000,
    threads: 1,
    set: [],
    protocolSeed: null,
  });
  const cell = (impl: string) => `${impl}/random/r4-s4-o0/none/t1`;
  for (const question of [
    { do: 'cells' },
    { do: 'measure', runs: 1 },
    { do: 'open', cell: cell('idle') },
    { do: 'measure', runs: 3 },
    { do: 'close' },
    { do: 'open', cell: cell('throws') },
    { do: 'open', cell: 'nothing' },
  ]) {
    input.write(`${JSON.stringify(question)}\n`);
  }
  const served = servePairs(plan, input, output);
  const lines: string[] = [];
  for await (const chunk of output) {
    lines.push(...String(chunk).split('\n').filter(Boolean));
    if (lines.length >= 8) break;
  }
  input.end();
  await served;
  const answers = lines.map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
  assert.deepEqual(answers[0], { benchPairs: 1 });
  const cells = answers[1]!.cells as unknown as { cell: string; obstacle: { outcome: string } | null }[];
  assert.equal(cells.find((one) => one.cell === cell('idle'))!.obstacle, null);
  assert.equal(cells.find((one) => one.cell === cell('costly'))!.obstacle!.outcome, 'skipped');
  assert.equal(cells.find((one) => one.cell === cell('unavailable'))!.obstacle!.outcome, 'unavailable');
  assert.match(String(answers[2]!.failure!.reason), /no cell is open/);
  assert.ok(Number(answers[3]!.opened!.cpuMs) >= 0);
  assert.equal(answers[4]!.measured!.bytes, 0);
  assert.deepEqual(answers[5], { closed: true });
  assert.deepEqual([answers[6]!.failure!.outcome], ['died']);
  assert.match(String(answers[7]!.failure!.reason), /no cell nothing/);
});

/** Waits for the end of processes; one that nobody has reaped has ended too. */
async function allGone(pids: readonly number[]): Promise<void> {
  const alive = (pid: number) => {
    const stat = `/proc/${pid}/stat`;
    return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'latin1'));
  };
  for (let waited = 0; waited < 100 && pids.some(alive); waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(pids.filter(alive), []);
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
