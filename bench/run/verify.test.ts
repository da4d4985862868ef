import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INTERSECTION } from '../implementations/output.ts';
import { digestOfResult, faultOf, sizeOfResult } from './verify.ts';

test('results: right, and every way to be wrong', () => {
  const of = (...values: number[]) => Uint32Array.from(values);
  const fault = (result: Uint32Array, expected: Uint32Array) => faultOf(result, expected, INTERSECTION) ?? '';
  assert.equal(fault(of(), of()), '');
  assert.equal(fault(of(1, 5, 9), of(1, 5, 9)), '');
  assert.match(fault(of(1, 5), of(1, 5, 9)), /2 items where 3 are shared: 1 are missing, 0 do not belong/);
  assert.match(fault(of(0, 1, 5, 9), of(1, 5, 9)), /0 are missing, 1 do not belong/);
  assert.match(fault(of(1, 6, 9), of(1, 5, 9)), /1 are missing, 1 do not belong/);
  assert.match(fault(of(5, 1, 9), of(1, 5, 9)), /not strictly ascending at position 1/);
  assert.match(fault(of(1, 1, 5, 9), of(1, 5, 9)), /not strictly ascending/);
  assert.notEqual(digestOfResult(of(1, 2)), digestOfResult(of(1, 3)));
});

test('results that are numbers: right, wrong, and of the wrong type', () => {
  const expected = Uint32Array.from([1, 5, 9]);
  const cardinality = { kind: 'cardinality' } as const;
  const threshold = (atLeast: number) => ({ kind: 'threshold', atLeast }) as const;
  assert.equal(faultOf(3, expected, cardinality), undefined);
  assert.match(faultOf(4, expected, cardinality) ?? '', /is 4 where 3 items are shared/);
  assert.match(faultOf(expected, expected, cardinality) ?? '', /a list of indices where 3/);
  assert.equal(faultOf(true, expected, threshold(3)), undefined);
  assert.equal(faultOf(false, expected, threshold(4)), undefined);
  assert.match(faultOf(true, expected, threshold(4)) ?? '', /is true where 3 items are shared and 4 asked/);
  assert.match(faultOf(3, expected, INTERSECTION) ?? '', /is a number, not a Uint32Array/);
  assert.equal(sizeOfResult(3), 3);
  assert.equal(sizeOfResult(true), 1);
});
