/**
 * One WebAssembly memory that several kernels compute in, so that what one leaves need not be copied for
 * the next. It is shared: growing it detaches no view, and worker threads can compute in it too.
 *
 * Kernels that live here import it (`env.memory`), keep no static data of their own and take every buffer,
 * table and scratch area as an address. Addresses are JavaScript numbers from 0 to 2^32.
 */
import { kernelModule } from '../kernels/load.ts';

const PAGE = 0x10000;
/** 4 GiB: all that 32-bit addresses reach. Must be what the kernels' `asconfig.json` say. */
const MAX_PAGES = 0x10000;

/** Nothing is allocated below: address 0 stays an obvious mistake. */
const FIRST = 64;

/** Views on a working memory. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/**
 * As large a memory as there is address space for: where the system refuses it (`ulimit -v`), V8 gives one
 * that cannot grow at all, in silence. The smallest that is tried is 256 MiB.
 */
function newMemory(): WebAssembly.Memory {
  for (let maximum = MAX_PAGES; ; maximum /= 2) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    try {
      memory.grow(1);
      return memory;
    } catch (error) {
      if (maximum <= 0x1000) throw new RangeError('out of memory: the system gives none', { cause: error });
    }
  }
}

/** A memory with a stack of allocations and the kernels that compute in it. */
export class WorkingMemory {
  readonly memory: WebAssembly.Memory;
  readonly #kernels = new Map<string, unknown>();
  readonly #first: number;
  readonly #end: number;
  #top: number;

  /**
   * @param memory that of another thread; without it a new one.
   * @param region the part of it that may be allocated from here, when others allocate elsewhere in it.
   */
  constructor(memory?: WebAssembly.Memory, region?: { readonly start: number; readonly end: number }) {
    this.memory = memory ?? newMemory();
    this.#first = region?.start ?? FIRST;
    this.#end = region?.end ?? MAX_PAGES * PAGE;
    this.#top = this.#first;
  }

  /** How many bytes are in use. */
  get used(): number {
    return this.#top;
  }

  /**
   * The address of `bytes` fresh bytes, whose contents are arbitrary, at a multiple of `align` (a power of two).
   * @throws RangeError when the memory would need more than 4 GiB.
   */
  allocate(bytes: number, align = 64): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new RangeError(`"bytes" must be a whole number of bytes, got ${bytes}`);
    }
    const address = Math.ceil(this.#top / align) * align;
    const end = address + bytes;
    if (end > this.#end) {
      throw new RangeError(
        `${bytes} bytes more are more than a working memory can have (here up to ${this.#end})`,
      );
    }
    const pages = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) {
      try {
        this.memory.grow(pages);
      } catch (cause) {
        throw new RangeError(
          `out of memory: ${bytes} bytes more are more than a working memory can have: the system gives no more (see ulimit -v)`,
          { cause },
        );
      }
    }
    this.#top = end;
    return address;
  }

  /** Where the stack of allocations ends now, for {@link release}. */
  mark(): number {
    return this.#top;
  }

  /**
   * Frees all that was allocated since `mark` was taken. Contents stay until they are overwritten.
   * @throws RangeError when `mark` is none of this stack's.
   */
  release(mark: number): void {
    if (!(mark >= this.#first && mark <= this.#top))
      throw new RangeError(`${mark} is no mark below ${this.#top}`);
    this.#top = mark;
  }

  /** The `length` bytes at `address`. */
  bytes(address: number, length: number): SharedBytes {
    return new Uint8Array(this.#buffer, address, length);
  }

  /** The `count` 32-bit words at `address`, a multiple of 4. */
  words(address: number, count: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.#buffer, address, count);
  }

  /** The exports of the kernel `name`, which computes in this memory. Instantiated once. */
  kernel<Exports extends object>(name: string): Exports {
    let exports = this.#kernels.get(name) as Exports | undefined;
    if (!exports) {
      const instance = new WebAssembly.Instance(kernelModule(name), { env: { memory: this.memory } });
      exports = instance.exports as unknown as Exports;
      this.#kernels.set(name, exports);
    }
    return exports;
  }

  get #buffer(): SharedArrayBuffer {
    return this.memory.buffer as unknown as SharedArrayBuffer;
  }
}
