/**
 * Silent vector OLE over F = GF(2^128), semi-honest: one party (the *noisy* one) ends with A and C in F^m, the
 * other (the *fixed* one, which holds Δ) with B, such that C = B + A·Δ, from a few thousand correlated transfers
 * and one message that is logarithmic in m.
 *
 * Boyle et al. 2019 (ePrint 2019/1159), with noise values multiplied by packed transfers as in Wolverine (Weng
 * et al. 2020, ePrint 2020/925) and a correction of the leaf as in Ferret (Yang et al. 2020, ePrint 2020/924).
 * A depends on the noisy party's randomness only, and B's trees on the fixed party's: each makes its vector
 * before anything is received.
 *
 * Transfers are given as rows: q_i at the fixed party, t_i at the noisy one, q_i = t_i + ρ_i·Δ.
 */
import type { Random } from '../../../bench/contract.ts';
import { AES_BYTES, xorBlocks } from '../aes/aes.ts';
import type { LinearCode } from '../expand-convolute/linear-code.ts';
import { packRows } from '../gf128/gf128.ts';
import { Gardener } from '../ggm/ggm.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import type { VoleShape } from './shape.ts';
import { TransferHash, type VoleKernel } from './transfer-hash.ts';

/** Public keys of the hashes, 16 bytes each. */
export interface VoleKeys {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  readonly transfer: Uint8Array;
}

/** What both parties need. The code must have been made for `shape.rows` rows. */
export interface VoleSetting {
  readonly memory: WorkingMemory;
  readonly shape: VoleShape;
  readonly code: LinearCode;
  /** Grows the trees, if something else than a {@link Gardener} is to do it. */
  gardener?(keys: VoleKeys): Pick<Gardener, 'grow' | 'growPunctured'>;
  /** Runs `work` and keeps its time under `name`. Default: only runs it. */
  step?<T>(name: string, work: () => T): T;
}

/** The party that ends with A and C: it chooses where the noise is and what it is. */
export class NoisyParty {
  /** Choice bits ρ of the transfers, packed, least significant first. */
  readonly choices: Uint8Array;
  readonly #setting: VoleSetting;
  /** Leaf of each tree, u32. */
  readonly #paths: number;
  /** Noise value of each tree. */
  readonly #values: number;

