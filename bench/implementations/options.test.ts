import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeValues, OptionError, parseSetting, resolveOptions } from './options.ts';

const implementation = {
  id: 'toy',
  options: {
    engine: { description: 'what multiplies', type: 'enum', values: ['noble', 'sodium'], default: 'noble' },
    bits: { description: 'tag length', type: 'number', min: 40, max: 128, default: 64 },
    salt: { description: 'salt the digests', type: 'boolean', default: false },
  },
} as const;

function message(given: Record<string, string | number | boolean>): string {
  try {
    resolveOptions(implementation, given);
  } catch (error) {
    assert.ok(error instanceof OptionError);
    return error.message;
  }
  assert.fail('nothing was thrown');
}

test('fills in the defaults', () => {
  assert.deepEqual(resolveOptions(implementation), { engine: 'noble', bits: 64, salt: false });
});

test('converts what was typed', () => {
  assert.deepEqual(resolveOptions(implementation, { engine: 'sodium', bits: '1e2', salt: 'TRUE' }), {
    engine: 'sodium',
    bits: 100,
    salt: true,
  });
  assert.deepEqual(resolveOptions(implementation, { bits: 40, salt: true }), {
    engine: 'noble',
    bits: 40,
    salt: true,
  });
});

test('an unknown option: the nearest, and all', () => {
  assert.equal(
    message({ engin: 'noble' }),
    'toy has no option "engin". Did you mean "engine"? Its options are engine, bits, salt.',
  );
  assert.match(message({ toString: '1' }), /has no option "toString"/);
  assert.throws(() => resolveOptions({ id: 'bare', options: {} }, { x: '1' }), /bare has no options, so "x"/);
});

test('a value that is not one: the nearest, and all', () => {
  assert.equal(
    message({ engine: 'sodim' }),
    'toy.engine cannot be "sodim". Did you mean "sodium"? Valid: noble, sodium.',
  );
  assert.equal(message({ salt: 'yes' }), 'toy.salt cannot be "yes". Valid: true, false.');
  for (const bits of ['39', '129', '', ' ', 'NaN', 'Infinity', '0x40', '64k', true, Number.NaN]) {
    assert.equal(message({ bits }), `toy.bits cannot be "${bits}". Valid: a number from 40 to 128.`);
  }
});

test('describes what is valid', () => {
  assert.deepEqual(Object.values(implementation.options).map(describeValues), [
    'noble, sodium',
    'a number from 40 to 128',
    'true, false',
  ]);
});

test('takes a setting apart', () => {
  assert.deepEqual(parseSetting('hash.salt=true'), { implementation: 'hash', option: 'salt', value: 'true' });
  assert.deepEqual(parseSetting(' a-b.c = x=y.z '), { implementation: 'a-b', option: 'c', value: 'x=y.z' });
  for (const text of ['', 'hash', 'hash.salt', 'salt=true', '.salt=true', 'hash.=true']) {
    assert.throws(() => parseSetting(text), /invalid setting/);
  }
});
