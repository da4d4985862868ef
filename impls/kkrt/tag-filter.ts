/**
 * Tags that cannot be among the own ones, sorted out before the join: most of the sender's. A bit for each value of a
 * tag's first bits; tags are as good as random, and a peer that chooses them otherwise only spares itself the filter.
 */
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { MAX_MESSAGE } from './common.ts';
import type { OprfKernel } from './kernel.ts';

/** Bits of the filter for each tag, at least: one in sixteen strangers passes. */
const BITS_PER_TAG = 16;

export class TagFilter {
  readonly #memory: WorkingMemory;
  readonly #kernel: OprfKernel;
  readonly #width: number;
  readonly #filter: number;
  readonly #mask: number;
  readonly #stage: number;

  /** Allocates in `memory`, where `tags` need not lie: the own tags, `width` bytes each. */
  constructor(memory: WorkingMemory, tags: Uint8Array, width: number) {
    this.#memory = memory;
    this.#kernel = memory.kernel<OprfKernel>('oprf');
    this.#width = width;
    const count = tags.length / width;
    const bits = 2 ** Math.ceil(Math.log2(Math.max(count, 1) * BITS_PER_TAG));
    this.#mask = bits - 1;
    this.#filter = memory.allocate(Math.max(bits / 8, 1));
    memory.bytes(this.#filter, Math.max(bits / 8, 1)).fill(0);
    this.#stage = memory.allocate(MAX_MESSAGE);
    this.#pieces(tags, (n) => this.#kernel.markTags(this.#stage, n, width, this.#filter, this.#mask));
  }

  /** Those of the given tags, at most a message full, that may be among the own: valid until the next call. */
  likely(tags: Uint8Array): Uint8Array {
    let kept = 0;
    this.#pieces(tags, (n) => {
      kept = this.#kernel.filterTags(this.#stage, n, this.#width, this.#filter, this.#mask);
    });
    return this.#memory.bytes(this.#stage, kept * this.#width);
  }

  #pieces(tags: Uint8Array, work: (n: number) => void): void {
    const step = MAX_MESSAGE - (MAX_MESSAGE % this.#width);
    for (let at = 0; at < tags.length; at += step) {
      const piece = tags.subarray(at, at + step);
      this.#memory.bytes(this.#stage, piece.length).set(piece);
      work(piece.length / this.#width);
    }
  }
}
