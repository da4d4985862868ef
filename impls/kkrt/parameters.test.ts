/** The number of columns, computed anew. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COLUMNS } from './parameters.ts';

describe('columns', () => {
  /** log2 of Pr[Bin(k, 1/2) < 128] · 3n: exact but for the logarithm. */
  function closeWordsLog2(k: number, senderLog2: number): number {
    let term = 1n;
    let sum = 0n;
    for (let weight = 0; weight < 128; weight++) {
      sum += term;
      term = (term * BigInt(k - weight)) / BigInt(weight + 1);
    }
    const shift = Math.max(0, sum.toString(2).length - 60);
    return Math.log2(Number(sum >> BigInt(shift))) + shift - k + Math.log2(3) + senderLog2;
  }

  test('two code words are 128 bits apart but with probability 2^-66 at 2^24 items', () => {
    assert.ok(closeWordsLog2(COLUMNS, 24) <= -40);
    assert.equal(closeWordsLog2(COLUMNS, 0).toFixed(0), '-65');
  });

  test('the fewest that would do, for sizes from 1 to 2^24', () => {
    const fewest = (senderLog2: number) => {
      let k = 128;
      while (closeWordsLog2(k, senderLog2) > -40) k++;
      return k;
    };
    assert.deepEqual([0, 8, 12, 16, 20, 22, 24].map(fewest), [397, 415, 423, 431, 439, 443, 447]);
  });
});
