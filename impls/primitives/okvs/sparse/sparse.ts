/**
 * The sparse store: rows of weight three in clusters, and about fifty dense binary columns per cluster.
 * Raghuraman and Rindal, CCS 2022 (ePrint 2022/320), with a binary dense part in place of one over
 * GF(2^128); the README has the derivation.
 */
import { Aes, xorConstant } from '../../aes/aes.ts';
import type { WorkingMemory } from '../../working-memory/working-memory.ts';
import { CHUNK, forChunks, sortByHash } from '../arrange/arrange.ts';
import type { Arranged, Decoding, Encoding, FreeColumns, Store } from '../store.ts';
import { type SparseParameters, sparseParameters } from './parameters.ts';

interface Kernel {
  readonly DEPENDENT: WebAssembly.Global<'i32'>;
  readonly TOO_LARGE: WebAssembly.Global<'i32'>;
  readonly TABLE_BYTES: WebAssembly.Global<'i32'>;
  configure(sparse: number, dense: number): void;
  scratchBytes(count: number): number;
  rows(first: number, second: number, count: number, out: number): void;
  encode(rows: number, values: number, count: number, out: number, scratch: number, random: number): number;
  decode(rows: number, count: number, columns: number, out: number, scratch: number): void;
}

/** Items of a sparse store: cluster by cluster, with their rows. */
export interface ArrangedSparse extends Arranged {
  /** Address of the rows, 16 bytes each. */
  readonly rows: number;
  /** Where each cluster ends in the arranged order. */
  readonly ends: readonly number[];
}

/** Row numbers have 16 bits. */
const MAX_CLUSTER_ROWS = 0xffff;
const ROW_BYTES = 16;

export class SparseStore implements Store<ArrangedSparse> {
  readonly parameters: SparseParameters;
  readonly #memory: WorkingMemory;
  readonly #kernel: Kernel;

  /** @param size the number of items that will be encoded, or sizes of the caller's own. */
  constructor(memory: WorkingMemory, size: number | SparseParameters) {
    this.parameters = typeof size === 'number' ? sparseParameters(size) : size;
    this.#memory = memory;
    this.#kernel = memory.kernel<Kernel>('sparse');
  }

  get columns(): number {
    return this.parameters.columns;
  }

  arrange(items: number, count: number, key: Uint8Array): ArrangedSparse {
    const memory = this.#memory;
    const { clusters } = this.parameters;
    const rows = memory.allocate(count * ROW_BYTES);
    // The sorted items are allocated under the scratch of AES, which therefore goes first and stays.
    const aes = new Aes(memory, key);
    const sorted = sortByHash(memory, aes, items, count, clusters);
    const mark = memory.mark();
    const first = memory.allocate(CHUNK * 16);
    const second = memory.allocate(CHUNK * 16);
    const one = memory.allocate(16);
    memory.bytes(one, 16).fill(0)[0] = 1;
    this.#configure();
    forChunks(count, (at, size) => {
      const from = sorted.items + at * 16;
      aes.mmo(from, first, size);
      xorConstant(memory, from, one, second, size);
      aes.mmo(second, second, size);
      this.#kernel.rows(first, second, size, rows + at * ROW_BYTES);
    });
    memory.release(mark);
    return { ...sorted, rows, ends: clusterEnds(memory.words(sorted.keys, count), clusters) };
  }

  encode(arranged: ArrangedSparse, values: number, out: number, free: FreeColumns): Encoding {
    const kernel = this.#kernel;
    this.#configure();
    const mark = this.#memory.mark();
    try {
      const largest = this.#clusters(arranged).reduce((most, { count }) => Math.max(most, count), 0);
      if (largest > MAX_CLUSTER_ROWS) return { ok: false, reason: 'cluster too large' };
      const scratch = this.#memory.allocate(kernel.scratchBytes(largest));
      let gaps = 0;
      for (const { first, count, columns } of this.#clusters(arranged)) {
        const rows = arranged.rows + first * ROW_BYTES;
        const random = Number(free === 'random');
        const gap = kernel.encode(rows, values + first * 16, count, out + columns * 16, scratch, random);
        if (gap === kernel.DEPENDENT.value) return { ok: false, reason: 'dependent rows' };
        if (gap === kernel.TOO_LARGE.value) return { ok: false, reason: 'gap too large' };
        gaps += gap;
      }
      return { ok: true, gap: gaps };
    } finally {
      this.#memory.release(mark);
    }
  }

  decode(arranged: ArrangedSparse, columns: number, out: number): void {
    this.decoding(arranged, columns, out).advance(this.columns);
  }

  decoding(arranged: ArrangedSparse, columns: number, out: number): Decoding {
    const size = this.#clusterColumns();
    const clusters = this.#clusters(arranged);
    let next = 0;
    let done = 0;
    return {
      advance: (ready) => {
        const mark = this.#memory.mark();
        const scratch = this.#memory.allocate(this.#kernel.TABLE_BYTES.value);
        this.#configure();
        for (const cluster of clusters.slice(next, Math.floor(ready / size))) {
          const { first, count } = cluster;
          this.#kernel.decode(
            arranged.rows + first * ROW_BYTES,
            count,
            columns + cluster.columns * 16,
            out + first * 16,
            scratch,
          );
          next++;
          done += count;
        }
        this.#memory.release(mark);
        return done;
      },
    };
  }

  /** The kernel is shared with stores of other sizes. */
  #configure(): void {
    this.#kernel.configure(this.parameters.sparse, this.parameters.dense);
  }

  #clusterColumns(): number {
    return this.parameters.sparse + this.parameters.dense;
  }

  #clusters({ ends }: ArrangedSparse): { first: number; count: number; columns: number }[] {
    let first = 0;
    return ends.map((end, cluster) => {
      const range = { first, count: end - first, columns: cluster * this.#clusterColumns() };
      first = end;
      return range;
    });
  }
}

/** Where each cluster ends, by bisection in the ascending cluster numbers of the items. */
function clusterEnds(numbers: Uint32Array, clusters: number): number[] {
  return Array.from({ length: clusters }, (_, cluster) => {
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((numbers[middle] ?? 0) <= cluster) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
