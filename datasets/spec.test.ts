import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../bench/words.ts';
import { DatasetError, type DatasetSpec, loadItems, validateSpec, writeMatches } from './dataset.ts';

const good = { kind: 'random', receiverSize: 10, senderSize: 5, overlap: 5, seed: 1 } as const;
const file = { kind: 'file', receiverFile: 'a.csv', senderFile: 'b.csv', key: ['id'] } as const;

const bad: [string, unknown, RegExp][] = [
  ['no object', null, /must be an object/],
  ['an unknown kind', { ...good, kind: 'patient' }, /unknown data set "patient"; did you mean "patients"\?/],
  [
    'an unknown kind like no other',
    { ...good, kind: 'xyzzy' },
    /"xyzzy" \(there are random, patients, file\)/,
  ],
  ['no kind', {}, /unknown data set "undefined"/],
  [
    'a negative size',
    { ...good, receiverSize: -1 },
    /receiver size must be a whole number from 0 on, got -1/,
  ],
  ['a fraction', { ...good, senderSize: 2.5 }, /sender size must be a whole number from 0 on, got 2.5/],
  ['a size as text', { ...good, senderSize: '5' }, /sender size must be a whole number/],
  ['NaN', { ...good, overlap: Number.NaN }, /overlap must be a whole number from 0 on, got NaN/],
  [
    'too large a set',
    { ...good, receiverSize: 2 ** 24 + 1 },
    /receiver size must be at most 2\^24, got 16777217/,
  ],
  [
    'too large an overlap',
    { ...good, overlap: 6 },
    /overlap must be at most 5, the size of the smaller set, got 6/,
  ],
  ['no seed', { ...good, seed: undefined }, /seed must be text or a safe integer, got undefined/],
  ['a seed that is no integer', { ...good, seed: 0.5 }, /seed must be text or a safe integer, got 0.5/],
  ['no receiver file', { ...file, receiverFile: '' }, /needs a receiver file/],
  ['no sender file', { kind: 'file', receiverFile: 'a', key: ['id'] }, /needs a sender file/],
  ['an empty key', { ...file, key: [] }, /needs a key/],
  ['an empty column name', { ...file, key: ['id', ' '] }, /\["id"," "\] has an empty column name/],
  ['a column twice', { ...file, key: ['id', 'id '] }, /names column "id" twice/],
];

for (const [title, spec, message] of bad) {
  test(`refused: ${title}`, () => {
    assert.throws(() => validateSpec(spec as DatasetSpec), { name: 'DatasetError', message });
  });
}

test('accepted: sizes of 0 and 2^24, full overlap, text as a seed', () => {
  validateSpec(good);
  validateSpec(file);
  validateSpec({ kind: 'patients', receiverSize: 2 ** 24, senderSize: 2 ** 24, overlap: 2 ** 24, seed: '' });
  validateSpec({ ...good, receiverSize: 0, senderSize: 0, overlap: 0, seed: -7 });
});

test('whoever loads a set gets the same errors', async () => {
  await assert.rejects(loadItems({ ...good, overlap: 6 }, 'receiver'), DatasetError);
  await assert.rejects(writeMatches(good, new Uint32Array(0), 'out.csv'), /"random" has no rows to write/);
});

test('the nearest name is suggested, and none that is not alike', () => {
  const names = ['given_name', 'surname', 'soc_sec_id'];
  assert.equal(nearest('soc_sec', names), 'soc_sec_id');
  assert.equal(nearest('SURNAME', names), 'surname');
  assert.equal(nearest('surnme', names), 'surname');
  assert.equal(nearest('zzz', names), undefined);
  assert.equal(nearest('a', []), undefined);
});
