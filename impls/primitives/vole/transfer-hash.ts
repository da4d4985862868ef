/**
 * H(q, i) = AES_k(sigma(q) + i) + sigma(q): the hash that covers what a correlated transfer carries. Circular
 * correlation-robust with AES as an ideal cipher, thanks to sigma (Guo, Katz, Wang, Yu 2020, ePrint 2019/074).
 */
import { Aes } from '../aes/aes.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** The kernel of this folder. */
export interface VoleKernel {
  hashInput(rows: number, offset: number, to: number, count: number, first: number): void;
  addNumbers(at: number, count: number, first: number): void;
  cover(sums: number, zero: number, one: number, to: number, count: number): void;
  uncover(covered: number, hashes: number, choices: number, to: number, count: number): void;
  addPairs(pairs: number, add: number, to: number, count: number): void;
  plant(values: number, places: number, to: number, size: number, count: number): void;
}

/** The hash under one public key. */
export class TransferHash {
  readonly #kernel: VoleKernel;
  readonly #aes: Aes;

  /** Takes 128 KiB of `memory`. */
  constructor(memory: WorkingMemory, key: Uint8Array) {
    this.#kernel = memory.kernel<VoleKernel>('vole');
    this.#aes = new Aes(memory, key);
  }

  /** Hashes the `count` rows at `rows`, numbered from 0, each with the block at `offset` added, to `to`. */
  hash(rows: number, offset: number, to: number, count: number): void {
    this.#kernel.hashInput(rows, offset, to, count, 0);
    this.#aes.mmo(to, to, count);
    this.#kernel.addNumbers(to, count, 0);
  }
}
