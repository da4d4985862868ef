/**
 * One direction of a link as a queue with times: bytes are serialised at the bandwidth, one after the
 * other, and arrive a fixed delay later. It does no input or output and reads no clock: it is told
 * the time, so that it can be tested without waiting.
 *
 * This is a token bucket without a burst, in its virtual-clock form: instead of counting tokens it
 * keeps the moment at which the link is free again. No run of bytes is ever faster than the
 * bandwidth, however short, and none that follow each other without a gap are slower.
 */
import { type Link, serialisationMs } from './index.ts';

/** Bytes leave in pieces of this much time: what arrives in one read need not arrive in one piece. */
const QUANTUM_MS = 1;
/** No piece is smaller than an Ethernet packet, … */
const MIN_QUANTUM = 1500;
/** … and none larger than what one read of a socket gives. */
const MAX_QUANTUM = 64 << 10;
/** What may wait before the link, beyond what is on it: this much time, within these bounds. */
const QUEUE_MS = 10;
const MIN_QUEUE = 64 << 10;
const MAX_QUEUE = 4 << 20;

interface Segment {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

export class Shaper {
  /** Above this many bytes the source is to pause: the bandwidth-delay product and a modest queue. */
  readonly capacity: number;
  readonly #link: Link;
  readonly #quantum: number;
  #segments: Segment[] = [];
  /** Segments before this one are gone; the array is cut from time to time. */
  #head = 0;
  #freeMs = -Infinity;
  #queued = 0;

  constructor(link: Link) {
    const bytesPerMs = link.bandwidthBps / 8000;
    this.#link = link;
    this.#quantum = clamp(Math.round(bytesPerMs * QUANTUM_MS), MIN_QUANTUM, MAX_QUANTUM);
    const queue = clamp(bytesPerMs * QUEUE_MS, MIN_QUEUE, MAX_QUEUE);
    this.capacity = Math.ceil((bytesPerMs * link.rttMs) / 2 + queue);
  }

  /** Bytes that were put in and not yet taken out. */
  get queuedBytes(): number {
    return this.#queued;
  }

  get isFull(): boolean {
    return this.#queued >= this.capacity;
  }

  /** When the next bytes are due, in ms; `Infinity` when there are none. */
  get dueMs(): number {
    return this.#segments[this.#head]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes arrive at the link's entrance at `atMs`. The memory is the shaper's until it is taken. */
  put(bytes: Buffer, atMs: number): void {
    this.#freeMs = Math.max(this.#freeMs, atMs);
    this.#queued += bytes.length;
    for (let at = 0; at < bytes.length; at += this.#quantum) {
      const piece = bytes.subarray(at, at + this.#quantum);
      this.#freeMs += serialisationMs(piece.length, this.#link);
      this.#segments.push({ bytes: piece, dueMs: this.#freeMs + this.#link.rttMs / 2 });
    }
  }

  /** The next bytes, when they are due at `nowMs`; `undefined` before. */
  take(nowMs: number): Buffer | undefined {
    const segment = this.#segments[this.#head];
    if (!segment || segment.dueMs > nowMs) return undefined;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#segments.length) {
      this.#segments = this.#segments.slice(this.#head);
      this.#head = 0;
    }
    this.#queued -= segment.bytes.length;
    return segment.bytes;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
