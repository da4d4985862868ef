/** The memory that the main thread and a worker share for one piece of work, and what they tell each other. */
import type { EngineName } from './engine.ts';

/** Places per worker: one is worked on while the other is filled. */
export const PLACES = 2;

/** Bytes of items that a piece may have; a larger one is done on the main thread. */
export const ITEM_BYTES = 256 * 1024;

const POINT = 32;

/** Told to a worker: what to do with `count` points or items at a place. */
export interface Order {
  readonly place: number;
  readonly kind: 'multiply' | 'mask';
  readonly count: number;
}

/** A worker's answer: the points at the place are the result, unless there is an error. */
export interface Answer {
  readonly place: number;
  /** With `index`, the message is the reason for which that point was refused. */
  readonly error?: { readonly message: string; readonly index?: number };
}

export interface WorkerData {
  readonly engine: EngineName;
  readonly memories: readonly SharedArrayBuffer[];
  readonly batch: number;
}

export class Place {
  readonly index: number;
  readonly scalar: Uint8Array;
  /** Points to multiply, and the result of either kind of work. */
  readonly points: Uint8Array;
  readonly offsets: Uint32Array;
  readonly data: Uint8Array;

  constructor(index: number, memory: SharedArrayBuffer, batch: number) {
    this.index = index;
    this.scalar = new Uint8Array(memory, 0, POINT);
    this.points = new Uint8Array(memory, POINT, batch * POINT);
    this.offsets = new Uint32Array(memory, (1 + batch) * POINT, batch + 1);
    this.data = new Uint8Array(memory, (1 + batch) * POINT + (batch + 1) * 4, ITEM_BYTES);
  }

  static memory(batch: number): SharedArrayBuffer {
    return new SharedArrayBuffer((1 + batch) * POINT + (batch + 1) * 4 + ITEM_BYTES);
  }
}