  /** Draws the noise. Takes 20 bytes of the memory per tree. */
  constructor(setting: VoleSetting, random: Random) {
    const { memory, shape } = setting;
    const { trees, leaves, depth } = shape.forest;
    this.#setting = setting;
    this.#paths = memory.allocate(trees * 4);
    this.#values = memory.allocate(trees * AES_BYTES);
    const paths = memory.words(this.#paths, trees);
    paths.set(uniformBelow(leaves, trees, random));
    const values = memory.bytes(this.#values, trees * AES_BYTES);
    values.set(random.bytes(values.length));

    this.choices = new Uint8Array(Math.ceil(shape.transfers / 8));
    for (let level = 1; level <= depth; level++) {
      paths.forEach((leaf, tree) => {
        const side = 1 ^ ((leaf >>> (depth - level)) & 1);
        const at = (level - 1) * trees + tree;
        this.choices[at >> 3]! |= side << (at & 7);
      });
    }
    setBits(this.choices, shape.levelTransfers, values);
  }

  /** Writes A to the beginning of `vector` (`code.bytes` bytes, all overwritten). */
  noise(vector: number): void {
    const { memory, code } = this.#setting;
    memory.bytes(vector, code.bytes).fill(0);
    this.#plant(this.#values, vector);
    encode(this.#setting, vector);
  }

  /**
   * Writes C to the beginning of `vector` (`code.bytes` bytes, all overwritten).
   * @param rows address of the t_i.
   * @param message of the other party: `shape.messageBytes` bytes, whose length the caller has checked.
   */
  correlate(keys: VoleKeys, rows: number, message: Uint8Array, vector: number): void {
    const { memory, shape } = this.#setting;
    const { levelTransfers } = shape;
    const { trees } = shape.forest;
    if (message.length !== shape.messageBytes) {
      throw new RangeError(`"message" must have ${shape.messageBytes} bytes, got ${message.length}`);
    }
    const kernel = memory.kernel<VoleKernel>('vole');
    const mark = memory.mark();
    const received = place(memory, message);
    const choices = place(memory, this.choices);
    const hashes = memory.allocate(levelTransfers * AES_BYTES);
    new TransferHash(memory, keys.transfer).hash(
      rows,
      place(memory, new Uint8Array(AES_BYTES)),
      hashes,
      levelTransfers,
    );
    kernel.uncover(received, hashes, choices, hashes, levelTransfers);

    const sums = memory.allocate(trees * 2 * AES_BYTES);
    const gardener = gardenerFor(this.#setting, keys);
    timed(this.#setting, 'trees', () => gardener.growPunctured(hashes, this.#paths, vector, sums));

    // The missing leaf with the noise value's product: correction + packed rows + all the other leaves.
    const missing = memory.allocate(trees * AES_BYTES);
    packRows(memory, rows + levelTransfers * AES_BYTES, missing, trees);
    kernel.addPairs(sums, missing, missing, trees);
    xorBlocks(memory, missing, received + levelTransfers * 2 * AES_BYTES, missing, trees);
    this.#plant(missing, vector);
    memory.release(mark);
    encode(this.#setting, vector);
  }

  #plant(values: number, vector: number): void {
    const { memory, shape } = this.#setting;
    const { trees, leaves } = shape.forest;
    memory.kernel<VoleKernel>('vole').plant(values, this.#paths, vector, leaves, trees);
  }
}

/** The party that holds Δ and ends with B. */
export class FixedParty {
  readonly #setting: VoleSetting;
  readonly #keys: VoleKeys;
  /** Sums of left and right nodes, for each level from 1 on and each tree. */
  readonly #sums: number;

  /** Takes 32 bytes of the memory per tree and level. */
  constructor(setting: VoleSetting, keys: VoleKeys) {
    this.#setting = setting;
    this.#keys = keys;
    this.#sums = setting.memory.allocate(setting.shape.levelTransfers * 2 * AES_BYTES);
  }

  /** Draws trees and writes B to the beginning of `vector` (`code.bytes` bytes, all overwritten). */
  grow(random: Random, vector: number): void {
    const { memory, shape } = this.#setting;
    const mark = memory.mark();
    const roots = place(memory, random.bytes(shape.forest.trees * AES_BYTES));
    const gardener = gardenerFor(this.#setting, this.#keys);
    timed(this.#setting, 'trees', () => gardener.grow(roots, vector, this.#sums));
    memory.bytes(roots, shape.forest.trees * AES_BYTES).fill(0);
    memory.release(mark);
    encode(this.#setting, vector);
  }

  /**
   * The message for the noisy party, once `grow` has run.
   * @param rows address of the q_i. @param delta Δ, 16 bytes.
   */
  message(rows: number, delta: Uint8Array): Uint8Array {
    const { memory, shape } = this.#setting;
    const { levelTransfers } = shape;
    const { trees } = shape.forest;
    const kernel = memory.kernel<VoleKernel>('vole');
    const mark = memory.mark();
    const out = memory.allocate(shape.messageBytes);
    const zero = memory.allocate(levelTransfers * AES_BYTES);
    const one = memory.allocate(levelTransfers * AES_BYTES);
    const hash = new TransferHash(memory, this.#keys.transfer);
    hash.hash(rows, place(memory, new Uint8Array(AES_BYTES)), zero, levelTransfers);
    hash.hash(rows, place(memory, delta), one, levelTransfers);
    kernel.cover(this.#sums, zero, one, out, levelTransfers);

    const corrections = out + levelTransfers * 2 * AES_BYTES;
    packRows(memory, rows + levelTransfers * AES_BYTES, corrections, trees);
    const leafSums = this.#sums + (levelTransfers - trees) * 2 * AES_BYTES;
    kernel.addPairs(leafSums, corrections, corrections, trees);
    const message = memory.bytes(out, shape.messageBytes).slice();
    memory.release(mark);
    return message;
  }
}

function gardenerFor(setting: VoleSetting, keys: VoleKeys): Pick<Gardener, 'grow' | 'growPunctured'> {
  const { memory, shape } = setting;
  return setting.gardener?.(keys) ?? new Gardener(memory, shape.forest, keys.left, keys.right);
}

function timed<T>(setting: VoleSetting, name: string, work: () => T): T {
  return setting.step ? setting.step(name, work) : work();
}

function encode(setting: VoleSetting, vector: number): void {
  timed(setting, 'code', () => setting.code.encode(vector, setting.shape.length));
}

function place(memory: WorkingMemory, bytes: Uint8Array): number {
  const address = memory.allocate(bytes.length);
  memory.bytes(address, bytes.length).set(bytes);
  return address;
}

/** `count` numbers, uniform in 0 … bound − 1. */
function uniformBelow(bound: number, count: number, random: Random): Uint32Array {
  // Words at or above the largest multiple of the bound would favour small results: they are drawn again.
  const limit = 2 ** 32 - (2 ** 32 % bound);
  const numbers = new Uint32Array(count);
  for (let done = 0; done < count; ) {
    for (const word of new Uint32Array(random.bytes(4 * (count - done)).slice().buffer)) {
      if (word < limit) numbers[done++] = word % bound;
    }
  }
  return numbers;
}

/** Copies all bits of `from` to `to`, from bit `first` of it on. */
function setBits(to: Uint8Array, first: number, from: Uint8Array): void {
  const shift = first & 7;
  from.forEach((byte, i) => {
    const at = (first >> 3) + i;
    to[at]! |= byte << shift;
    if (shift > 0) to[at + 1]! |= byte >> (8 - shift);
  });
}
