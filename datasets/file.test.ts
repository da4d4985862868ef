import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { itemAt } from '../impls/primitives/items.ts';
import { expectedIntersection, type FileSpec, loadItems, sizesOf, writeMatches } from './dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function save(content: string): string {
  const file = join(folder, `${files++}.csv`);
  writeFileSync(file, content);
  return file;
}

function specOf(receiver: string, sender: string, key: readonly string[]): FileSpec {
  return { kind: 'file', receiverFile: save(receiver), senderFile: save(sender), key };
}

async function itemsOf(content: string, ...key: string[]): Promise<string[]> {
  const items = await loadItems(specOf(content, '', key), 'receiver');
  return Array.from({ length: items.count }, (_, i) => Buffer.from(itemAt(items, i)).toString());
}

async function matchesOf(spec: FileSpec): Promise<string> {
  const out = join(folder, `${files++}.out.csv`);
  await writeMatches(spec, await expectedIntersection(spec), out);
  return readFileSync(out, 'utf8');
}

test('key columns are picked by name, in the order of the key, and normalised', async () => {
  const content = '\ufeff id , Name\r\n7,"Zoe\u0308  van\nDyk "\r\n8,BOB\r\n';
  assert.deepEqual(await itemsOf(content, 'Name', 'id'), ['zoë van dyk|7', 'bob|8']);
  assert.deepEqual(await itemsOf(content, ' id '), ['7', '8']);
});

test('fields do not run into each other: ("a|b", "c") is not ("a", "b|c")', async () => {
  const spec = specOf('x,y\na|b,c\n"p\\",q\n', 'x,y\na,b|c\np,\\q\n', ['x', 'y']);
  assert.equal((await expectedIntersection(spec)).length, 0);
});

test('rows with an empty key column are dropped, duplicates are kept once, and both are counted', async () => {
  const content = 'x,y,z\na,b,1\nA, b ,2\n,b,3\na,,4\n \u00a0,b,5\nc,d,6\n\na,b,7\n';
  const spec = specOf(content, 'x,y\n', ['x', 'y']);
  assert.deepEqual(await sizesOf(spec), {
    receiver: { items: 2, rows: 7, emptyKey: 3, duplicates: 2 },
    sender: { items: 0, rows: 0, emptyKey: 0, duplicates: 0 },
  });
  assert.deepEqual(await itemsOf(content, 'x', 'y'), ['a|b', 'c|d']);
});

test('each party reads its own file only', async () => {
  const spec = { ...specOf('x\n1\n', '', ['x']), senderFile: join(folder, 'missing.csv') };
  assert.equal((await loadItems(spec, 'receiver')).count, 1);
  await assert.rejects(loadItems(spec, 'sender'), /there is no such file/);
  await assert.rejects(expectedIntersection(spec), /there is no such file/);
});

test('the intersection is that of a plain comparison, for any small files', async () => {
  const value = fc.constantFrom('a', 'A ', 'b', '|', 'b|', '', 'é', 'e\u0301');
  const rows = fc.array(fc.tuple(value, value), { maxLength: 12 });
  const norm = (text: string) => text.normalize('NFC').trim().toLowerCase();
  const csv = (list: [string, string][]) => `x,y\n${list.map(([x, y]) => `"${x}","${y}"\n`).join('')}`;
  const keys = (list: [string, string][]) => [
    ...new Set(
      list.filter(([x, y]) => norm(x) !== '' && norm(y) !== '').map((pair) => JSON.stringify(pair.map(norm))),
    ),
  ];
  await fc.assert(
    fc.asyncProperty(rows, rows, async (receiver, sender) => {
      const other = new Set(keys(sender));
      const expected = keys(receiver).flatMap((key, i) => (other.has(key) ? [i] : []));
      const spec = specOf(csv(receiver), csv(sender), ['x', 'y']);
      assert.deepEqual([...(await expectedIntersection(spec))], expected);
      assert.equal((await sizesOf(spec)).sender.items, other.size);
    }),
    { numRuns: 60 },
  );
});

