/**
 * The generator of OT extension: for each base transfer a column of pseudorandom bits, AES-128 in counter mode
 * (NIST SP 800-38A) under the transfer's key. The run's number is the first half of the counter block, so that no
 * two runs see the same bits, and the counter goes on through a run.
 */
import { type Cipheriv, createCipheriv } from 'node:crypto';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { KEY_BYTES } from './base.ts';

let zeros = new Uint8Array(0);

/** `bytes` zeros. They are only read. */
function zerosOf(bytes: number): Uint8Array {
  if (zeros.length < bytes) zeros = new Uint8Array(bytes);
  return zeros.subarray(0, bytes);
}

/** The first counter block of run `run`. */
export function runNonce(run: number): Uint8Array {
  const nonce = new Uint8Array(16);
  new DataView(nonce.buffer).setBigUint64(0, BigInt(run));
  return nonce;
}

/** One generator per key, all at the same place of their streams. */
export class Columns {
  readonly #memory: WorkingMemory;
  readonly #ciphers: readonly Cipheriv[];

  /** @param keys 16 bytes for each column. @param run see {@link RunNumbers}. */
  constructor(memory: WorkingMemory, keys: Uint8Array, run: number) {
    this.#memory = memory;
    const nonce = runNonce(run);
    this.#ciphers = Array.from({ length: keys.length / KEY_BYTES }, (_, j) =>
      createCipheriv('aes-128-ctr', keys.subarray(j * KEY_BYTES, (j + 1) * KEY_BYTES), nonce),
    );
  }

  /**
   * Writes the next `bytes` bytes of each column j to `to + j·stride`. Whole blocks of 16 bytes, so that the
   * next call begins with a fresh one at both parties.
   */
  write(to: number, stride: number, bytes: number): void {
    const input = zerosOf(bytes);
    this.#ciphers.forEach((cipher, j) => {
      this.#memory.bytes(to + j * stride, bytes).set(cipher.update(input));
    });
  }

  /** Writes to `to + j·stride` the sum (XOR) of `from + j·stride` and the next `bytes` bytes of each column j. */
  add(from: number, to: number, stride: number, bytes: number): void {
    this.#ciphers.forEach((cipher, j) => {
      const sum = cipher.update(this.#memory.bytes(from + j * stride, bytes));
      this.#memory.bytes(to + j * stride, bytes).set(sum);
    });
  }
}

/** Sees to it that no run's number comes twice: a repeated one would repeat the columns, and reveal choices. */
export class RunNumbers {
  #next = 0;

  /** The least number that has not been used and is not below one that has. */
  get next(): number {
    return this.#next;
  }

  /** Takes `run` and everything below. @throws Error when it was taken. */
  take(run: number): void {
    if (!Number.isSafeInteger(run) || run < 0) {
      throw new RangeError(`"run" must be a whole number from 0 on, got ${run}`);
    }
    if (run < this.#next) {
      throw new Error(
        `run ${run} of these base transfers has been made already, the next one is ${this.#next}`,
      );
    }
    this.#next = run + 1;
  }
}
