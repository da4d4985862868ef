import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { before, test } from 'node:test';
import { makePlan } from '../plan/plan.ts';
import { smallRequest } from '../plan/request.ts';
import { emptyFolder, FAULTY } from '../testing/cli.ts';
import { childrenOf } from '../testing/processes.ts';
import { UserRepository } from '../testing/user-repository.ts';
import { servePairs } from './server.ts';

let repository: UserRepository;
before(async () => {
  repository = await UserRepository.create();
});
const ab = (...words: string[]) => repository.ab(...words);

test('a wrong head is broken, 3; an unavailable one missing, 3; only the head able, or right: new, 0', async () => {
  const wrong = await ab('one', 'wrong');
  assert.equal(wrong.code, 3, wrong.stderr);
  assert.match(wrong.stdout, /broken.*wrong at wrong: /);
  const missing = await ab('one', 'gone');
  assert.equal(missing.code, 3);
  assert.match(missing.stdout, /missing.*needs a part that is not there/);
  const mended = await ab('wrong', 'last');
  assert.equal(mended.code, 0, mended.stderr);
  assert.match(mended.stdout, /new.*in the base, wrong at wrong: /);
  const fresh = await ab('gone', '.');
  assert.equal(fresh.code, 0, fresh.stderr);
  assert.match(fresh.stdout, /Undecided: 1 new/);
  assert.equal(repository.worktrees, 1);
});

for (const [title, words, message] of [
  ['unknown revision', ['none', 'one'], /unknown revision "none" in this repository/],
  ['a revision that looks like a flag', ['one', '--', '--help'], /no revision|[uU]nknown/],
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
  const { child, finished } = repository.startAb(['one', 'last'], tmp);
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
  assert.deepEqual([readdirSync(tmp), repository.worktrees], [[], 1]);
  await allGone(pids);
});

test('killed outright, its measuring processes end by themselves', async () => {
  const tmp = await emptyFolder();
  const { child, finished } = repository.startAb(['one', 'last'], tmp);
  for (let waited = 0; waited < 400 && childrenOf(child.pid!).length < 2; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const pids = childrenOf(child.pid!);
  child.kill('SIGKILL');
  await finished;
  await allGone(pids);
  repository.prune();
});

test('serve-pairs answers questions in order, and failures with a reason', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const sizes = { receiver: [4], sender: [4] };
  const data = {
    kind: 'random',
    receiverSizes: [4],
    senderSizes: [4],
    balanced: true,
    overlap: { count: 0 },
  } as const;
  const plan = await makePlan(
    smallRequest([FAULTY], sizes, { data, seed: '1', timeoutMs: 5000, budgetMs: 1000 }),
  );
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
