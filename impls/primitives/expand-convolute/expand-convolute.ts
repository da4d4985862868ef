/**
 * ExConv7x24 over F = GF(2^128): an expand-convolute code (Raghuraman, Rindal, Tanguy 2023, ePrint 2023/882),
 * systematic, in its dual form. With m rows, a vector (z', z'') of 2m elements becomes m outputs:
 *
 * 1. z'' is accumulated twice. Each time, for i = 0, 1, …, m − 1 in order and with coefficients of its own:
 *    z''[i] += X·z''[i − 25] + Σ c[i][k]·z''[i − 24 + k] over k from 0 to 23, c[i][k] being bits (what is before
 *    the beginning counts as 0; nothing wraps round the end).
 * 2. out[i] = z'[i] + z''[p0] + z''[p2] + z''[p4] + z''[p6] + X·(z''[p1] + z''[p3] + z''[p5]), where p0 … p3 are
 *    uniform in the four quarters of z'' and p4 … p6 in all of it.
 *
 * The factors X are what makes the code one over F. With coefficients from GF(2) alone the 128 bits of a
 * noise value would be 128 syndromes of one error support, which linear algebra decodes in a second: `README.md`.
 *
 * All coefficients come from one public seed, as the assumption (dual LPN for this code) allows.
 */
import { createHash } from 'node:crypto';
import { CounterStream, counterBlock } from '../aes/aes.ts';
import { ELEMENT_BYTES } from '../gf128/gf128.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import type { LinearCode } from './linear-code.ts';

interface Kernel {
  readonly RINGS_BYTES: WebAssembly.Global<'i32'>;
  accumulate(x: number, coefficients: number, rings: number, first: number, last: number): void;
  expand(
    z: number,
    n: number,
    quarters: number,
    stride: number,
    anywhere: number,
    out: number,
    count: number,
  ): void;
  expandQuarter(
    z: number,
    n: number,
    part: number,
    quarters: number,
    anywhere: number,
    zero: number,
    out: number,
    count: number,
  ): void;
}

/** The seed says what it is for, and nothing else. */
const SEED = 'psi-bench ExConv7x24 over GF(2^128)';

/** Elements whose coefficients are drawn at a time: 8 bytes each, 128 KiB. */
const ACCUMULATE_PIECE = 16_384;
/** Outputs whose places are drawn at a time: 28 bytes each, 448 KiB. */
export const EXPAND_PIECE = 16_384;
/** Rows from which z'' is read quarter by quarter: above, all of it does not stay in a third-level cache that others use too. */
const QUARTERS_FROM = 524_288;

/** The code for m rows. */
export class ExpandConvolute implements LinearCode {
  readonly inputs: number;
  readonly outputs: number;
  readonly bytes: number;
  readonly #memory: WorkingMemory;
  readonly #kernel: Kernel;
  readonly #words: number;
  readonly #rings: number;

  readonly #zero: number;
  readonly #inQuarters: boolean;

  /**
   * Takes 452 KiB of `memory`.
   * @param rows m, at least 4. @param inQuarters whether z'' is read quarter by quarter: that changes time, never results.
   */
  constructor(memory: WorkingMemory, rows: number, inQuarters = rows >= QUARTERS_FROM) {
    if (!(Number.isInteger(rows) && rows >= 4 && rows < 2 ** 28)) {
      throw new RangeError(`"rows" must be 4 to 2^28, got ${rows}`);
    }
    this.inputs = 2 * rows;
    this.outputs = rows;
    // The accumulator works on whole groups of four.
    this.bytes = (rows + Math.ceil(rows / 4) * 4) * ELEMENT_BYTES;
    this.#memory = memory;
    this.#kernel = memory.kernel<Kernel>('expand-convolute');
    this.#words = memory.allocate(Math.max(ACCUMULATE_PIECE * 8, EXPAND_PIECE * 28));
    this.#inQuarters = inQuarters;
    this.#zero = memory.allocate(ELEMENT_BYTES);
    this.#rings = memory.allocate(this.#kernel.RINGS_BYTES.value);
  }

  encode(vector: number, count: number): void {
    this.accumulate(vector);
    this.expand(vector, 0, count);
  }

  /** The first half of {@link encode}: accumulates. */
  accumulate(vector: number): void {
    this.#accumulate(vector + this.outputs * ELEMENT_BYTES);
  }

  /**
   * The second half of {@link encode} for outputs `first` to `last`, independent of all others. `first` must be a multiple
   * of {@link EXPAND_PIECE}.
   */
  expand(vector: number, first: number, last: number): void {
    if (!(first >= 0 && first <= last && last <= this.outputs)) {
      throw new RangeError(`"count" must be at most ${this.outputs}, got ${last}`);
    }
    if (first % EXPAND_PIECE !== 0) throw new RangeError(`"first" must be whole pieces, got ${first}`);
    this.#expand(vector + this.outputs * ELEMENT_BYTES, vector, first, last);
  }

  #accumulate(z: number): void {
    this.#memory.bytes(this.#rings, this.#kernel.RINGS_BYTES.value).fill(0);
    const stream = new CounterStream(this.#memory, codeKey('accumulate'));
    for (let from = 0; from < this.outputs; from += ACCUMULATE_PIECE) {
      const to = Math.min(this.outputs, from + ACCUMULATE_PIECE);
      const groups = Math.ceil(to / 4);
      stream.next(this.#words, (groups * 4 - from) * 8);
      this.#kernel.accumulate(z, this.#words, this.#rings, from / 4, groups);
    }
  }

  #expand(z: number, out: number, first: number, last: number): void {
    if (this.#inQuarters) {
      this.#memory.bytes(this.#zero, ELEMENT_BYTES).fill(0);
      QUARTERS.forEach((name, part) => {
        this.#pieces(first, last, [name], (from, size, anywhere) => {
          const at = out + from * ELEMENT_BYTES;
          this.#kernel.expandQuarter(z, this.outputs, part, this.#words, anywhere, this.#zero, at, size);
        });
      });
    } else {
      this.#pieces(first, last, QUARTERS, (from, size, anywhere) => {
        const at = out + from * ELEMENT_BYTES;
        this.#kernel.expand(z, this.outputs, this.#words, size * 4, anywhere, at, size);
      });
    }
  }

  /** Calls `work` for pieces of outputs `first` to `last`, with the words of the named streams one behind the other. */
  #pieces(
    first: number,
    last: number,
    quarters: readonly StreamName[],
    work: (from: number, size: number, anywhere: number) => void,
  ): void {
    const streams = quarters.map(
      (name) => new CounterStream(this.#memory, codeKey(name), counterBlock((first * 4) / 16)),
    );
    const anywhere = new CounterStream(this.#memory, codeKey('anywhere'), counterBlock((first * 12) / 16));
    for (let from = first; from < last; from += EXPAND_PIECE) {
      const size = Math.min(EXPAND_PIECE, last - from);
      streams.forEach((stream, k) => {
        stream.next(this.#words + k * size * 4, size * 4);
      });
      const rest = this.#words + streams.length * size * 4;
      anywhere.next(rest, size * 12);
      work(from, size, rest);
    }
  }
}

const QUARTERS = ['quarter 0', 'quarter 1', 'quarter 2', 'quarter 3'] as const;
type StreamName = 'accumulate' | (typeof QUARTERS)[number] | 'anywhere';

/** The key of one of the code's streams: SHA-256 of the seed and the stream's name, 16 bytes of it. */
export function codeKey(name: StreamName): Uint8Array {
  return createHash('sha256').update(`${SEED}: ${name}`).digest().subarray(0, 16);
}
