/** Sorts items by a key made of their hash, in a {@link WorkingMemory}. */
import type { Aes } from '../../aes/aes.ts';
import type { WorkingMemory } from '../../working-memory/working-memory.ts';

interface Kernel {
  keys(hashes: number, count: number, range: number, out: number): void;
  count(keys: number, count: number, shift: number, bits: number, places: number): void;
  pass(
    keys: number,
    numbers: number,
    count: number,
    shift: number,
    bits: number,
    places: number,
    outKeys: number,
    outNumbers: number,
  ): void;
  gather(from: number, numbers: number, count: number, out: number): void;
}

/** Items per call of AES: a piece that stays in the second-level cache. */
export const CHUNK = 8192;
/** Digits up to this many bits are sorted in one pass: their counters stay in the first-level cache. */
const PASS_BITS = 12;

/** Items sorted by key; equal keys in the order before. */
export interface Sorted {
  readonly count: number;
  /** Address of the items. */
  readonly items: number;
  /** Address of their numbers in the order before, u32. */
  readonly numbers: number;
  /** Address of their keys, u32, ascending. */
  readonly keys: number;
}

/** Calls `work` with the first number and the size of every chunk of `count` items. */
export function forChunks(count: number, work: (first: number, size: number) => void): void {
  for (let first = 0; first < count; first += CHUNK) work(first, Math.min(CHUNK, count - first));
}

/**
 * Sorts `count` items of 16 bytes by a key below `range`: the last 32 bits of AES(x) ⊕ x, scaled. What is
 * returned stays allocated; scratch does not.
 */
export function sortByHash(
  memory: WorkingMemory,
  aes: Aes,
  items: number,
  count: number,
  range: number,
): Sorted {
  const kernel = memory.kernel<Kernel>('arrange');
  const sorted = {
    count,
    items: memory.allocate(count * 16),
    numbers: memory.allocate(count * 4),
    keys: memory.allocate(count * 4),
  };
  const mark = memory.mark();
  const hashes = memory.allocate(CHUNK * 16);
  let keys = memory.allocate(count * 4);
  forChunks(count, (first, size) => {
    aes.mmo(items + first * 16, hashes, size);
    kernel.keys(hashes, size, range, keys + first * 4);
  });
  const bits = Math.max(1, Math.ceil(Math.log2(range)));
  const passes = Math.ceil(bits / PASS_BITS);
  const digit = Math.ceil(bits / passes);
  const places = memory.allocate(4 << digit);
  let numbers = 0;
  for (let pass = 0; pass < passes; pass++) {
    const last = pass === passes - 1;
    const outKeys = last ? sorted.keys : memory.allocate(count * 4);
    const outNumbers = last ? sorted.numbers : memory.allocate(count * 4);
    kernel.count(keys, count, pass * digit, digit, places);
    kernel.pass(keys, numbers, count, pass * digit, digit, places, outKeys, outNumbers);
    keys = outKeys;
    numbers = outNumbers;
  }
  kernel.gather(items, sorted.numbers, count, sorted.items);
  memory.release(mark);
  return sorted;
}
