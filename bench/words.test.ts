import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearest } from './words.ts';

const ids = ['plaintext', 'hash', 'ecdh', 'enclave', 'enclave-oblivious', 'seal', 'kkrt', 'rr22'];

test('finds what was meant', () => {
  for (const [typed, meant] of [
    ['ecdhh', 'ecdh'],
    ['edch', 'ecdh'],
    ['Hash', 'hash'],
    ['hahs', 'hash'],
    ['plain', 'plaintext'],
    ['encalve', 'enclave'],
    ['enclave-oblivous', 'enclave-oblivious'],
    ['kkr', 'kkrt'],
    ['r22', 'rr22'],
  ] as const) {
    assert.equal(nearest(typed, ids), meant, typed);
  }
});

test('says nothing when nothing is near', () => {
  for (const typed of ['', 'x', 'quantum', 'psi', 'zzzz'])
    assert.equal(nearest(typed, ids), undefined, typed);
  assert.equal(nearest('hash', []), undefined);
  assert.equal(nearest('b', ['a']), undefined);
});

test('the first of equals wins', () => {
  assert.equal(nearest('bat', ['cat', 'hat']), 'cat');
});

test('didYouMean is a sentence or nothing', () => {
  assert.equal(didYouMean('hahs', ids), ' Did you mean "hash"?');
  assert.equal(didYouMean('zzzz', ids), '');
});
