/**
 * The band store: rows of random bits in a band (Bienstock, Patel, Seo, Yeo, USENIX Security 2023, ePrint
 * 2023/903). Fewer columns than the sparse store, three times the work.
 */
import { Aes, xorConstant } from '../../aes/aes.ts';
import type { WorkingMemory } from '../../working-memory/working-memory.ts';
import { CHUNK, forChunks, sortByHash } from '../arrange/arrange.ts';
import type { Arranged, Decoding, Encoding, FreeColumns, Store } from '../store.ts';
import { type BandParameters, bandParameters } from './parameters.ts';

interface Kernel {
  configure(columns: number, width: number): void;
  rowBytes(): number;
  ringBytes(): number;
  rows(bits: number, stride: number, starts: number, count: number, out: number): void;
  eliminate(rows: number, starts: number, values: number, from: number, to: number, pivots: number): number;
  substitute(
    rows: number,
    starts: number,
    values: number,
    pivots: number,
    out: number,
    ring: number,
    random: number,
  ): void;
  decode(
    rows: number,
    starts: number,
    count: number,
    columns: number,
    out: number,
    ring: number,
    built: number,
  ): number;
}

/** Items of a band store, sorted by where their bands begin. */
export interface ArrangedBand extends Arranged {
  /** Address of the bands' first columns, u32. */
  readonly starts: number;
  readonly key: Uint8Array;
}

export class BandStore implements Store<ArrangedBand> {
  readonly parameters: BandParameters;
  readonly #memory: WorkingMemory;
  readonly #kernel: Kernel;

  /** @param size the number of items that will be encoded, or sizes of the caller's own. */
  constructor(memory: WorkingMemory, size: number | BandParameters) {
    this.parameters = typeof size === 'number' ? bandParameters(size) : size;
    this.#memory = memory;
    this.#kernel = memory.kernel<Kernel>('band');
  }

  get columns(): number {
    return this.parameters.columns;
  }

  arrange(items: number, count: number, key: Uint8Array): ArrangedBand {
    const { columns, width } = this.parameters;
    const aes = new Aes(this.#memory, key);
    const sorted = sortByHash(this.#memory, aes, items, count, columns - width + 1);
    return { ...sorted, starts: sorted.keys, key: Uint8Array.from(key) };
  }

  encode(arranged: ArrangedBand, values: number, out: number, free: FreeColumns): Encoding {
    const { count, starts } = arranged;
    const memory = this.#memory;
    const kernel = this.#kernel;
    const mark = memory.mark();
    try {
      this.#configure();
      const rowBytes = kernel.rowBytes();
      const rows = memory.allocate(count * rowBytes);
      const sums = memory.allocate(count * 16);
      memory.bytes(sums, count * 16).set(memory.bytes(values, count * 16));
      const pivots = memory.allocate(this.columns * 4);
      memory.bytes(pivots, this.columns * 4).fill(0);
      const ring = memory.allocate(kernel.ringBytes());
      const bits = this.#rowMaker(arranged);
      let independent = true;
      forChunks(count, (first, size) => {
        if (!independent) return;
        bits(first, size, rows + first * rowBytes);
        independent = kernel.eliminate(rows, starts, sums, first, first + size, pivots) !== 0;
      });
      if (!independent) return { ok: false, reason: 'dependent rows' };
      kernel.substitute(rows, starts, sums, pivots, out, ring, Number(free === 'random'));
      return { ok: true, gap: 0 };
    } finally {
      memory.release(mark);
    }
  }

  decode(arranged: ArrangedBand, columns: number, out: number): void {
    this.decoding(arranged, columns, out).advance(this.columns);
  }

  decoding(arranged: ArrangedBand, columns: number, out: number): Decoding {
    const { count, starts } = arranged;
    const memory = this.#memory;
    const kernel = this.#kernel;
    this.#configure();
    // Kept from call to call: the caller must not release it before the last one.
    const ring = memory.allocate(kernel.ringBytes());
    const reach = (kernel.rowBytes() / 8) * 64;
    const first = memory.words(starts, count);
    let done = 0;
    let built = 0;
    return {
      advance: (ready) => {
        let end = done;
        if (ready >= this.columns) end = count;
        else while (end < count && (first.at(end) ?? 0) + reach <= ready) end++;
        if (end === done) return done;
        const mark = memory.mark();
        this.#configure();
        const rowBytes = kernel.rowBytes();
        const rows = memory.allocate(CHUNK * rowBytes);
        const bits = this.#rowMaker(arranged);
        forChunks(end - done, (skipped, size) => {
          const at = done + skipped;
          bits(at, size, rows);
          built = kernel.decode(rows, starts + at * 4, size, columns, out + at * 16, ring, built);
        });
        done = end;
        memory.release(mark);
        return done;
      },
    };
  }

  /**
   * Makes the rows of `size` arranged items from item `first` on: block k of the bits is AES(z) ⊕ z for
   * z = x ⊕ k + 1, where k + 1 is in the first byte (x itself made the place where the band begins).
   */
  #rowMaker({ items, starts, key }: ArrangedBand): (first: number, size: number, out: number) => void {
    const memory = this.#memory;
    const aes = new Aes(memory, key);
    const blocks = Math.ceil(this.parameters.width / 128);
    const bits = memory.allocate(blocks * CHUNK * 16);
    const constant = memory.allocate(16);
    return (first, size, out) => {
      for (let k = 0; k < blocks; k++) {
        const to = bits + k * CHUNK * 16;
        memory.bytes(constant, 16).fill(0)[0] = k + 1;
        xorConstant(memory, items + first * 16, constant, to, size);
        aes.mmo(to, to, size);
      }
      this.#kernel.rows(bits, CHUNK * 16, starts + first * 4, size, out);
    };
  }

  /** The kernel is shared with stores of other sizes. */
  #configure(): void {
    this.#kernel.configure(this.parameters.columns, this.parameters.width);
  }
}
