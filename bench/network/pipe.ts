/** One connection through the relay: two sockets, and a shaped direction each way between them. */
import type { Socket } from 'node:net';
import { monotonicMs } from '../party/messages.ts';
import type { Link } from './index.ts';
import { Shaper } from './shaper.ts';

/** Bytes that leave later than this are late: the relay did not get the processor in time. */
const LATE_MS = 1;
/** What one read of a socket gives at most: after such a one, more was waiting. */
const FULL_READ = 64 << 10;
/** Bytes that were waiting may be taken to have arrived so much before they were read, at most. */
const CATCH_UP_MS = 20;

/** What went through one direction. */
export interface Carried {
  /** Bytes that left the link. */
  bytes: number;
  /** Of those, the ones that left more than 1 ms after they were due though the way was free. */
  lateBytes: number;
}

export class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #shaper: Shaper;
  readonly #carried: Carried;
  /** When the last read was that filled its buffer: since then more bytes stood at the entrance. */
  #waitingSinceMs: number | undefined;
  #ended = false;
  #blocked = false;

  /** `onDue` is called when there is something to wait for that there was not before. */
  constructor(from: Socket, to: Socket, link: Link, carried: Carried, onDue: (direction: Direction) => void) {
    this.#from = from;
    this.#to = to;
    this.#shaper = new Shaper(link);
    this.#carried = carried;
    from.on('data', (chunk: Buffer) => {
      const nowMs = monotonicMs();
      this.#shaper.put(chunk, Math.max(this.#waitingSinceMs ?? nowMs, nowMs - CATCH_UP_MS));
      this.#waitingSinceMs = chunk.length >= FULL_READ ? nowMs : undefined;
      if (this.#shaper.isFull) from.pause();
      onDue(this);
    });
    from.on('end', () => {
      this.#ended = true;
      onDue(this);
    });
    to.on('drain', () => {
      this.#blocked = false;
      onDue(this);
    });
  }

  /** When {@link release} has something to do next, in ms of the monotonic clock. */
  get dueMs(): number {
    if (this.#blocked) return Number.POSITIVE_INFINITY;
    return this.#shaper.dueMs;
  }

  /** Sends on what is due. */
  release(): void {
    if (this.#to.destroyed) return;
    let nowMs = monotonicMs();
    while (!this.#blocked) {
      const { dueMs } = this.#shaper;
      const bytes = this.#shaper.take(nowMs);
      if (!bytes) break;
      this.#carried.bytes += bytes.length;
      if (nowMs - dueMs > LATE_MS) this.#carried.lateBytes += bytes.length;
      this.#blocked = !this.#to.write(bytes);
      // While the far end takes nothing, neither does the link: no time to catch up with.
      if (this.#blocked) this.#waitingSinceMs = undefined;
      if (dueMs + LATE_MS > nowMs) nowMs = monotonicMs();
    }
    if (this.#from.isPaused() && !this.#shaper.isFull) this.#from.resume();
    if (this.#ended && this.#shaper.queuedBytes === 0 && !this.#to.writableEnded) this.#to.end();
  }
}
