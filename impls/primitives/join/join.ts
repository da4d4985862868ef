/**
 * Joins digests of equal width: which of the receiver's are among the sender's. The work is done by the
 * WebAssembly kernel of `assembly/`; its time is linear in expectation for every input, chosen by an
 * adversary or not, because the hash it sorts by has a secret random key.
 */
import { randomFillSync } from 'node:crypto';
import { kernelModule } from '../kernels/load.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly STAGE_BYTES: WebAssembly.Global<'i32'>;
  readonly stage: WebAssembly.Global<'i32'>;
  readonly key: WebAssembly.Global<'i32'>;
  readonly hits: WebAssembly.Global<'i32'>;
  layout(n: number, width: number, partitionBits: number, bucketBits: number, batch: number): number;
  count(n: number): void;
  counted(): void;
  place(n: number, first: number): void;
  link(): void;
  add(n: number): void;
  finish(): void;
}

/** Entries of a partition, as a power of two: with its chains it takes a quarter of a second-level cache. */
const PARTITION_BITS = 12;
/** More partitions than this cost more in scattered writes than they save. */
const MAX_PARTITION_BITS = 11;
/** The fewest digests of the sender that are looked up at once. */
const MIN_BATCH = 1 << 14;

/**
 * A join under way: built from the receiver's digests, fed with the sender's as they arrive.
 *
 * Memory: 24 bytes for every digest of the receiver (32 and 40 from widths 17 and 25), 8 to 16 for its
 * buckets, and a buffer for a quarter as many digests of the sender; nothing grows with the sender's set.
 */
export class Join {
  /** How many digests the receiver has. */
  readonly count: number;
  readonly #width: number;
  readonly #kernel: Kernel;
  readonly #stage: Uint8Array;
  /** How many digests fit into the stage. */
  readonly #step: number;

  /**
   * @param receiver the receiver's digests, one behind the other; equal ones are allowed.
   * @param width bytes of each digest, 1 to 32.
   * @throws RangeError when `width` is out of range, `receiver` is no whole number of digests, or the
   *   table would not fit into the 4 GiB that WebAssembly can address (about 10^8 digests).
   */
  constructor(receiver: Uint8Array, width: number) {
    if (!Number.isInteger(width) || width < 1 || width > 32) {
      throw new RangeError(`"width" must be 1 to 32 bytes, got ${width}`);
    }
    this.#width = width;
    this.count = wholeDigests('receiver', receiver, width);
    this.#kernel = new WebAssembly.Instance(kernelModule('join')).exports as unknown as Kernel;

    // Twice as many buckets as digests, at least: most chains have one entry or none.
    const bits = Math.ceil(Math.log2(Math.max(this.count, 1))) + 1;
    const partitionBits = Math.min(Math.max(bits - 1 - PARTITION_BITS, 0), MAX_PARTITION_BITS);
    const batch = Math.max(MIN_BATCH, this.count >>> 2);
    if (!this.#kernel.layout(this.count, width, partitionBits, bits - partitionBits, batch)) {
      throw new RangeError(
        `${this.count} digests of ${width} bytes are too many to join: no memory for them (WebAssembly has 4 GiB)`,
      );
    }
    const { buffer } = this.#kernel.memory;
    randomFillSync(new Uint8Array(buffer, this.#kernel.key.value, 9 * 8));
    this.#stage = new Uint8Array(buffer, this.#kernel.stage.value, this.#kernel.STAGE_BYTES.value);
    this.#step = Math.floor(this.#stage.length / width);

    this.#pieces(receiver, (n) => this.#kernel.count(n));
    this.#kernel.counted();
    this.#pieces(receiver, (n, first) => this.#kernel.place(n, first));
    this.#kernel.link();
  }

  /**
   * Takes more of the sender's digests, in any order, repeated ones as well.
   * @throws RangeError when `sender` is no whole number of digests.
   */
  add(sender: Uint8Array): void {
    wholeDigests('sender', sender, this.#width);
    if (this.count > 0) this.#pieces(sender, (n) => this.#kernel.add(n));
  }

  /** The indices of the receiver's digests that were among the sender's up to now, strictly ascending. */
  result(): Uint32Array<ArrayBuffer> {
    this.#kernel.finish();
    const words = new Uint32Array(
      this.#kernel.memory.buffer,
      this.#kernel.hits.value,
      (this.count >>> 5) + 1,
    );
    // The last bit is that of an empty bucket.
    words[this.count >>> 5]! &= ~(-1 << (this.count & 31));
    return setBits(words);
  }

  #pieces(digests: Uint8Array, work: (n: number, first: number) => void): void {
    const width = this.#width;
    const count = digests.length / width;
    for (let first = 0; first < count; first += this.#step) {
      const end = Math.min(count, first + this.#step);
      this.#stage.set(digests.subarray(first * width, end * width));
      work(end - first, first);
    }
  }
}

/**
 * The indices of the receiver's digests that are among the sender's, strictly ascending.
 * @throws RangeError as {@link Join} does.
 */
export function join(receiver: Uint8Array, sender: Uint8Array, width: number): Uint32Array<ArrayBuffer> {
  const table = new Join(receiver, width);
  table.add(sender);
  return table.result();
}

function wholeDigests(name: string, digests: Uint8Array, width: number): number {
  const count = digests.length / width;
  if (!Number.isInteger(count)) {
    throw new RangeError(`"${name}" must be whole digests of ${width} bytes, got ${digests.length} bytes`);
  }
  return count;
}

/** Positions of the bits that are set, least significant first. */
function setBits(words: Uint32Array): Uint32Array<ArrayBuffer> {
  let count = 0;
  for (const word of words) {
    let pairs = word - ((word >>> 1) & 0x55555555);
    pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    count += (((pairs + (pairs >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  const positions = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    for (let word = words[i]!; word !== 0; word &= word - 1) {
      positions[at++] = i * 32 + 31 - Math.clz32(word & -word);
    }
  }
  return positions;
}
