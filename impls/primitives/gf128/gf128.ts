/**
 * Arithmetic in F = GF(2^128) = GF(2)[X] / (X^128 + X^7 + X^2 + X + 1) over arrays in a {@link WorkingMemory}.
 * An element is 16 bytes, little-endian: bit i of the 128-bit number is the coefficient of X^i. Addition is
 * exclusive or (`xorBlocks` of `aes`).
 *
 * The look-ups depend on the data multiplied: who can watch this process's cache can learn of it.
 */
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** Bytes of an element. */
export const ELEMENT_BYTES = 16;

interface Kernel {
  prepare(factor: number, tables: number): void;
  multiplyAdd(tables: number, x: number, add: number, to: number, count: number): void;
  pack(rows: number, to: number, count: number): void;
}

/** One factor, with the 64 KiB of tables (byte times factor) that make multiplying by it cheap. */
export class FixedFactor {
  readonly #kernel: Kernel;
  readonly #tables: number;

  /** Takes 64 KiB of `memory`. @param factor the address of the factor, not needed afterwards. */
  constructor(memory: WorkingMemory, factor: number) {
    this.#kernel = memory.kernel<Kernel>('gf128');
    this.#tables = memory.allocate(0x10000);
    this.#kernel.prepare(factor, this.#tables);
  }

  /** to[i] = add[i] + x[i]·factor for `count` elements; `to` may be `x` or `add`. */
  multiplyAdd(x: number, add: number, to: number, count: number): void {
    this.#kernel.multiplyAdd(this.#tables, x, add, to, count);
  }
}

/**
 * Packs 128 elements into one: to[i] = Σ X^b·rows[128·i + b] over b from 0 to 127, for `count` i. When bit b
 * of y decides over element b (0 or Δ), the sum of the choices is y·Δ.
 */
export function packRows(memory: WorkingMemory, rows: number, to: number, count: number): void {
  memory.kernel<Kernel>('gf128').pack(rows, to, count);
}
