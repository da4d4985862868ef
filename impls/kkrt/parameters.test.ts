/** The numbers of bins and columns, computed anew. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../bench/party/random.ts';
import { CuckooError, cuckooCandidates, cuckooTable } from '../primitives/cuckoo/cuckoo.ts';
import { cuckooFailureLog2 } from '../primitives/cuckoo/failure.ts';
import { binsFor, COLUMNS, PROVEN_BINS } from './parameters.ts';

const BOUND = -40;

describe('bins', () => {
  test('the list has the fewest that are proven, up to 8,192 items', () => {
    for (const [items, bins] of PROVEN_BINS) {
      assert.ok(cuckooFailureLog2(items, bins) <= BOUND, `${items} in ${bins}`);
      if (items > 3) assert.ok(cuckooFailureLog2(items, bins - 1) > BOUND, `${items} in ${bins - 1}`);
    }
  });

  test('every number of items up to 600, and some up to 20,000, has enough', () => {
    const sizes = Array.from({ length: 600 }, (_, i) => i + 1);
    for (let n = 601; n < 20_000; n = Math.ceil(n * 1.21)) sizes.push(n);
    for (const [n] of PROVEN_BINS) sizes.push(n + 1);
    sizes.push(16_383, 16_384);
    for (const n of sizes) {
      assert.ok(binsFor(n) >= 3);
      assert.ok(
        cuckooFailureLog2(n, binsFor(n)) <= BOUND,
        `${n} in ${binsFor(n)}: ${cuckooFailureLog2(n, binsFor(n))}`,
      );
    }
  });

  test('more items never have much more room than they need: at most 1.31 bins each from 4,096 on', () => {
    for (const n of [4096, 5000, 8192, 10_000, 16_384, 2 ** 20, 2 ** 24]) assert.ok(binsFor(n) <= 1.31 * n);
  });
});

/** Tables of `count` items in `bins` bins that could not be made, of `rounds`. */
function failures(count: number, bins: number, rounds: number): number {
  let failed = 0;
  for (let round = 0; round < rounds; round++) {
    const words = new Uint32Array(seededRandom(`${count} ${bins} ${round}`).bytes(12 * count).buffer);
    try {
      cuckooTable(cuckooCandidates(words, bins), bins);
    } catch (error) {
      assert.ok(error instanceof CuckooError);
      failed++;
    }
  }
  return failed;
}

describe('tables', () => {
  test('with the proven bins none fails', () => {
    for (const count of [16, 40, 64, 128, 300, 512]) assert.equal(failures(count, binsFor(count), 100), 0);
  });

  test('with fewer they fail, as often as the bound allows', () => {
    for (const [count, bins] of [
      [64, 70],
      [64, 75],
      [16, 18],
    ] as const) {
      const rounds = 1000;
      const rate = failures(count, bins, rounds) / rounds;
      const bound = 2 ** cuckooFailureLog2(count, bins);
      assert.ok(
        rate > 0 && rate <= bound + 5 * Math.sqrt(bound / rounds),
        `${count} in ${bins}: ${rate}, bound ${bound}`,
      );
    }
  });
});

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
