/** `bench intersect` and the files of `bench run`, as a person calls them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = mkdtempSync(join(tmpdir(), 'intersect-command-'));
after(() => rmSync(folder, { recursive: true }));

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));

function bench(words: readonly string[], input?: string | Buffer) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    ...(input !== undefined && { input }),
    cwd: folder,
    env: { ...process.env, TMPDIR: folder },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

writeFileSync(join(folder, 'a.csv'), 'id;"name, first"\n1;Anna\n2;Zoë\n3;Bob\n');
writeFileSync(join(folder, 'b.csv.gz'), gzipSync('Name\tNo\nZOE\u0308\t2\nbob\t3\nN/A\t1\n'));
const FILES = ['--receiver-file', 'a.csv', '--sender-file', 'b.csv.gz', '--sender-key', 'No,Name'];

test('rows on standard output, everything else on the error stream; standard input; a column with a comma', () => {
  const words = ['intersect', ...FILES, '--receiver-key', 'id,"name, first"', '--impl', 'hash', '--check'];
  const { status, stdout, stderr } = bench(words);
  assert.equal(stdout, 'id;"name, first"\n2;Zoë\n3;Bob\n', stderr);
  assert.equal(status, 0);
  assert.match(stderr, /column "Name": 1 value that seem.*--missing/);
  const piped = bench(
    words.map((word) => (word === 'a.csv' ? '-' : word)),
    'id,"name, first"\n2,Zoë\n',
  );
  assert.equal(piped.stdout, 'id,"name, first"\n2,Zoë\n', piped.stderr);
  assert.deepEqual(readdirSync(folder).sort(), ['a.csv', 'b.csv.gz'], 'nothing is left behind');
});

test('a number where a number was asked for', () => {
  const { stdout, stderr } = bench([
    ...['intersect', ...FILES, '--receiver-key', 'id,"name, first"'],
    ...['--impl', 'plaintext', '--output', 'cardinality', '--missing', 'N/A'],
  ]);
  assert.equal(stdout, '2\n', stderr);
  assert.match(stderr, /sender: of 3 rows, 2 are compared; dropped: 1 without a key/);
});

test('what is wrong is one line and exit code 2', () => {
  for (const [words, message] of [
    [['intersect', ...FILES, '--receiver-key', 'id,name'], /^bench: "a\.csv" has no column "name".*\n$/],
    [
      ['intersect', ...FILES, '--receiver-key', 'id', '--impl', 'ecdhh'],
      /^bench: .*2 columns.*\n$|^bench: .*\n$/,
    ],
  ] as const) {
    const { status, stdout, stderr } = bench(words);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
});

test('bench run takes the same files, says what was dropped, and is not continued with other contents', () => {
  writeFileSync(join(folder, 'left.csv'), 'id\n1\n2\n2\n');
  writeFileSync(join(folder, 'right.csv'), 'id\n2\n3\n');
  const data = [
    '--dataset',
    'file',
    '--receiver-file',
    join(folder, 'left.csv'),
    '--sender-file',
    join(folder, 'right.csv'),
    '--key',
    'id',
  ];
  const sampling = ['--impl', 'hash', '--runs', '1', '--time', '0'];
  const { status, stderr } = bench(['run', ...data, ...sampling]);
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /bench: receiver: of 3 rows, 2 are compared; dropped: 1 with a key that an earlier row has/,
  );
  const [record = ''] = readdirSync(join(folder, 'results'));
  const kept = ['results', 'reports'].flatMap((parent) =>
    readdirSync(join(folder, parent), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  assert.ok(kept.length >= 5);
  for (const text of kept) assert.ok(!text.includes(folder), text.slice(0, 2000));
  const resume = () => bench(['run', '--resume', join('results', record)]);
  assert.equal(resume().status, 0);
  writeFileSync(join(folder, 'right.csv'), 'id\n2\n4\n');
  const refused = resume();
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /begun under other conditions \(data\)/);
  assert.ok(existsSync(join(folder, 'reports')));
});
