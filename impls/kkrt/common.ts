/** What both parties do alike: hashing items, the run's keys, code words, the lengths of messages. */
import type { ItemSet } from '../../bench/contract.ts';
import { AES_BYTES, Aes, aesScratch } from '../primitives/aes/aes.ts';
import { CANDIDATE_BYTES, largeCandidates } from '../primitives/cuckoo/large.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { kernelModule } from '../primitives/kernels/load.ts';
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';

/** Bytes of an item from here on. */
export const ITEM_BYTES = 16;
/** Bytes of a row in memory, and of the hash's input. */
export const ROW_ROOM = 64;
/** Hash functions of the table, and lists of tags. */
export const HASHES = 3;

const KERNELS = ['curve', 'digest', 'aes', 'transpose', 'ot', 'cuckoo', 'oprf', 'blake3', 'join'];

/** Loads the code that is compiled, as a program's own would have been before it begins. */
export function loadKernels(): void {
  for (const name of KERNELS) kernelModule(name);
}

/** One block of SHA-256, so that it costs nothing per item. */
const ITEM_DOMAIN = new TextEncoder().encode('psi-kkrt-1:item'.padEnd(64, '\0'));

/** Keys of one run, drawn by the receiver: one for the bins, four for the code. */
const KEYS = 5;
export const KEYS_BYTES = KEYS * AES_BYTES;

/** Items that are hashed at once. */
const PIECE = 1 << 14;

/** Most bytes of a message of tags. */
export const MAX_MESSAGE = 1 << 20;

/** Hashes items to {@link ITEM_BYTES} bytes each; where they are. */
export function hashItems(memory: WorkingMemory, items: ItemSet): number {
  const at = memory.allocate(items.count * ITEM_BYTES);
  const digester = new Digester({ width: ITEM_BYTES, prefix: ITEM_DOMAIN });
  // The digester has memory of its own: a piece at a time.
  const piece = new Uint8Array(Math.min(items.count, PIECE) * ITEM_BYTES);
  for (let from = 0; from < items.count; from += PIECE) {
    const to = Math.min(items.count, from + PIECE);
    digester.range(items, from, to, piece);
    memory
      .bytes(at + from * ITEM_BYTES, (to - from) * ITEM_BYTES)
      .set(piece.subarray(0, (to - from) * ITEM_BYTES));
  }
  return at;
}

/** The functions that a run's keys choose. */
export class RunFunctions {
  readonly #memory: WorkingMemory;
  readonly #bins: Aes;
  readonly #code: readonly Aes[];

  /** @param keys {@link KEYS_BYTES}. */
  constructor(memory: WorkingMemory, keys: Uint8Array) {
    this.#memory = memory;
    const scratch = aesScratch(memory);
    const key = (i: number) => new Aes(memory, keys.subarray(i * AES_BYTES, (i + 1) * AES_BYTES), scratch);
    this.#bins = key(0);
    this.#code = [1, 2, 3, 4].map(key);
  }

  /** Three candidate bins for each of `count` items, as the table wants them; where they are. */
  candidates(items: number, count: number, bins: number): number {
    const memory = this.#memory;
    const out = memory.allocate(count * CANDIDATE_BYTES);
    const mark = memory.mark();
    const piece = Math.min(count, PIECE);
    const hashes = memory.allocate(piece * ITEM_BYTES);
    for (let from = 0; from < count; from += piece) {
      const n = Math.min(piece, count - from);
      this.#bins.mmo(items + from * ITEM_BYTES, hashes, n);
      largeCandidates(memory, hashes, n, bins, out + from * CANDIDATE_BYTES);
    }
    memory.release(mark);
    return out;
  }

  /** AES of each of `count` blocks at `z` under the four keys of the code: four planes, `stride` bytes apart. */
  code(z: number, count: number, planes: number, stride: number): void {
    this.#code.forEach((aes, i) => {
      aes.encrypt(z, planes + i * stride, count);
    });
  }
}

/** Cuts a list of `count` tags of `width` bytes into messages: for each its bytes `from` to `to`. */
export function* listMessages(count: number, width: number): Generator<readonly [from: number, to: number]> {
  const step = MAX_MESSAGE - (MAX_MESSAGE % width);
  const end = count * width;
  for (let from = 0; from < end; from += step) yield [from, Math.min(end, from + step)];
}

/** Cuts `bins` bins into blocks. */
export function* blocks(bins: number, size: number): Generator<readonly [first: number, n: number]> {
  for (let first = 0; first < bins; first += size) yield [first, Math.min(size, bins - first)];
}
