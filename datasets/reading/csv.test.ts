import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCsv } from './csv.ts';

const folder = mkdtempSync(join(tmpdir(), 'csv-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function save(content: string | Uint8Array): string {
  const file = join(folder, `${files++}.csv`);
  writeFileSync(file, content);
  return file;
}

/** Everything that the file holds, and the rows' bytes put together again. */
async function read(content: string | Uint8Array) {
  const bytes = Buffer.from(content as string);
  const rows: string[][] = [];
  const lines: number[] = [];
  let covered = 0;
  await readCsv(save(bytes), {
    header: (names, place) => {
      rows.push(names);
      covered = place.end;
    },
    row: (values, place) => {
      rows.push(values);
      lines.push(place.line);
      assert.ok(place.start >= covered && place.end > place.start && place.end <= bytes.length);
      covered = place.end;
    },
  });
  return { rows, lines };
}

const oddities: [string, string, string[][]][] = [
  [
    'LF',
    'a,b\n1,2\n3,4\n',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    'CRLF',
    'a,b\r\n1,2\r\n3,4\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    'CR',
    'a,b\r1,2\r3,4',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    'mixed line ends',
    'a,b\n1,2\r\n3,4',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    'no line end at the end',
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a byte order mark',
    '\ufeffa,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a byte order mark before a quote',
    '\ufeff"a",b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'quotes',
    'a,b\n"1, one","2 ""two"""\n',
    [
      ['a', 'b'],
      ['1, one', '2 "two"'],
    ],
  ],
  [
    'white space around quotes',
    'a, b\n1, "x, y" \n',
    [
      ['a', 'b'],
      ['1', 'x, y'],
    ],
  ],
  [
    'an embedded newline',
    'a,b\n"1\none",2\n3,4\n',
    [
      ['a', 'b'],
      ['1\none', '2'],
      ['3', '4'],
    ],
  ],
  [
    'an embedded CRLF',
    'a,b\r\n"1\r\none",2\r\n',
    [
      ['a', 'b'],
      ['1\r\none', '2'],
    ],
  ],
  [
    'white space in names',
    ' a , b\t\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'blank lines',
    '\na,b\n\n1,2\n \n\n3,4\n\n',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    'empty values',
    'a,b\n,\n1,\n',
    [
      ['a', 'b'],
      ['', ''],
      ['1', ''],
    ],
  ],
  ['blank lines in a single column: empty values', 'a\n1\n\n2\n', [['a'], ['1'], [''], ['2']]],
  ['only a header', 'a,b', [['a', 'b']]],
  [
    'UTF-8 of all lengths',
    'ä,€\n😀,é\n',
    [
      ['ä', '€'],
      ['😀', 'é'],
    ],
  ],
];

for (const [title, content, expected] of oddities) {
  test(`reads ${title}`, async () => {
    assert.deepEqual((await read(content)).rows, expected);
  });
}

test('a row is placed on the line on which it begins', async () => {
  const { lines } = await read('a,b\n1,2\n"x\ny\nz",2\n\n3,4\n');
  assert.deepEqual(lines, [2, 3, 7]);
});

test('characters, quotes and line ends that are cut by a chunk of the file are whole again', async () => {
  // The reader takes 256 KiB at a time; the rows shift what lies on the cut.
  for (let shift = 0; shift < 16; shift++) {
    const row = '"é€😀""x\r\n",y\r\n';
    const content = `${'h'.repeat(shift + 1)},b\r\n${row.repeat(30_000)}`;
    const { rows } = await read(content);
    assert.equal(rows.length, 30_001);
    assert.ok(rows.slice(1).every(([x, y]) => x === 'é€😀"x\r\n' && y === 'y'));
  }
});

const malformed: [string, string | Uint8Array, RegExp][] = [
  ['an empty file', '', /is empty: it needs a header/],
  ['nothing but a byte order mark', '\ufeff', /is empty: it needs a header/],
  ['nothing but blank lines', '\n\n', /is empty: it needs a header/],
  ['a short row', 'a,b\n1,2\n3\n', /line 3: the row has 1 values, the header has 2/],
  ['a long row', 'a,b\n1,2,3\n', /line 2: the row has 3 values, the header has 2/],
  ['a short row after an embedded newline', 'a,b\n"1\n",2\n3\n', /line 4: the row has 1 values/],
  ['a quote in the middle', 'a,b\n1,2\n1,x"y"\n', /not well-formed CSV.*quote.*line 3/],
  ['text after a closing quote', 'a,b\n1,"x"y\n', /not well-formed CSV.*[Cc]losing [Qq]uote.*line 2/],
  [
    'a quote that nobody closed',
    'a,b\n1,"x\n3,4\n',
    /not well-formed CSV.*line 2: a quote is opened and never closed/,
  ],
  [
    'a row without end',
    `a\n"${'x\n'.repeat(2 ** 23 + 10)}`,
    /not well-formed CSV.*line 2: it is longer than 16 MiB: a quote that is never closed/,
  ],
  ['Latin-1', Buffer.from('a,b\n1,2\nM\xfcller,3\n', 'latin1'), /line 3: invalid UTF-8/],
  ['a character cut off at the end', Buffer.from('a,b\n1,\xc3', 'latin1'), /line 2: invalid UTF-8/],
  ['a surrogate in UTF-8', Buffer.from('a\n\xed\xa0\x80\n', 'latin1'), /line 2: invalid UTF-8/],
  [
    'invalid UTF-8 far behind',
    Buffer.concat([Buffer.from(`a\n${'xyz\n'.repeat(100_000)}`), Buffer.from([0xff])]),
    /line 100002: invalid UTF-8/,
  ],
];

for (const [title, content, message] of malformed) {
  test(`refuses ${title}`, async () => {
    await assert.rejects(read(content), { name: 'DatasetError', message });
  });
}

test('refuses what is no file: missing, a folder, unreadable', async (t) => {
  const visitor = { header() {}, row() {} };
  await assert.rejects(readCsv(join(folder, 'none.csv'), visitor), {
    name: 'DatasetError',
    message: /cannot read ".*none\.csv": there is no such file/,
  });
  mkdirSync(join(folder, 'sub'));
  await assert.rejects(readCsv(join(folder, 'sub'), visitor), /cannot read ".*sub": it is a folder/);
  await t.test('unreadable', { skip: canReadAnything() && 'this user can read any file' }, async () => {
    const file = save('a\n');
    chmodSync(file, 0);
    await assert.rejects(readCsv(file, visitor), /permission denied/);
  });
});

function canReadAnything(): boolean {
  return process.platform === 'win32' || process.getuid?.() === 0;
}

test('what the visitor throws comes through', async () => {
  const visitor = {
    header() {},
    row() {
      throw new RangeError('mine');
    },
  };
  await assert.rejects(readCsv(save('a\n1\n'), visitor), { name: 'RangeError', message: 'mine' });
});
