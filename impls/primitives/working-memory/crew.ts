/**
 * Threads that compute in one {@link WorkingMemory}. Work is given out and waited for in one synchronous call, because
 * what a protocol computes between two messages is synchronous too.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { WorkingMemory } from './working-memory.ts';

/** Bytes of each worker's own part of the memory, for scratch. */
const REGION_BYTES = 2 * 1024 * 1024;
/** How long a share of work may take before its thread counts as lost. */
const PATIENCE_MS = 120_000;

/** What threads can be told to do: a module's default export. */
export type Tasks = Readonly<Record<string, (memory: WorkingMemory, order: never) => void>>;

/** @internal What a worker is given. */
export interface CrewWorkerData {
  readonly memory: WebAssembly.Memory;
  readonly region: { readonly start: number; readonly end: number };
  /** Word 0: how many shares are done. */
  readonly control: SharedArrayBuffer;
  readonly failures: MessagePort;
  readonly tasks: string;
}

/** The main thread and its workers. */
export class Crew {
  /** Threads, the main one included. */
  readonly size: number;
  readonly #workers: readonly Worker[];
  readonly #failures: readonly MessagePort[];
  readonly #control = new SharedArrayBuffer(4);

  private constructor(memory: WorkingMemory, tasks: URL, size: number) {
    this.size = size;
    const ports = Array.from({ length: size - 1 }, () => new MessageChannel());
    this.#failures = ports.map(({ port1 }) => port1);
    this.#workers = ports.map(({ port2 }) => {
      const start = memory.allocate(REGION_BYTES);
      const workerData: CrewWorkerData = {
        memory: memory.memory,
        region: { start, end: start + REGION_BYTES },
        control: this.#control,
        failures: port2,
        tasks: tasks.href,
      };
      return new Worker(new URL('./crew-worker.ts', import.meta.url), { workerData, transferList: [port2] });
    });
  }

  /**
   * Starts `threads` − 1 workers, each with 2 MiB of `memory` for scratch.
   * @param tasks the module whose default export are the {@link Tasks}.
   */
  static async start(memory: WorkingMemory, threads: number, tasks: URL): Promise<Crew> {
    const crew = new Crew(memory, tasks, threads);
    try {
      await Promise.all(
        crew.#workers.map(
          (worker) =>
            new Promise<void>((resolve, reject) => {
              worker.once('message', () => resolve());
              worker.once('error', reject);
              worker.once('exit', () => reject(new Error('a worker thread ended before it had started')));
            }),
        ),
      );
    } catch (error) {
      await crew.close();
      throw error;
    }
    return crew;
  }

  /**
   * Has task `name` done with every order: the last one by `own` on this thread, the others by a worker each.
   * Returns when all are done.
   * @throws Error when a worker failed, or is gone.
   */
  run<Order>(name: string, orders: readonly Order[], own: (order: Order) => void): void {
    if (orders.length > this.size) throw new RangeError(`${orders.length} orders for ${this.size} threads`);
    const control = new Int32Array(this.#control);
    Atomics.store(control, 0, 0);
    const given = orders.slice(0, -1);
    given.forEach((order, i) => {
      this.#workers[i]?.postMessage({ name, order });
    });
    let failure: unknown;
    try {
      for (const order of orders.slice(-1)) own(order);
    } catch (error) {
      failure = error;
    }
    // Waited for in any case: nobody may still write when this returns.
    const deadline = Date.now() + PATIENCE_MS;
    for (let done = Atomics.load(control, 0); done < given.length; done = Atomics.load(control, 0)) {
      if (Date.now() > deadline)
        throw new Error(`a worker thread gave no answer for ${PATIENCE_MS / 1000} s`);
      Atomics.wait(control, 0, done, 1000);
    }
    const told = this.#failures.flatMap((port) => {
      const answer = receiveMessageOnPort(port) as { readonly message: string } | undefined;
      return answer ? [answer.message] : [];
    });
    if (failure !== undefined) throw failure;
    if (told.length > 0) throw new Error(`a worker thread failed at "${name}": ${told.join('; ')}`);
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    for (const port of this.#failures) port.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Cuts 0 … `count` into at most `parts` ranges of about equal length, none of them empty. */
export function shares(count: number, parts: number): { readonly from: number; readonly to: number }[] {
  const size = Math.max(1, Math.ceil(count / parts));
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(count, (i + 1) * size),
  }));
}