test('matching rows are written as they stood, under the original header', async () => {
  const receiver =
    ' id , note\r\n1, first\r\n2,"a ""quoted"",\r\n second"\r\n\r\n,none\r\n1,again\r\n 3 ,É \r\n4,last';
  const spec = specOf(receiver, 'id,other\n4,x\n2,y\n9,z\n1,w\n', ['id']);
  assert.equal(await matchesOf(spec), ' id , note\r\n1, first\r\n2,"a ""quoted"",\r\n second"\r\n4,last');
});

test('columns may be called differently on both sides, one by one in their order', async () => {
  const spec = specOf('id;name\n1;Anna\n2;Bob\n', 'surname\tnumber\nANNA\t1\nBOB\t3\n', ['id', 'name']);
  const named = { ...spec, senderKey: ['number', 'surname'] };
  assert.deepEqual([...(await expectedIntersection(named))], [0]);
  await assert.rejects(expectedIntersection(spec), /has no column "id"/);
  await assert.rejects(
    expectedIntersection({ ...spec, senderKey: ['number'] }),
    /the receiver's key has 2 columns \(id, name\), the sender's 1 column \(number\)/,
  );
});

test('each side is stored in its own way; the result is UTF-8, with its delimiter and its sep= line', async () => {
  const receiver = 'sep=;\r\nid;name\r\n1;Zoë\r\n2;Ümit\r\n';
  const spec = specOf('', 'name\nÜMIT\n', ['name']);
  const stored: [Buffer, FileSpec['receiverFormat']][] = [
    [Buffer.from(receiver), undefined],
    [Buffer.from(`\ufeff${receiver}`, 'utf16le'), undefined],
    [gzipSync(receiver), undefined],
    [Buffer.from(receiver, 'latin1'), { encoding: 'windows-1252' }],
    [Buffer.from(receiver, 'latin1'), { encoding: 'Latin1', delimiter: ';' }],
  ];
  for (const [bytes, receiverFormat] of stored) {
    writeFileSync(spec.receiverFile, bytes);
    assert.equal(
      await matchesOf({ ...spec, ...(receiverFormat && { receiverFormat }) }),
      'sep=;\r\nid;name\r\n2;Ümit\r\n',
    );
  }
});

const misread: [string, Buffer, FileSpec['receiverFormat'], RegExp][] = [
  ['no encoding', Buffer.from('id\n'), { encoding: 'utf-9' }, /no encoding is called "utf-9"/],
  [
    'UTF-8 said to be Latin-1',
    Buffer.from('id\nZoë Ümit\n'),
    { encoding: 'latin1' },
    /is UTF-8, but its encoding is/,
  ],
  [
    'UTF-16 said to be Latin-1',
    Buffer.from('\ufeffid\n', 'utf16le'),
    { encoding: 'latin1' },
    /begins with the byte order mark of utf-16le/,
  ],
  ['a lone surrogate', Buffer.from('\ufeffid\n\ud800\n', 'utf16le'), {}, /it is not valid utf-16le/],
  [
    'the wrong delimiter',
    Buffer.from('id;x\n1;2\n'),
    { delimiter: ',' },
    /seem to be separated by semicolon, not by comma/,
  ],
];

for (const [title, bytes, receiverFormat, message] of misread) {
  test(`refused: ${title}`, async () => {
    const spec = specOf('', '', ['id']);
    writeFileSync(spec.receiverFile, bytes);
    await assert.rejects(loadItems({ ...spec, ...(receiverFormat && { receiverFormat }) }, 'receiver'), {
      name: 'DatasetError',
      message,
    });
  });
}

test('no match writes the header alone; all match writes the file', async () => {
  const all = 'id,v\n1,a\n2,b\n3,c\n';
  assert.equal(await matchesOf(specOf(all, 'id\n7\n', ['id'])), 'id,v\n');
  assert.equal(await matchesOf(specOf(all, 'id\n3\n2\n1\n', ['id'])), all);
});

