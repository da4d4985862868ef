import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../bench/party/random.ts';
import { CUCKOO_HASHES, CuckooError, cuckooCandidates, cuckooTable } from './cuckoo.ts';
import { cuckooBins, cuckooFailureLog2, log2Factorial } from './failure.ts';

function words(seed: string, count: number): Uint32Array {
  return new Uint32Array(
    seededRandom(seed)
      .bytes(count * CUCKOO_HASHES * 4)
      .slice().buffer,
  );
}

describe('candidates', () => {
  test('the bins of an item differ and all of them occur, even when there are only three', () => {
    for (const bins of [3, 4, 7, 1000]) {
      const candidates = cuckooCandidates(words(`bins ${bins}`, 20_000), bins);
      const counts = new Uint32Array(bins);
      for (let i = 0; i < candidates.length; i += 3) {
        const three = candidates.subarray(i, i + 3);
        assert.equal(new Set(three).size, 3);
        for (const bin of three) counts[bin]!++;
      }
      const expected = candidates.length / bins;
      for (const count of counts) assert.ok(Math.abs(count - expected) < 7 * Math.sqrt(expected));
    }
  });

  test('extreme words stay in range', () => {
    const extremes = Uint32Array.from([0, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff]);
    for (const bins of [3, 4096, 2 ** 24 - 1]) {
      const found = cuckooCandidates(extremes, bins);
      assert.deepEqual([...found], [0, 1, 2, bins - 1, bins - 2, bins - 3]);
    }
  });
});

describe('table', () => {
  test('every item lies in one of its bins, up to loads near the threshold of 0.917', () => {
    for (const [count, bins] of [
      [0, 3],
      [1, 3],
      [3, 3],
      [740, 1000],
      [9000, 10_000],
    ] as const) {
      const candidates = cuckooCandidates(words(`table ${count}`, count), bins);
      const table = cuckooTable(candidates, bins);
      const places = new Map([...table].map((item, bin) => [item, bin]));
      for (let item = 0; item < count; item++) {
        assert.ok(candidates.subarray(item * 3, item * 3 + 3).includes(places.get(item)!));
      }
      assert.equal(table.filter((item) => item >= 0).length, count);
    }
  });

  test('a placement is found whenever there is one: against bipartite matching on tiny tables', () => {
    const random = seededRandom('tiny');
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      const bins = 4 + (random.bytes(1)[0]! % 3);
      const count = bins - (random.bytes(1)[0]! % 2);
      const candidates = cuckooCandidates(words(`tiny ${round}`, count), bins);
      let fits = true;
      try {
        cuckooTable(candidates, bins);
      } catch (error) {
        assert.ok(error instanceof CuckooError);
        fits = false;
        refused++;
      }
      assert.equal(fits, matches(candidates, count, new Set()));
    }
    assert.ok(refused > 20, `only ${refused} tables were refused`);
  });

  test('arguments that do not fit are named', () => {
    assert.throws(() => cuckooTable(Uint32Array.of(0, 1, 9), 3), /"candidates" names bin 9 of 3/);
    assert.throws(() => cuckooTable(new Uint32Array(2), 3), /"candidates" must be 3/);
    assert.throws(() => cuckooCandidates(new Uint32Array(3), 2), /"bins" must be/);
    assert.throws(() => cuckooBins(3, -40, 2), /"step" must be/);
  });
});

/** Whether items 0 … count - 1 have different bins to go to: all ways are tried. */
function matches(candidates: Uint32Array, count: number, taken: ReadonlySet<number>): boolean {
  if (count === 0) return true;
  const own = candidates.subarray((count - 1) * 3, count * 3);
  return [...own].some((bin) => !taken.has(bin) && matches(candidates, count - 1, new Set([...taken, bin])));
}

describe('bound', () => {
  test('it is above what happens, where failures are common enough to count', () => {
    // Four items in the same three of seven bins are the main obstacle.
    for (const [count, bins] of [
      [4, 5],
      [4, 7],
      [5, 9],
    ] as const) {
      const rounds = 40_000;
      const all = words(`rate ${count}`, count * rounds);
      let failures = 0;
      for (let round = 0; round < rounds; round++) {
        const own = all.subarray(round * count * 3, (round + 1) * count * 3);
        try {
          cuckooTable(cuckooCandidates(own, bins), bins);
        } catch {
          failures++;
        }
      }
      const rate = failures / rounds;
      const bound = 2 ** cuckooFailureLog2(count, bins);
      assert.ok(rate <= bound + 5 * Math.sqrt(bound / rounds), `${rate} above ${bound}`);
      // Not a bound that is always 1, either.
      assert.ok(failures > 0 && rate > bound / 50, `${rate} far below ${bound}`);
    }
  });

  test('more bins fail less, more items fail more, and few items never do', () => {
    assert.equal(cuckooFailureLog2(3, 100), Number.NEGATIVE_INFINITY);
    assert.equal(cuckooFailureLog2(11, 10), 0);
    let last = 0;
    for (const bins of [420, 500, 700, 1000]) {
      const bound = cuckooFailureLog2(280, bins);
      assert.ok(bound < last);
      last = bound;
    }
    assert.ok(cuckooFailureLog2(500, 1000) > cuckooFailureLog2(400, 1000));
    assert.equal(cuckooBins(4096, -41, 1024) % 1024, 0);
    assert.ok(cuckooFailureLog2(4096, cuckooBins(4096, -41, 1024)) <= -41);
  });

  test('factorials', () => {
    let exact = 0;
    for (let n = 2; n <= 200; n++) {
      exact += Math.log2(n);
      assert.ok(Math.abs(log2Factorial(n) - exact) < 1e-8);
    }
  });
});
