/** The figures of the README, computed anew from the committed samples by a program in another language. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../statistics/recalculate_readme.py', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3 to compute with';
const folder = mkdtempSync(join(tmpdir(), 'psi-bench-readme-'));
after(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** Exit code and output of the comparison of `text` with the reference records. */
function recalculate(text: string) {
  const document = join(folder, 'document.md');
  writeFileSync(document, text);
  const { status, stdout, stderr } = spawnSync('python3', ['-B', SCRIPT, document, 'results/reference'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

test('every time, ratio and winner of the README comes from the samples', { skip }, () => {
  const { status, text } = recalculate(readme);
  assert.match(text, /^\d+ places, \d+ figures: 0 differences\n$/);
  assert.equal(status, 0);
});

test('a ratio, a winner and a row that are not those of the samples are found', { skip }, () => {
  const [row = ''] = /^\| 2\^\d+ × .+ × \|$/m.exec(readme) ?? [];
  const [, ratio = ''] = /\| (\d\.\d+) × \|$/.exec(row) ?? [];
  const [, winner = ''] = /^\|[^|]+\|[^|]+\| (\S+) \|/.exec(row) ?? [];
  const wrong = row
    .replace(`${ratio} ×`, `${(Number(ratio) * 1.01).toPrecision(3)} ×`)
    .replace(winner, 'nobody');
  const changed = recalculate(readme.replace(row, wrong));
  assert.equal(changed.status, 1);
  assert.match(changed.text, /ratio is .+ there/);
  assert.match(changed.text, /nobody is faster there/);
  const shorter = recalculate(readme.replace(`${row}\n`, ''));
  assert.deepEqual([shorter.status, /in the records, not in the document/.test(shorter.text)], [1, true]);
});
