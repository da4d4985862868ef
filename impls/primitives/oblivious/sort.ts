/**
 * Puts digests in order, before they go to a join of sorted lists. Done by their owner: its memory
 * accesses depend on the digests, which the owner knows anyway.
 */
import { kernelModule } from '../kernels/load.ts';
import { KeptKernel } from './kept-kernel.ts';
import { DIGEST_BYTES } from './oblivious.ts';

/** Digests in ascending order, and where each came from: `sorted[k]` was number `order[k]`. */
export interface SortedDigests {
  readonly sorted: Uint8Array;
  readonly order: Uint32Array;
}

interface SortKernel {
  readonly memory: WebAssembly.Memory;
  readonly STAGING: WebAssembly.Global<'i32'>;
  readonly STAGED: WebAssembly.Global<'i32'>;
  layout(count: number, bits: number): number;
  clear(): void;
  tally(count: number): void;
  tallied(): void;
  place(count: number, first: number): void;
  finish(): number;
  numbers(): number;
}

/**
 * Sorts digests of 16 bytes, ascending in the order of {@link compareDigests}; equal ones keep theirs.
 * They should be evenly spread, as digests are: it distributes them by their leading bits and sorts the
 * few of each bucket, so many with the same leading bits take quadratic time.
 * @throws Error when the length is no multiple of 16.
 */
export function sortDigests(digests: Uint8Array): SortedDigests {
  const count = digests.length / DIGEST_BYTES;
  if (!Number.isInteger(count)) {
    throw new Error(`"digests" expected digests of ${DIGEST_BYTES} bytes, got ${digests.length} bytes`);
  }
  return keptKernel.use((kernel) => sortWith(kernel, digests, count));
}

const keptKernel = new KeptKernel<SortKernel>(() => kernelModule('sort-digests'));

function sortWith(kernel: SortKernel, digests: Uint8Array, count: number): SortedDigests {
  // About four to a bucket.
  const bits = Math.max(1, 32 - Math.clz32(count >>> 3));
  const end = kernel.layout(count, bits) >>> 0;
  kernel.memory.grow(Math.max(0, Math.ceil((end - kernel.memory.buffer.byteLength) / 2 ** 16)));
  kernel.clear();

  const { buffer } = kernel.memory;
  const staging = new Uint8Array(buffer, kernel.STAGING.value, kernel.STAGED.value * DIGEST_BYTES);
  const eachPiece = (work: (count: number, first: number) => void) => {
    for (let at = 0; at < digests.length; at += staging.length) {
      const piece = digests.subarray(at, at + staging.length);
      staging.set(piece);
      work(piece.length / DIGEST_BYTES, at / DIGEST_BYTES);
    }
  };
  eachPiece((pieces) => kernel.tally(pieces));
  kernel.tallied();
  eachPiece((pieces, first) => kernel.place(pieces, first));
  const sorted = new Uint8Array(buffer, kernel.finish() >>> 0, digests.length).slice();
  return { sorted, order: new Uint32Array(buffer, kernel.numbers() >>> 0, count).slice() };
}

/** The order of digests: as two little-endian signed 64-bit integers, the first one first. */
export function compareDigests(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [view(a), view(b)];
  for (const at of [0, 8]) {
    const [p, q] = [x.getBigInt64(at, true), y.getBigInt64(at, true)];
    if (p !== q) return p < q ? -1 : 1;
  }
  return 0;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
