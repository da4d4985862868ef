import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { spool } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'spool-'));
after(() => rmSync(folder, { recursive: true }));

const module = JSON.stringify(new URL('spool.ts', import.meta.url));

/** Runs `code` in a process with text on its standard input, its temporary folders in `folder`. */
function withStdin(code: string, input: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    input,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('standard input is kept where only its user can read it, and is gone in the end', () => {
  const code = `
    import { readFileSync, statSync } from 'node:fs';
    import { spool } from ${module};
    const { files: [file, other] } = await spool(['-', 'a.csv']);
    const mode = (statSync(file).mode & 0o777).toString(8);
    console.log(JSON.stringify([readFileSync(file, 'utf8'), mode, other]));`;
  assert.equal(withStdin(code, 'id\n1\n'), '["id\\n1\\n","600","a.csv"]\n');
  // Without dispose, as after an error: the end of the process does it.
  assert.deepEqual(readdirSync(folder), []);
});

test('a pipe can be read as often as needed', { skip: process.platform === 'win32' }, async () => {
  const pipe = join(folder, 'fifo');
  execFileSync('mkfifo', [pipe]);
  const child = spawn('sh', ['-c', `printf 'id\\n7\\n' > ${pipe}`]);
  const spooled = await spool([pipe]);
  const [copy = ''] = spooled.files;
  assert.equal(readFileSync(copy, 'utf8'), 'id\n7\n');
  assert.equal(statSync(dirname(copy)).mode & 0o777, 0o700);
  await spooled.dispose();
  assert.ok(!existsSync(dirname(copy)));
  child.kill();
});

test('regular files, and what is missing, are left to who reads them', async () => {
  const file = join(folder, 'a.csv');
  writeFileSync(file, 'id\n');
  const { files } = await spool([file, 'missing.csv']);
  assert.deepEqual(files, [file, 'missing.csv']);
});

test('standard input is one file only', async () => {
  await assert.rejects(spool(['-', '/dev/stdin']), /standard input can be one of the files, not several/);
});
