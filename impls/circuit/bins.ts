/** Items in bins: blocks of items, and the three bins of each, alike for both parties. */
import { createHash } from 'node:crypto';
import type { ItemSet } from '../../bench/contract.ts';
import { Aes } from '../primitives/aes/aes.ts';
import { CANDIDATE_BYTES, largeCandidates } from '../primitives/cuckoo/large.ts';
import { Digester } from '../primitives/digest/digest.ts';
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';

/** Items under a run's name: addresses of 16 bytes each, and of three words each. */
export interface Binned {
  readonly items: number;
  readonly candidates: number;
}

/** Hashes items and finds their bins. The bins' hash is keyed by the run, which begins after the sets are fixed. */
export function binItems(memory: WorkingMemory, items: ItemSet, bins: number, name: Uint8Array): Binned {
  const { count } = items;
  const blocks = memory.allocate(count * 16);
  const out = memory.bytes(blocks, count * 16);
  new Digester({ prefix: name }).range(items, 0, count, out);
  const candidates = memory.allocate(count * CANDIDATE_BYTES);
  const mark = memory.mark();
  const hashes = memory.allocate(count * 16);
  const key = createHash('sha256').update('bins').update(name).digest().subarray(0, 16);
  new Aes(memory, key).mmo(blocks, hashes, count);
  largeCandidates(memory, hashes, count, bins, candidates);
  memory.release(mark);
  return { items: blocks, candidates };
}