test('matching rows of a file of several chunks', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${'é'.repeat(20)}${i}\n`);
  const even = rows.filter((_, i) => i % 2 === 0);
  const spec = specOf(`id,v\n${rows.join('')}`, `id,v\n${even.toReversed().join('')}`, ['id']);
  assert.equal(await matchesOf(spec), `id,v\n${even.join('')}`);
});

test('the result overwrites an older result, but not an input, and leaves no draft behind', async () => {
  const spec = specOf('id\n1\n2\n', 'id\n2\n', ['id']);
  const out = save('old');
  await writeMatches(spec, Uint32Array.of(1), out);
  assert.equal(readFileSync(out, 'utf8'), 'id\n2\n');
  await assert.rejects(writeMatches(spec, Uint32Array.of(1), spec.receiverFile), /is an input/);
  if (process.platform !== 'win32') {
    const link = join(folder, 'link.csv');
    symlinkSync(spec.senderFile, link);
    await assert.rejects(writeMatches(spec, Uint32Array.of(1), link), /is an input/);
  }
  assert.equal(readFileSync(spec.receiverFile, 'utf8'), 'id\n1\n2\n');
  const nowhere = join(folder, 'no', 'such', 'folder.csv');
  await assert.rejects(writeMatches(spec, Uint32Array.of(1), nowhere), /cannot write the matching rows to/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('partial')),
    [],
  );
});

test('indices that have no row are refused', async () => {
  const spec = specOf('id\n1\n2\n', 'id\n2\n', ['id']);
  for (const indices of [Uint32Array.of(2), Uint32Array.of(1, 0)]) {
    await assert.rejects(writeMatches(spec, indices, join(folder, 'never.csv')), /has no row in/);
  }
  assert.ok(!existsSync(join(folder, 'never.csv')));
});

const missing: [string, string, RegExp][] = [
  [
    'soc_sec',
    'name,soc_sec_id\n',
    /has no column "soc_sec"; did you mean "soc_sec_id"\? Its columns are: name, soc_sec_id\.$/,
  ],
  ['zzz', 'name,,id\n', /has no column "zzz".* Its columns are: name, "", id\.$/],
  ['ID', 'name,id\n', /has no column "ID"; did you mean "id"\?/],
  ['id', 'id,name, id \n', /has more than one column "id"/],
];

for (const [key, content, message] of missing) {
  test(`refused: key ${key} of ${JSON.stringify(content)}`, async () => {
    await assert.rejects(loadItems(specOf(content, '', [key]), 'receiver'), {
      name: 'DatasetError',
      message,
    });
  });
}

test('FEBRL 4: 4,561 records of 5,000 and 5,000 share soc_sec_id', async (t) => {
  const data = (name: string) => fileURLToPath(new URL(`../../shared/data/febrl4/${name}`, import.meta.url));
  if (!existsSync(data('a.csv'))) return t.skip('the FEBRL files are not there');
  const spec: FileSpec = {
    kind: 'file',
    receiverFile: data('a.csv'),
    senderFile: data('b.csv'),
    key: ['soc_sec_id'],
  };
  assert.deepEqual(await sizesOf(spec), {
    receiver: { items: 5000, rows: 5000, emptyKey: 0, duplicates: 0 },
    sender: { items: 5000, rows: 5000, emptyKey: 0, duplicates: 0 },
  });
  const expected = await expectedIntersection(spec);
  assert.equal(expected.length, 4561);
  // Every line written is a line of the file, and its identifier is in the other one.
  const written = (await matchesOf(spec)).split('\n');
  const original = readFileSync(data('a.csv'), 'utf8').split('\n');
  const other = new Set(
    readFileSync(data('b.csv'), 'utf8')
      .split('\n')
      .map((line) => line.split(',').at(-1)!.trim()),
  );
  assert.equal(written[0], original[0]);
  assert.deepEqual(
    written.slice(1, 4562),
    original.slice(1).filter((line) => line !== '' && other.has(line.split(',').at(-1)!.trim())),
  );
});
