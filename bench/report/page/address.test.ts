import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, formatAddress, parseAddress } from './address.ts';

const FIRST: Address = {
  part: 0,
  other: null,
  hidden: { sizes: [], networks: [], impls: [] },
  slowdown: 1,
  log: true,
};

test('what is chosen is read as it was written; what is as at first is not written', () => {
  assert.equal(formatAddress(FIRST), '');
  assert.deepEqual(parseAddress(''), FIRST);
  const chosen: Address = {
    part: 1,
    other: 0,
    hidden: { sizes: ['256 256'], networks: ['lan', '10mbit/5ms-rtt'], impls: ['a&b=c'] },
    slowdown: 3.5,
    log: false,
  };
  assert.deepEqual(parseAddress(`#${formatAddress(chosen)}`), chosen);
});

test('nonsense is as if it were not there', () => {
  for (const text of ['#part=-1&slowdown=NaN', '#part=x&with=0.5&axes=odd', '#slowdown=1e9', '#%', '#=&&']) {
    assert.deepEqual(parseAddress(text), FIRST, text);
  }
});
