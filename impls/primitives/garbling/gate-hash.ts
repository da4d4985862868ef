/**
 * The hash of garbled gates, re-keyed: gates 4,096·c to 4,096·c + 4,095 are hashed with the key AES_seed(c). With one
 * fixed key for all, an attacker would gain a factor of the number of gates (Guo, Katz, Wang, Weng, Yu, CRYPTO
 * 2020); here it is 2^12 for the gates of a key and 4 for the hashes of a gate, so that 114 of 128 bits are left.
 * A key's blocks are about what OpenSSL likes best at a time, so a new key costs next to nothing.
 */
import { Aes, aesScratch } from '../aes/aes.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';

export const GATES_PER_KEY = 4096;
export const SEED_BYTES = 16;

export class GateHash {
  readonly #memory: WorkingMemory;
  readonly #scratch: number;
  readonly #seed: Aes;
  readonly #block: number;
  #chunk = -1;
  #aes: Aes | undefined;

  /** @param seed 16 bytes, fresh for every circuit: with the gate's number it makes every hash one of its own. */
  constructor(memory: WorkingMemory, seed: Uint8Array) {
    this.#memory = memory;
    this.#scratch = aesScratch(memory);
    this.#block = memory.allocate(16);
    this.#seed = new Aes(memory, seed, this.#scratch);
  }

  /** How many gates from number `gate` on have its key. */
  left(gate: number): number {
    return GATES_PER_KEY - (gate % GATES_PER_KEY);
  }

  /** Encrypts `blocks` blocks at `from` with the key of gate `gate`, to `to`. */
  encrypt(gate: number, from: number, to: number, blocks: number): void {
    const chunk = Math.floor(gate / GATES_PER_KEY);
    if (chunk !== this.#chunk || !this.#aes) {
      const block = this.#memory.bytes(this.#block, 16).fill(0);
      new DataView(block.buffer, block.byteOffset).setBigUint64(0, BigInt(chunk), true);
      this.#seed.encrypt(this.#block, this.#block, 1);
      this.#aes = new Aes(this.#memory, Uint8Array.from(block), this.#scratch);
      this.#chunk = chunk;
    }
    this.#aes.encrypt(from, to, blocks);
  }
}
