/** One direction between two parties of the mock wire: a queue, one possible reader, senders that wait. */
import type { Role } from '../contract.ts';

/** How often a waiting `receive` looks whether the mesh has gone quiet. */
const TICK_MS = 25;

/** The longest message that a channel carries, in bytes. */
export const MAX_MESSAGE = 2 ** 30;

export interface Delivered {
  readonly bytes: Uint8Array;
  readonly flight: number;
  /** Whether it was received. */
  isTaken: boolean;
}

interface Waiter {
  readonly maxBytes: number | undefined;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** What a wire tells the mesh, and asks it. */
export interface WireObserver {
  onMovement(): void;
  onTaken(wire: Wire, delivered: Delivered, maxBytes: number | undefined): void;
  /** Counts everything that has moved anywhere. */
  movements(): number;
  /** For how long nothing may move before a `receive` that waits on this wire gives up, in ms. */
  patienceMs(wire: Wire): number;
}

export class Wire {
  readonly from: Role;
  readonly to: Role;
  queuedBytes = 0;
  /** Sends that are not yet in the queue. */
  inTheAir = 0;
  /** How many messages were sent. */
  sent = 0;
  /** The last send; the next waits for it. */
  tail: Promise<void> = Promise.resolve();
  readonly #queue: Delivered[] = [];
  readonly #observer: WireObserver;
  #waiter: Waiter | undefined;
  #closed: Error | undefined;
  #room: (() => void)[] = [];

  constructor(from: Role, to: Role, observer: WireObserver) {
    this.from = from;
    this.to = to;
    this.#observer = observer;
  }

  /** Why nothing more can be sent. */
  get closed(): Error | undefined {
    return this.#closed;
  }

  get isAwaited(): boolean {
    return this.#waiter !== undefined;
  }

  /** Messages that were sent and not received. */
  get unread(): number {
    return this.#queue.length + this.inTheAir;
  }

  /** Hands a message to the waiting `receive`, or queues it. */
  offer(delivered: Delivered): void {
    this.#queue.push(delivered);
    this.queuedBytes += delivered.bytes.length;
    const waiter = this.#dismissWaiter();
    if (waiter === undefined) return;
    try {
      waiter.resolve(this.#take(waiter.maxBytes));
    } catch (error) {
      waiter.reject(error as Error);
    }
  }

  /** Resolves when `isRoom()` or the wire is closed. */
  async waitForRoom(isRoom: () => boolean): Promise<void> {
    while (this.#closed === undefined && !isRoom()) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  /** The next message. What was queued before the wire closed can still be received. */
  async receive(maxBytes: number | undefined): Promise<Uint8Array> {
    if (this.#queue.length > 0) return this.#take(maxBytes);
    if (this.#closed !== undefined) {
      // A turn of the event loop later: a party that keeps trying must not starve the timers.
      await nextTurn();
      throw this.#closed;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiter = { maxBytes, resolve, reject, timer: setInterval(this.#watch(), TICK_MS) };
    return promise;
  }

  close(error: Error): void {
    this.#closed ??= error;
    this.#observer.onMovement();
    this.#dismissWaiter()?.reject(this.#closed);
    this.#wakeSends();
  }

  /**
   * Closes the wire when nothing has moved for too long. Turns of the event loop are counted, not time:
   * a computation that blocks the loop is not mistaken for silence.
   */
  #watch(): () => void {
    let quietMs = 0;
    let movements = this.#observer.movements();
    return () => {
      const now = this.#observer.movements();
      quietMs = now === movements ? quietMs + TICK_MS : 0;
      movements = now;
      const patienceMs = this.#observer.patienceMs(this);
      if (quietMs >= patienceMs) {
        this.close(
          new Error(`nothing came from the ${this.from} within the idle timeout of ${patienceMs} ms`),
        );
      }
    };
  }

  #take(maxBytes: number | undefined): Uint8Array {
    const delivered = this.#queue.shift()!;
    const { bytes } = delivered;
    this.queuedBytes -= bytes.length;
    delivered.isTaken = true;
    if (bytes.length > (maxBytes ?? MAX_MESSAGE)) {
      const error = new Error(
        `the ${this.from} sent a message of ${bytes.length} bytes where at most ${maxBytes} are allowed`,
      );
      this.close(error);
      throw error;
    }
    this.#observer.onTaken(this, delivered, maxBytes);
    this.#wakeSends();
    return bytes;
  }

  #dismissWaiter(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    clearInterval(waiter?.timer);
    return waiter;
  }

  #wakeSends(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const wake of waiting) wake();
  }
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
