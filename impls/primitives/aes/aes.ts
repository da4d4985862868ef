/**
 * AES-128 (FIPS 197) of many blocks in a {@link WorkingMemory}, by OpenSSL through `node:crypto`. A call costs
 * 600 ns whatever its size, so there is none per block: whole arrays go through in pieces.
 */
import { type Cipheriv, createCipheriv } from 'node:crypto';
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** Bytes of a block and of a key. */
export const AES_BYTES = 16;

/** Bytes per call of OpenSSL: below, the call itself shows; above, the allocation of its result does. */
const PIECE = 0x20000;

const ZEROS = new Uint8Array(PIECE);

interface Kernel {
  xor(a: number, b: number, to: number, blocks: number): void;
  xorConstant(a: number, b: number, to: number, blocks: number): void;
}

/** One key: a permutation of blocks, and the hash made of it. */
export class Aes {
  readonly #memory: WorkingMemory;
  readonly #kernel: Kernel;
  readonly #cipher: Cipheriv;
  readonly #scratch: number;

  /**
   * Takes 128 KiB of `memory` as scratch, for as long as the caller's mark lets it.
   * @param key 16 bytes, copied.
   * @throws RangeError when `key` has another length.
   */
  constructor(memory: WorkingMemory, key: Uint8Array, scratch = aesScratch(memory)) {
    if (key.length !== AES_BYTES) throw new RangeError(`"key" must be 16 bytes, got ${key.length}`);
    this.#memory = memory;
    this.#kernel = memory.kernel<Kernel>('aes');
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    this.#scratch = scratch;
  }

  /** AES of each of the `blocks` blocks at `from`, written to `to` (which may be `from`). */
  encrypt(from: number, to: number, blocks: number): void {
    this.#pieces(blocks, (at, bytes) => {
      this.#memory.bytes(to + at, bytes).set(this.#cipher.update(this.#memory.bytes(from + at, bytes)));
    });
  }

  /**
   * AES(x) ^ x of each block x (Matyas, Meyer, Oseas with a fixed key: correlation-robust with AES as an
   * ideal cipher, Guo et al. 2020, ePrint 2019/074). `to` may be `from`.
   */
  mmo(from: number, to: number, blocks: number): void {
    this.#pieces(blocks, (at, bytes) => {
      this.#memory.bytes(this.#scratch, bytes).set(this.#cipher.update(this.#memory.bytes(from + at, bytes)));
      this.#kernel.xor(from + at, this.#scratch, to + at, bytes / AES_BYTES);
    });
  }

  #pieces(blocks: number, work: (at: number, bytes: number) => void): void {
    const end = blocks * AES_BYTES;
    for (let at = 0; at < end; at += PIECE) work(at, Math.min(PIECE, end - at));
  }
}

/** Scratch that several {@link Aes} of one thread may share. */
export function aesScratch(memory: WorkingMemory): number {
  return memory.allocate(PIECE);
}

/**
 * The key stream of AES-128 in counter mode (NIST SP 800-38A) under a key, from the counter block `nonce` on
 * (16 bytes, big-endian). One key and nonce must never make two streams that overlap.
 */
export class CounterStream {
  readonly #memory: WorkingMemory;
  readonly #cipher: Cipheriv;

  /** @throws RangeError when `key` or `nonce` has not 16 bytes. */
  constructor(memory: WorkingMemory, key: Uint8Array, nonce: Uint8Array = ZEROS.subarray(0, AES_BYTES)) {
    if (key.length !== AES_BYTES) throw new RangeError(`"key" must be 16 bytes, got ${key.length}`);
    if (nonce.length !== AES_BYTES) throw new RangeError(`"nonce" must be 16 bytes, got ${nonce.length}`);
    this.#memory = memory;
    this.#cipher = createCipheriv('aes-128-ctr', key, nonce);
  }

  /** Writes the next `bytes` bytes of the stream to `to`. */
  next(to: number, bytes: number): void {
    for (let at = 0; at < bytes; at += PIECE) {
      const length = Math.min(PIECE, bytes - at);
      this.#memory.bytes(to + at, length).set(this.#cipher.update(ZEROS.subarray(0, length)));
    }
  }
}

/** The first `bytes` bytes of a {@link CounterStream}, at `to`. */
export function counterStream(
  memory: WorkingMemory,
  key: Uint8Array,
  nonce: Uint8Array,
  to: number,
  bytes: number,
): void {
  new CounterStream(memory, key, nonce).next(to, bytes);
}

/** The counter block `blocks` after the block of zeros. */
export function counterBlock(blocks: number): Uint8Array {
  const block = new Uint8Array(AES_BYTES);
  new DataView(block.buffer).setBigUint64(8, BigInt(blocks));
  return block;
}

/** Exclusive or of `blocks` blocks of 16 bytes at `a` and `b`, written to `to` (which may be either). */
export function xorBlocks(memory: WorkingMemory, a: number, b: number, to: number, blocks: number): void {
  memory.kernel<Kernel>('aes').xor(a, b, to, blocks);
}

/** Adds the one block at `constant` to each of the `blocks` blocks at `a`, written to `to` (which may be `a`). */
export function xorConstant(
  memory: WorkingMemory,
  a: number,
  constant: number,
  to: number,
  blocks: number,
): void {
  memory.kernel<Kernel>('aes').xorConstant(a, constant, to, blocks);
}
