/** The numbers of bins, computed anew. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../bench/party/random.ts';
import { binsFor, PROVEN_BINS } from './bins.ts';
import { CuckooError, cuckooCandidates, cuckooTable } from './cuckoo.ts';
import { cuckooFailureLog2 } from './failure.ts';

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
