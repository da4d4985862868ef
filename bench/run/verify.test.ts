import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfResult, faultOf } from './verify.ts';

test('results: right, and every way to be wrong', () => {
  const of = (...values: number[]) => Uint32Array.from(values);
  assert.equal(faultOf(of(), of()), undefined);
  assert.equal(faultOf(of(1, 5, 9), of(1, 5, 9)), undefined);
  assert.match(faultOf(of(1, 5), of(1, 5, 9))!, /2 items where 3 are shared: 1 are missing, 0 do not belong/);
  assert.match(faultOf(of(0, 1, 5, 9), of(1, 5, 9))!, /0 are missing, 1 do not belong/);
  assert.match(faultOf(of(1, 6, 9), of(1, 5, 9))!, /1 are missing, 1 do not belong/);
  assert.match(faultOf(of(5, 1, 9), of(1, 5, 9))!, /not strictly ascending at position 1/);
  assert.match(faultOf(of(1, 1, 5, 9), of(1, 5, 9))!, /not strictly ascending/);
  assert.notEqual(digestOfResult(of(1, 2)), digestOfResult(of(1, 3)));
});
