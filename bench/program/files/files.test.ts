import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { itemAt, packItems } from '../../../impls/primitives/items.ts';
import type { ItemsForm, ResultForm } from '../description/description.ts';
import { encodeItems } from './items-file.ts';
import { readResult } from './result.ts';

const FORM: ItemsForm = { map: 'digest', bytes: 16, format: 'hex', header: null, extension: '.csv' };
const RESULT: ResultForm = {
  ...{ from: 'file', is: 'indices', format: 'lines', skipLines: 0, match: null, extension: '.csv' },
};
const items = packItems(['', 'a', 'bb', Buffer.from([0, 255, 10])]);
const sha256 = (i: number, bytes = 16) =>
  createHash('sha256').update(itemAt(items, i)).digest().subarray(0, bytes);
const all = [0, 1, 2, 3];

test('items are written as they are described', () => {
  const lines = (form: Partial<ItemsForm>, of = items) =>
    encodeItems(of, { ...FORM, ...form }).toString('latin1');
  assert.equal(lines({}), all.map((i) => `${sha256(i).toString('hex')}\n`).join(''));
  assert.equal(
    lines({ header: 'id', bytes: 9 }),
    `id\n${all.map((i) => `${sha256(i, 9).toString('hex')}\n`).join('')}`,
  );
  assert.equal(
    lines({ format: 'decimal', bytes: 8 }),
    all.map((i) => `${sha256(i, 8).readBigUInt64BE()}\n`).join(''),
  );
  assert.deepEqual(
    encodeItems(items, { ...FORM, format: 'binary' }),
    Buffer.concat(all.map((i) => sha256(i))),
  );
  assert.equal(lines({ map: 'as-is' }), '\n61\n6262\n00ff0a\n');
  assert.equal(
    lines({ map: 'as-is', format: 'text' }, packItems(['x', 'ä'])),
    Buffer.from('x\nä\n').toString('latin1'),
  );
  const equal = packItems(['0123456789abcdef', 'fedcba9876543210']);
  assert.equal(lines({ map: 'as-is', format: 'binary' }, equal), '0123456789abcdeffedcba9876543210');
  assert.equal(lines({}, packItems([])), '');
});

test('what cannot be written so is named', () => {
  const write = (form: Partial<ItemsForm>, of = items) => encodeItems(of, { ...FORM, map: 'as-is', ...form });
  assert.throws(() => write({ format: 'binary' }), /item 0 has 0 bytes, and the program takes 16/);
  assert.throws(() => write({ format: 'text' }), /item 0 is empty or has a line break/);
  assert.throws(
    () => write({ format: 'text' }, packItems(['a', 'b\nc'])),
    /item 1 is empty or has a line break/,
  );
});

function read(contents: string | Buffer, form: Partial<ResultForm> = {}, items_: Partial<ItemsForm> = {}) {
  const own = { ...FORM, ...items_ };
  return readResult(
    Buffer.from(contents),
    { ...RESULT, ...form },
    { contents: encodeItems(items, own), count: 4, form: own },
  );
}

test('results are read in every form, whatever their order', () => {
  assert.deepEqual(read('2\n0\r\n'), Uint32Array.of(0, 2));
  assert.deepEqual(read(''), new Uint32Array(0));
  assert.deepEqual(read('log: ready\nhit 3\nhit 1\nbye\n', { match: /^hit (\d+)$/ }), Uint32Array.of(1, 3));
  assert.deepEqual(
    read(Buffer.from(BigUint64Array.of(3n, 0n).buffer), { format: 'u64' }),
    Uint32Array.of(0, 3),
  );
  assert.deepEqual(read(Buffer.from(Uint32Array.of(1).buffer), { format: 'u32' }), Uint32Array.of(1));
  const hex = (i: number) => sha256(i).toString('hex');
  assert.deepEqual(
    read(`id\n"${hex(3)}"\n${hex(1)}`, { is: 'items', skipLines: 1 }, { header: 'id' }),
    Uint32Array.of(1, 3),
  );
  assert.deepEqual(
    read(Buffer.concat([sha256(2), sha256(0)]), { is: 'items', format: 'binary' }, { format: 'binary' }),
    Uint32Array.of(0, 2),
  );
  assert.equal(read('size: 3\n', { is: 'count', match: /(\d+)/ }), 3);
});

for (const [contents, form, expected] of [
  ['1\n4\n', {}, 'line 2 of its result is "4", which is no index below 4'],
  ['-1\n', {}, 'line 1 of its result is "-1"'],
  ['1\n1\n', {}, 'its result has item 1 twice'],
  ['Exception: \u0007no\n', {}, 'line 1 of its result is "Exception: .no"'],
  ['x'.repeat(5000), {}, 'line 1 of its result has 5000 characters'],
  ['abc', { format: 'u64' }, 'its result has 3 bytes, which is no whole number of entries of 8'],
  ['ff\n', { is: 'items' }, 'line 1 of its result is "ff", which is no item of the receiver\'s'],
  ['', { is: 'count' }, 'its result should be one number, and has 0 entries'],
  ['1\n2\n', { is: 'count' }, 'its result should be one number, and has 2 entries'],
  ['5\n', { is: 'count' }, 'line 1 of its result is "5", which is no number up to 4'],
] as const) {
  test(`a result that cannot be: ${expected}`, () => {
    assert.throws(
      () => read(contents, form),
      (error: Error) => error.message.includes(expected),
    );
  });
}
