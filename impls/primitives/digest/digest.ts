/**
 * SHA-256 (FIPS 180-4) of many items at once, truncated to a number of bytes: the WebAssembly kernel of
 * `assembly/`, fed piece by piece, so that it needs 1.5 MiB however large the set is.
 *
 * The kernel's branches and memory accesses depend on lengths alone, never on the bytes of items or
 * prefix. (An engine for WebAssembly promises nothing about time, though.)
 */
import { createHash } from 'node:crypto';
import type { ItemSet } from '../../../bench/contract.ts';
import { kernelModule } from '../kernels/load.ts';

export interface DigestOptions {
  /** Bytes of each digest, 1 to 32: the first bytes of SHA-256. Default 16. */
  readonly width?: number;
  /**
   * Bytes put before every item: a salt, a separation of domains. At most 64 KiB, default none. Whole
   * blocks of 64 bytes are hashed once for all items, so a prefix of 64 bytes costs nothing per item.
   */
  readonly prefix?: Uint8Array;
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly input: WebAssembly.Global<'i32'>;
  readonly offsets: WebAssembly.Global<'i32'>;
  readonly output: WebAssembly.Global<'i32'>;
  readonly INPUT_BYTES: WebAssembly.Global<'i32'>;
  readonly MAX_ITEMS: WebAssembly.Global<'i32'>;
  setPrefix(length: number): void;
  digestItems(count: number, width: number): void;
  digestRecords(count: number, recordBytes: number, width: number): void;
}

interface Machine {
  readonly kernel: Kernel;
  readonly input: Uint8Array;
  readonly offsets: Uint32Array;
  readonly output: Uint8Array;
  readonly maxItems: number;
  /** Whose prefix the kernel holds. */
  user: Digester | undefined;
}

/** One instance serves the whole thread: every call runs to its end before the next one begins. */
let machine: Machine | undefined;

function load(): Machine {
  if (machine) return machine;
  const kernel = new WebAssembly.Instance(kernelModule('digest')).exports as unknown as Kernel;
  const { buffer } = kernel.memory;
  const maxItems = kernel.MAX_ITEMS.value;
  machine = {
    kernel,
    input: new Uint8Array(buffer, kernel.input.value, kernel.INPUT_BYTES.value),
    offsets: new Uint32Array(buffer, kernel.offsets.value, maxItems + 1),
    output: new Uint8Array(buffer, kernel.output.value, maxItems * 32),
    maxItems,
    user: undefined,
  };
  return machine;
}

const MAX_PREFIX = 0x10000;

/** Digests items to a fixed width with a fixed prefix: SHA-256(prefix || item), its first `width` bytes. */
export class Digester {
  /** Bytes of each digest. */
  readonly width: number;
  readonly #prefix: Uint8Array;

  /** @throws RangeError when `width` is not 1 to 32, or the prefix is longer than 64 KiB. */
  constructor({ width = 16, prefix = new Uint8Array(0) }: DigestOptions = {}) {
    if (!Number.isInteger(width) || width < 1 || width > 32) {
      throw new RangeError(`"width" must be 1 to 32 bytes, got ${width}`);
    }
    if (prefix.length > MAX_PREFIX) {
      throw new RangeError(`"prefix" must have at most ${MAX_PREFIX} bytes, got ${prefix.length}`);
    }
    this.width = width;
    // Not slice(), which of a Buffer is a view.
    this.#prefix = new Uint8Array(prefix);
  }

  /** Digests of all items: `count * width` bytes, in the order of the items. */
  items(items: ItemSet): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(items.count * this.width);
    this.range(items, 0, items.count, out);
    return out;
  }

  /**
   * Digests items `from` to `to` (exclusive) into the first `(to - from) * width` bytes of `out`.
   * @throws RangeError when the range is not within the set or `out` is too short.
   */
  range(items: ItemSet, from: number, to: number, out: Uint8Array): void {
    if (!(from >= 0 && from <= to && to <= items.count)) {
      throw new RangeError(`items ${from} to ${to} are not within a set of ${items.count}`);
    }
    this.#fits(to - from, out);
    const { kernel, input, offsets, output, maxItems } = this.#machine();
    const { width } = this;
    for (let start = from; start < to; ) {
      const end = pieceEnd(items.offsets, start, Math.min(to, start + maxItems), input.length);
      if (end === start) {
        out.set(
          this.#single(items.data.subarray(items.offsets[start], items.offsets[start + 1])),
          (start - from) * width,
        );
        start++;
        continue;
      }
      input.set(items.data.subarray(items.offsets[start], items.offsets[end]));
      offsets.set(items.offsets.subarray(start, end + 1));
      kernel.digestItems(end - start, width);
      out.set(output.subarray(0, (end - start) * width), (start - from) * width);
      start = end;
    }
  }

  /**
   * Digests records of equal length that lie one behind the other, e.g. encoded points.
   * @returns `data.length / recordBytes * width` bytes, written to `out` when it is given.
   * @throws RangeError when `data` is no whole number of records or `out` is too short.
   */
  records(data: Uint8Array, recordBytes: number, out?: Uint8Array): Uint8Array {
    const { width } = this;
    if (!Number.isInteger(recordBytes) || recordBytes < 1 || data.length % recordBytes !== 0) {
      throw new RangeError(`"data" must be whole records of ${recordBytes} bytes, got ${data.length} bytes`);
    }
    const count = data.length / recordBytes;
    const digests = out ?? new Uint8Array(count * width);
    this.#fits(count, digests);
    const { kernel, input, output, maxItems } = this.#machine();
    const step = Math.min(maxItems, Math.floor(input.length / recordBytes));
    for (let start = 0; start < count; start += Math.max(step, 1)) {
      const end = Math.min(count, start + Math.max(step, 1));
      const piece = data.subarray(start * recordBytes, end * recordBytes);
      if (step === 0) {
        digests.set(this.#single(piece), start * width);
        continue;
      }
      input.set(piece);
      kernel.digestRecords(end - start, recordBytes, width);
      digests.set(output.subarray(0, (end - start) * width), start * width);
    }
    return digests;
  }

  #fits(count: number, out: Uint8Array): void {
    if (out.length < count * this.width) {
      throw new RangeError(
        `"out" must hold ${count} digests of ${this.width} bytes, got ${out.length} bytes`,
      );
    }
  }

  #machine(): Machine {
    const loaded = load();
    if (loaded.user !== this) {
      loaded.input.set(this.#prefix);
      loaded.kernel.setPrefix(this.#prefix.length);
      loaded.user = this;
    }
    return loaded;
  }

  /** An item that is longer than a piece: too rare, and hashed at too little cost per byte, to stream it in. */
  #single(item: Uint8Array): Uint8Array {
    return createHash('sha256').update(this.#prefix).update(item).digest().subarray(0, this.width);
  }
}

/** The largest `end` ≤ `limit` such that items `start` to `end` have at most `capacity` bytes together. */
function pieceEnd(offsets: Uint32Array, start: number, limit: number, capacity: number): number {
  const last = offsets[start]! + capacity;
  if (offsets[limit]! <= last) return limit;
  let low = start;
  let high = limit;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= last) low = middle;
    else high = middle;
  }
  return low;
}
