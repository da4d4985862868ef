import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/party/random.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { CUCKOO_HASHES, CuckooError, cuckooCandidates, cuckooTable } from './cuckoo.ts';
import { CANDIDATE_BYTES, EMPTY_BIN, largeCandidates, largeTable } from './large.ts';

/** Both implementations on the same hashes; the table with items for its places. */
function both(seed: string, count: number, bins: number) {
  const memory = new WorkingMemory();
  const hashes = memory.allocate(16 * count);
  memory.bytes(hashes, 16 * count).set(seededRandom(seed).bytes(16 * count));
  const candidates = memory.allocate(CANDIDATE_BYTES * count);
  largeCandidates(memory, hashes, count, bins, candidates);
  const words = memory.words(hashes, 4 * count).filter((_, i) => (i & 3) < CUCKOO_HASHES);
  const expected = cuckooCandidates(Uint32Array.from(words), bins);
  assert.deepEqual(Uint32Array.from(memory.words(candidates, 3 * count)), expected);
  const table = memory.allocate(4 * bins);
  const guard = memory.allocate(64);
  memory.bytes(guard, 64).fill(0xee);
  const large = () => {
    largeTable(memory, candidates, count, bins, table);
    assert.ok(memory.bytes(guard, 64).every((byte) => byte === 0xee));
    return memory.words(table, bins);
  };
  return { expected, large, plain: () => cuckooTable(expected, bins) };
}

test('candidates and tables are those of the plain implementation, at every load', () => {
  for (const [count, bins] of [
    [0, 3],
    [1, 3],
    [3, 3],
    [700, 1000],
    [900, 1000],
    [20_000, 26_000],
    [9_100, 10_000],
  ] as const) {
    const { expected, large, plain } = both(`${count} in ${bins}`, count, bins);
    const table = large();
    assert.deepEqual(
      Int32Array.from(table, (place) => (place === EMPTY_BIN ? -1 : Math.floor(place / CUCKOO_HASHES))),
      plain(),
    );
    // A place says which hash function led there.
    table.forEach((place, bin) => {
      if (place !== EMPTY_BIN) assert.equal(expected[place], bin);
    });
  }
});

test('where there is no placement, both say so', () => {
  let refused = 0;
  for (let round = 0; round < 500; round++) {
    const { large, plain } = both(`round ${round}`, 6, 6);
    let fits = true;
    try {
      plain();
    } catch {
      fits = false;
      refused++;
    }
    if (fits) large();
    else assert.throws(large, CuckooError);
  }
  assert.ok(refused > 10, `only ${refused} were refused`);
});
