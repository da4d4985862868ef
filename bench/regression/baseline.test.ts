import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { bench, emptyFolder, FAULTY, type Finished } from '../testing/cli.ts';
import { accepted, type BaselineCell, type BaselineRun, differences, restrictTo } from './baseline.ts';

const CELL: BaselineCell = {
  version: '1',
  receiverSentBytes: 10,
  senderSentBytes: 20,
  helperSentBytes: null,
  messages: 3,
  flights: 2,
  resultSize: 4,
  resultSha256: 'aa',
};
const run = (over: Partial<BaselineRun>): BaselineRun => ({ cells: {}, broken: [], skipped: [], ...over });

describe('differences', () => {
  const changes: readonly [Partial<BaselineCell>, RegExp][] = [
    [{ senderSentBytes: 21 }, /^a\/x: senderSentBytes 20 → 21, version 1 as before$/],
    [{ receiverSentBytes: 9 }, /^a\/x: receiverSentBytes 10 → 9/],
    [{ helperSentBytes: 0 }, /^a\/x: helperSentBytes null → 0/],
    [{ messages: 4 }, /messages 3 → 4/],
    [{ flights: 3 }, /flights 2 → 3/],
    [{ resultSize: 5 }, /resultSize 4 → 5/],
    [{ resultSha256: 'ab' }, /resultSha256 aa → ab/],
    [{ messages: 4, version: '2' }, /messages 3 → 4$/],
  ];
  for (const [over, message] of changes) {
    test(`${Object.keys(over).join()} is one line`, () => {
      const found = differences({ 'a/x': CELL }, run({ cells: { 'a/x': { ...CELL, ...over } } }));
      assert.equal(found.length, 1);
      assert.match(found[0]!, message);
    });
  }

  test('a new cell and one that is gone are differences; one that cannot run here is not', () => {
    assert.deepEqual(differences({ 'a/x': CELL }, run({ cells: { 'a/x': CELL, 'b/x': CELL } })), [
      'b/x: not in the baseline',
    ]);
    assert.deepEqual(differences({ 'a/x': CELL, 'b/x': CELL }, run({ cells: { 'b/x': CELL } })), [
      'a/x: in the baseline, but no longer there',
    ]);
    assert.deepEqual(
      differences({ 'a/x': CELL }, run({ skipped: [{ cell: 'a/x', reason: 'no package' }] })),
      [],
    );
  });

  test('accepting keeps what could not run here and drops what is gone', () => {
    const skipped = [{ cell: 'a/x', reason: 'no package' }];
    const before = { 'a/x': CELL, 'gone/x': CELL };
    assert.deepEqual(Object.keys(accepted(before, run({ skipped, cells: { 'b/x': CELL } }))), ['a/x', 'b/x']);
  });

  test('a part is that of the implementations named, whatever their options', () => {
    const all = { 'a/x': CELL, 'a:o=1/x': CELL, 'ab/x': CELL };
    assert.deepEqual(Object.keys(restrictTo(all, ['a'])), ['a/x', 'a:o=1/x']);
  });
});

describe('bench baseline', () => {
  let dir: string;
  let module: string;
  before(async () => {
    dir = await emptyFolder();
    module = join(dir, 'clear.ts');
    const only = (id: string) =>
      `import all from ${JSON.stringify(FAULTY)};\nexport default all.filter(({ id }) => id === '${id}');\n`;
    writeFileSync(module, only('clear'));
    writeFileSync(join(dir, 'wrong.ts'), only('wrong'));
  });
  const baseline = (...words: string[]): Promise<Finished> =>
    bench(['baseline', ...words, '--file', 'baseline.json'], dir);
  const file = () => join(dir, 'baseline.json');

  test('what was accepted is what is found again; a planted byte is found, 1; a wrong result, 3', async () => {
    const first = await baseline('check', '--impl', module);
    assert.equal(first.code, 1, first.stderr);
    assert.match(first.stdout, /not in the baseline/);
    const accept = await baseline('accept', '--impl', module);
    assert.equal(accept.code, 0, accept.stderr);
    const text = readFileSync(file(), 'utf8');
    assert.doesNotMatch(text, /ms"|started|Cpu/i, 'no times');
    assert.equal((await baseline('check', '--impl', module)).code, 0);

    writeFileSync(
      file(),
      text.replace(/"senderSentBytes": (\d+)/, (_, bytes) => `"senderSentBytes": ${Number(bytes) + 1}`),
    );
    const planted = await baseline('check', '--impl', module);
    assert.equal(planted.code, 1);
    assert.match(planted.stdout, /clear\/random\/r16-s256-o8\/none\/t1: senderSentBytes \d+ → \d+/);
    assert.match(planted.stdout, /1 differences from the baseline/);

    const broken = await baseline('check', '--impl', './wrong.ts');
    assert.equal(broken.code, 3);
    assert.match(broken.stdout, /broken: wrong\/.*: wrong: /);
    assert.equal((await baseline('accept', '--impl', './wrong.ts')).code, 3, 'never accepted');
  });

  test('a damaged file and an unknown action are usage errors', async () => {
    writeFileSync(join(dir, 'damaged.json'), '{"schema": 2, "cells": {}}');
    const damaged = await bench(['baseline', 'check', '--file', 'damaged.json'], dir);
    assert.equal(damaged.code, 2);
    assert.match(damaged.stderr, /damaged\.json is damaged or of another version/);
    assert.equal((await bench(['baseline', 'bless'], dir)).code, 2);
  });
});
