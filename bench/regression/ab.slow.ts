import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Comparison } from '../compare/comparison.ts';
import { bench, emptyFolder, PROJECT } from '../testing/cli.ts';
import { assertMatches } from '../testing/json-schema.ts';
import { UserRepository } from '../testing/user-repository.ts';
import type { Diagnosis } from './doctor.ts';

let repository: UserRepository;
before(async () => {
  repository = await UserRepository.create();
});

test("someone else's implementation, four times slower at the head: regressed, confirmed, exit code 1", async () => {
  const { code, stdout, stderr, left } = await repository.ab('one', 'slow', '--format', 'json');
  assert.equal(code, 1, stderr);
  const { cells, base } = JSON.parse(stdout) as Comparison;
  assert.equal(base.name, 'one');
  assert.equal(cells.length, 1);
  assert.equal(cells[0]!.verdict, 'regressed');
  assert.match(cells[0]!.reason, /^confirmed; \+\d/);
  assert.ok(cells[0]!.pairs!.length >= 20, 'both measurements are in the JSON');
  assert.deepEqual(left, [], 'nothing is left in the temporary folder');
  assert.equal(repository.worktrees, 1);
});

test("this project's own revisions, each by its own harness: HEAD does not differ from HEAD", async () => {
  const words = ['ab', 'HEAD', 'HEAD', '--impl', 'plaintext', '--size', '2^8', '--max-pairs', '10'];
  const { code, stdout, stderr } = await bench(words, PROJECT);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /## (No regression: 1 same|Undecided: 1 inconclusive)/);
});

test('bench doctor runs an A/A test and prints JSON', async () => {
  const words = ['doctor', '--impl', 'hash', '--size', '16', '--pairs', '10', '--json'];
  const { code, stdout, stderr } = await bench(words, await emptyFolder());
  assert.equal(code, 0, stderr);
  const found = JSON.parse(stdout) as Diagnosis;
  assert.equal(found.pairs.length, 10);
  assert.equal(found.noise.length, 2);
  assertMatches('doctor.v1', found);
});
