/** The paper's fit of the gap, repeated where 2^λ encodings can be made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequency } from '../testing.ts';
import { sparseParameters } from './parameters.ts';
import { SparseStore } from './sparse.ts';

test('the gap exceeds the expected one less than about once in 2^λ encodings', () => {
  const tries = 2 ** 14;
  for (const count of [2 ** 8, 2 ** 10, 2 ** 12]) {
    for (const security of [3, 5, 7, 9]) {
      // All dense columns that there may be, so that the gap alone is seen.
      const size = sparseParameters(count, security);
      const parameters = { ...size, dense: 60, columns: size.sparse + 60 };
      const exceeded = frequency(
        (memory) => new SparseStore(memory, parameters),
        count,
        tries,
        (encoding) => !encoding.ok || encoding.gap > size.gap,
      );
      const log2 = Math.log2(exceeded / tries);
      const { sparse, gap } = size;
      console.log(
        `${count} items, λ = ${security}, ${sparse} columns: gap > ${gap} in 2^${log2.toFixed(1)} of the encodings`,
      );
      // A fit is no bound (256 items at λ = 7 were 0.7 bits short of it): one bit, and the noise of the count.
      assert.ok(exceeded <= tries * 2 ** (1 - security) + 4 * Math.sqrt(tries * 2 ** -security));
    }
  }
});
