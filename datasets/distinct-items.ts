import type { ItemSet } from '../bench/contract.ts';
import { MAX_ITEMS } from '../bench/terms.ts';
import { DatasetError } from './spec.ts';

/** Offsets are 32-bit. */
const MAX_BYTES = 2 ** 32 - 1;
const STEP = 2 ** 20;

/**
 * A growing set of distinct texts, held as packed UTF-8 with a hash table of indices: no object per
 * item. The bytes lie in a resizable buffer, which grows in place (address space is reserved, memory
 * is not), and leaves it from the end, so that handing over the set never needs a second copy of it.
 */
export class DistinctItems {
  #count = 0;
  #end = 0;
  #data = Buffer.alloc(0);
  #offsets = new Uint32Array(1024);
  /** Index + 1 of an item, or 0; at most half full. */
  #table = new Uint32Array(2048);
  readonly #store = new ArrayBuffer(0, { maxByteLength: MAX_BYTES });

  get count(): number {
    return this.#count;
  }

  /**
   * Adds `text` unless it is there already.
   * @returns its index when it is new, −1 when it is not.
   * @throws {DatasetError} beyond 2^24 items or 4 GiB.
   */
  add(text: string): number {
    const slot = this.#find(text);
    if (this.#table[slot] !== 0) return -1;
    if (this.#count === MAX_ITEMS) throw new DatasetError('there are more than 2^24 distinct items');
    const index = this.#count++;
    this.#table[slot] = index + 1;
    this.#end = this.#draftEnd;
    if (index + 2 > this.#offsets.length) this.#offsets = grown(this.#offsets);
    this.#offsets[index + 1] = this.#end;
    if (2 * this.#count > this.#table.length) this.#rehash();
    return index;
  }

  /** Index of `text`, or −1. Bytes are compared, not digests. */
  indexOf(text: string): number {
    return this.#table[this.#find(text)]! - 1;
  }

  /** Hands over the items, in shared memory. The object is empty afterwards. */
  take(): ItemSet {
    const count = this.#count;
    const offsets = new Uint32Array(new SharedArrayBuffer(4 * (count + 1)));
    offsets.set(this.#offsets.subarray(0, count + 1));
    this.#offsets = new Uint32Array(1024);
    this.#table = new Uint32Array(2048);
    const data = new Uint8Array(new SharedArrayBuffer(this.#end));
    for (let start = this.#end - (this.#end % STEP); start >= 0; start -= STEP) {
      const end = Math.min(start + STEP, this.#end);
      data.set(new Uint8Array(this.#store, start, end - start), start);
      this.#store.resize(start);
    }
    this.#data = Buffer.alloc(0);
    this.#count = 0;
    this.#end = 0;
    return { count, data, offsets };
  }

  #draftEnd = 0;

  /** Writes `text` behind the last item, as a draft, and finds its slot in the table: its own, or a free one. */
  #find(text: string): number {
    this.#reserve(3 * text.length);
    const start = this.#end;
    const end = start + this.#data.write(text, start, 'utf8');
    this.#draftEnd = end;
    const mask = this.#table.length - 1;
    let slot = hashOf(this.#data, start, end) & mask;
    for (;;) {
      const entry = this.#table[slot]!;
      if (entry === 0 || this.#equals(entry - 1, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(index: number, start: number, end: number): boolean {
    const from = this.#offsets[index]!;
    const length = end - start;
    if (this.#offsets[index + 1]! - from !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#data[from + i] !== this.#data[start + i]) return false;
    }
    return true;
  }

  #reserve(length: number): void {
    const needed = this.#end + length;
    if (needed <= this.#data.length) return;
    if (needed > MAX_BYTES) throw new DatasetError('the items take more than 4 GiB');
    this.#store.resize(Math.min(MAX_BYTES, Math.ceil(needed / STEP) * STEP));
    this.#data = Buffer.from(this.#store, 0, this.#store.byteLength);
  }

  #rehash(): void {
    const table = new Uint32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (let index = 0; index < this.#count; index++) {
      let slot = hashOf(this.#data, this.#offsets[index]!, this.#offsets[index + 1]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = index + 1;
    }
    this.#table = table;
  }
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** FNV-1a with a final mix: quick on short texts. Equality is decided on bytes, never on this. */
function hashOf(data: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
