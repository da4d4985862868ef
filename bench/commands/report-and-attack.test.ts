import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bench, emptyFolder } from '../testing/cli.ts';
import { syntheticRecord, writeSynthetic } from '../testing/synthetic.ts';

let folder: string;
let record: string;
before(async () => {
  folder = await emptyFolder();
  record = await writeSynthetic(join(folder, 'results'), syntheticRecord());
});
after(() => rm(folder, { recursive: true }));

describe('bench report', () => {
  test('writes report, charts, page and latest; --check then agrees, and sees a changed digit', async () => {
    const made = await bench(['report', record, '--html', '--png', '--png-scale', '1'], folder);
    assert.deepEqual([made.code, made.stderr], [0, '']);
    assert.equal(made.stdout, `${join('reports', 'synthetic', 'report.md')}\n`);
    for (const file of [
      'synthetic/report.md',
      'synthetic/index.html',
      'synthetic/time-none.svg',
      'synthetic/time-none.png',
      'latest/report.md',
    ])
      assert.ok(existsSync(join(folder, 'reports', file)), file);
    const checked = await bench(['report', record, '--check'], folder);
    assert.deepEqual([checked.code, checked.stderr], [0, '']);
    const path = join(folder, 'reports', 'synthetic', 'report.md');
    await writeFile(path, (await readFile(path, 'utf8')).replace('5.00 ×', '6.00 ×'));
    const changed = await bench(['report', record, '--check'], folder);
    assert.equal(changed.code, 3);
    assert.match(changed.stderr, /report\.md is not what the records give, from line \d+ on/);
  });

  test('refuses what is no record, and --check with --html', async () => {
    for (const words of [
      ['report', folder],
      ['report', record, '--check', '--html'],
    ]) {
      const { code, stderr } = await bench(words, folder);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^bench: /);
    }
  });
});

describe('bench attack', () => {
  test('attacks, prints, and leaves a record that the report of a run shows', async () => {
    const words = ['attack', '--impl', 'hash', '--size', '64', '--guesses', '2^12', '--into', record];
    const { code, stdout, stderr } = await bench(words, folder);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^hash, identifier; a leaked register that lists them all: 32 of 32 unshared records/m,
    );
    assert.match(stdout, /^hash salt=true, identifier; all 9-digit identifiers: 0 of 32/m);
    assert.match(stdout, /^host of the oblivious join: equal traces/m);
    assert.equal((await bench(['report', record, '--out', 'with'], folder)).code, 0);
    const report = await readFile(join(folder, 'with', 'report.md'), 'utf8');
    assert.match(
      report,
      /\| hash salt=true \| identifier \| a leaked register that lists them all \| 224 of 224 \| 32 \| 32 \|/,
    );
    assert.match(report, /^All rows: unshared records: 32/m);
    assert.match(report, /\| oblivious \| .*\| equal \| none \|/);
  });

  for (const [name, words, message] of [
    ['guesses that are no count', ['--guesses', 'many'], /--guesses expects a count/],
    ['sets too small', ['--size', '1'], /sets of 2 items at least/],
    ['an unknown implementation', ['--impl', 'hsah'], /did you mean "hash"/],
  ] as const) {
    test(`refuses ${name}`, async () => {
      const { code, stderr } = await bench(['attack', ...words], folder);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
  }
});
