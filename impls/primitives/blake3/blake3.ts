/**
 * BLAKE3 of many messages of at most 64 bytes, four at once: one call of its compression function for each. As a
 * hash of one block it is the fastest here: 7 rounds where SHA-256 has 64.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** Bytes of a block. */
export const BLAKE3_BLOCK = 64;

interface Kernel {
  hashBlocks(from: number, count: number, length: number, to: number, wide: boolean, scratch: number): void;
}

const SCRATCH_BYTES = 256;

/** Hashes blocks that lie in a working memory. */
export class Blake3 {
  readonly #kernel: Kernel;
  readonly #scratch: number;

  /** Takes 256 bytes of `memory` as scratch, for as long as the caller's mark lets it. */
  constructor(memory: WorkingMemory) {
    this.#kernel = memory.kernel<Kernel>('blake3');
    this.#scratch = memory.allocate(SCRATCH_BYTES);
  }

  /**
   * Hashes `count` messages of `length` bytes. Message i lies at `from + 64·i` with zeros up to 64 bytes, its hash,
   * the first `width` bytes of BLAKE3, goes to `to + width·i`. Both are used up to the next multiple of four.
   * @throws RangeError when `length` is more than 64.
   */
  hash(from: number, count: number, length: number, to: number, width: 16 | 32): void {
    if (!(length >= 0 && length <= BLAKE3_BLOCK)) {
      throw new RangeError(`"length" must be 0 to ${BLAKE3_BLOCK} bytes, got ${length}`);
    }
    this.#kernel.hashBlocks(from, count, length, to, width === 32, this.#scratch);
  }
}
