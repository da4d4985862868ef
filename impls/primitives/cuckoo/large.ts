/**
 * Cuckoo tables in a {@link WorkingMemory}, by the kernel of `assembly/`: the same candidates and the same kind of table
 * as `cuckoo.ts` has them, for sets of millions.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { CUCKOO_HASHES, CuckooError } from './cuckoo.ts';

interface Kernel {
  candidates(hashes: number, count: number, bins: number, out: number): void;
  insert(
    candidates: number,
    count: number,
    bins: number,
    table: number,
    seen: number,
    queue: number,
    from: number,
  ): number;
}

/** What an empty bin of a table holds. */
export const EMPTY_BIN = 0xffffffff;

/** Bytes of the candidates of one item: three words. */
export const CANDIDATE_BYTES = 4 * CUCKOO_HASHES;

/**
 * Three different bins for each of `count` items, from the first twelve of each one's 16 bytes at `hashes`: words of
 * 32 bits at `out`, as `cuckooCandidates` makes them.
 */
export function largeCandidates(
  memory: WorkingMemory,
  hashes: number,
  count: number,
  bins: number,
  out: number,
): void {
  memory.kernel<Kernel>('cuckoo').candidates(hashes, count, bins, out);
}

/**
 * Places items by breadth-first search, so that a table is found whenever there is one.
 * @param candidates as {@link largeCandidates} leaves them.
 * @param table where a word for each bin goes: 3·item + the number of the hash function that led there, or {@link EMPTY_BIN}.
 * @throws CuckooError when there is no placement.
 */
export function largeTable(
  memory: WorkingMemory,
  candidates: number,
  count: number,
  bins: number,
  table: number,
): void {
  const mark = memory.mark();
  const [seen, queue, from] = [
    memory.allocate(bins * 4),
    memory.allocate(bins * 4),
    memory.allocate(bins * 4),
  ];
  const placed = memory.kernel<Kernel>('cuckoo').insert(candidates, count, bins, table, seen, queue, from);
  memory.release(mark);
  if (placed < count) throw new CuckooError(count, bins);
}
