import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { differencesOf, fileRemarks, lookOf, sharesFew } from './advice.ts';
import { type FileInspection, inspectFile } from './inspect.ts';
import { shapeOf } from './profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
after(() => rmSync(folder, { recursive: true }));

async function inspect(role: 'receiver' | 'sender', values: readonly string[]): Promise<FileInspection> {
  const file = join(folder, `${role}.csv`);
  writeFileSync(file, `id,name\n${values.map((value) => `"${value.replaceAll('"', '""')}",x\n`).join('')}`);
  return inspectFile({ kind: 'file', receiverFile: file, senderFile: file, key: ['id'] }, role);
}

test('what was dropped is said, with its number', async () => {
  const values = [...Array.from({ length: 4750 }, (_, i) => String(i)), ...Array(250).fill(' '), '7', '8'];
  const inspection = await inspect('receiver', values);
  assert.deepEqual(fileRemarks(inspection), [
    'receiver: of 5,002 rows, 4,750 are compared; dropped: 250 without a key, 2 with a key that an earlier row has',
  ]);
  assert.deepEqual(fileRemarks(await inspect('receiver', ['1', '2'])), []);
});

const damaged: [string, string[], RegExp][] = [
  ['rounded numbers', ['1.67683E+15', '1,2E+9', '3'], /"id": 2 values such as 1\.67683E\+15: a spreadsheet/],
  ['formulas', ['="00123"', '4'], /"id": 1 value such as ="00123"/],
  ['errors of formulas', ['#N/A', '#REF!'], /2 values such as #N\/A/],
  ['numbers with a fraction', ['12345.0', '23456.0'], /2 values such as 123\.0/],
  ['lost characters', ['M\ufffdller'], /1 value with the mark/],
  ['the wrong encoding', ['MÃ¼ller', 'ZoÃ«', 'Müller'], /2 values such as Ã¼ for ü/],
  ['words for "not known"', ['N/A', 'NULL', 'unknown', '-'], /4 values that seem to mean "not known"/],
];

for (const [title, values, message] of damaged) {
  test(`values that look damaged: ${title}`, async () => {
    const [remark = '', ...others] = fileRemarks(await inspect('sender', values));
    assert.match(remark, message);
    assert.match(remark, /^warning: sender, column/);
    assert.deepEqual(others, []);
  });
}

test('what looks like that and is well is left alone', async () => {
  const well = [
    'Nakamura',
    'Keane',
    'Unger',
    'Ângela',
    'Ãngela',
    '1E5A7',
    '10.05',
    'a-b',
    'MAE1',
    '2024-01-01',
  ];
  assert.deepEqual(fileRemarks(await inspect('receiver', well)), []);
});

test('a placeholder that many rows share is named by its shape only', async () => {
  const values = [...Array(30).fill('999999999'), ...Array.from({ length: 100 }, (_, i) => `12345${i}`)];
  const remarks = fileRemarks(await inspect('receiver', values));
  assert.match(remarks[1] ?? '', /30 rows have one key, written as 999999999: a placeholder, perhaps\?/);
  assert.equal(shapeOf('111-11'), '999-99');
});

test('shapes show how a value is written, and not which it is', () => {
  assert.equal(shapeOf('00123-Ab é'), '00999-Aa a');
  assert.equal(shapeOf('0'), '9');
  assert.equal(shapeOf('x'.repeat(100)).length, 40);
});

const unlike: [string, string[], string[], RegExp][] = [
  [
    'leading zeros',
    ['00123', '00456', '01789'],
    ['123', '456', '1789'],
    /leading zeros .*drop-leading-zeros/,
  ],
  ['dates', ['2001-02-03', '1999-12-31'], ['03.02.2001', '31.12.1999'], /dates .*year-month-day, with dots/],
  ['punctuation', ['12-34', '56-78'], ['1234', '5678'], /digits only.*--normalise digits-only/],
  ['lengths', ['12345', '23456'], ['1234567', '2345678'], /lengths differ: mostly 5 and 7/],
  ['case', ['ANNA', 'BOB'], ['anna', 'bob'], /capitals/],
];

for (const [title, receiver, sender, message] of unlike) {
  test(`why nothing is shared: ${title}`, async () => {
    const [own, other] = [await inspect('receiver', receiver), await inspect('sender', sender)];
    assert.match(differencesOf(own, other).join('\n'), message);
    assert.deepEqual(differencesOf(own, own), []);
  });
}

test("each side's look is told with two masked examples", async () => {
  const [look = ''] = lookOf(await inspect('sender', ['00123', 'AB-1', '777']));
  assert.equal(
    look,
    'sender, "id": 3 to 5 characters, 33 % of 5, 33 % with leading zeros; written as 00999 or AA-9 (9 a digit, A and a letters)',
  );
});

test('what is few', () => {
  assert.ok(sharesFew(0, 3, 3) && sharesFew(1, 1000, 100));
  assert.ok(!sharesFew(1, 3, 3) && !sharesFew(20, 5000, 1000) && !sharesFew(0, 0, 9));
});
