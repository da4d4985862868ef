/**
 * A timer finer than a millisecond. Node's own timers are rounded to whole milliseconds, and polling
 * would take one of the cores that the parties compute with; so a thread sleeps (`Atomics.wait`
 * takes fractions of a millisecond) and knocks at the event loop when it is time.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** A sleeper wakes late by about so much (timer slack of the system, a hop between threads). */
const WAKE_NS = 60_000n;
const NEVER = 2n ** 62n;

interface Shared {
  /** [0] changes whenever the time to wake up was changed. */
  readonly signal: Int32Array;
  /** [0] when to wake up, on the system's monotonic clock. */
  readonly wakeNs: BigInt64Array;
}

function share(memory: SharedArrayBuffer): Shared {
  return { signal: new Int32Array(memory, 0, 1), wakeNs: new BigInt64Array(memory, 8, 1) };
}

/** Calls back once at, or up to 0.1 ms before, the time set last; the caller looks at the clock itself. */
export class PreciseTimer {
  readonly #shared: Shared;
  readonly #worker: Worker;
  #setNs = NEVER;

  constructor(ring: () => void) {
    const memory = new SharedArrayBuffer(16);
    this.#shared = share(memory);
    this.#shared.wakeNs[0] = NEVER;
    this.#worker = new Worker(new URL(import.meta.url), { workerData: memory });
    this.#worker.on('message', () => {
      this.#setNs = NEVER;
      ring();
    });
    this.#worker.on('exit', () => {
      throw new Error('the timer thread ended: nothing would ever be due');
    });
    this.#worker.unref();
  }

  /** Rings at `timeMs` of the monotonic clock, unless it is set to ring earlier. */
  set(timeMs: number): void {
    const wakeNs = BigInt(Math.round(timeMs * 1e6)) - WAKE_NS;
    if (wakeNs >= this.#setNs) return;
    this.#setNs = wakeNs;
    const { signal, wakeNs: target } = this.#shared;
    Atomics.store(target, 0, wakeNs);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  }
}

function sleep({ signal, wakeNs }: Shared): never {
  for (;;) {
    const seen = Atomics.load(signal, 0);
    const target = Atomics.load(wakeNs, 0);
    const leftNs = target - process.hrtime.bigint();
    if (target !== NEVER && leftNs <= 0n) {
      // Only what was read may be cleared: a new time may have been set meanwhile.
      Atomics.compareExchange(wakeNs, 0, target, NEVER);
      parentPort!.postMessage(null);
    } else {
      Atomics.wait(signal, 0, seen, target === NEVER ? Number.POSITIVE_INFINITY : Number(leftNs) / 1e6);
    }
  }
}

if (!isMainThread && workerData instanceof SharedArrayBuffer) sleep(share(workerData));
