/**
 * An engine on several threads. Work is cut into pieces; the main thread and the workers take the next
 * piece whenever they are free, so nobody waits for a slower one. Each worker has two places in shared
 * memory, so that its next piece lies ready when it has finished one.
 */
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ItemSet } from '../../../bench/contract.ts';
import { createEngine, type Engine, type EngineName, POINT_BYTES } from './engine.ts';
import { PointError } from './points.ts';
import { type Answer, ITEM_BYTES, type Order, PLACES, Place } from './worker-place.ts';

/** One piece of work: points or items `from` to `to`. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

interface Task {
  readonly count: number;
  /** Does a piece on this thread. */
  here(piece: Piece): void;
  /** Puts a piece into a worker's memory, or says that it does not fit. */
  put(piece: Piece, place: Place): boolean;
  readonly kind: Order['kind'];
  readonly scalar: Uint8Array;
  readonly out: Uint8Array;
}

export class Team {
  /** The main thread's own engine. */
  readonly engine: Engine;
  readonly #workers: TeamWorker[];
  readonly #signal: AbortSignal | undefined;

  private constructor(engine: Engine, workers: TeamWorker[], signal: AbortSignal | undefined) {
    this.engine = engine;
    this.#workers = workers;
    this.#signal = signal;
  }

  /**
   * Starts `threads - 1` workers: with 1 there are none. Once `signal` is aborted, work under way rejects
   * with its reason after the piece at hand.
   * @throws Error when the engine is not available or a worker does not start.
   */
  static async start(name: EngineName, threads: number, signal?: AbortSignal): Promise<Team> {
    const engine = createEngine(name);
    const workers = Array.from({ length: threads - 1 }, () => new TeamWorker(name, engine.batch));
    const team = new Team(engine, workers, signal);
    try {
      await Promise.all(workers.map((worker) => worker.started));
    } catch (error) {
      await team.close();
      throw error;
    }
    return team;
  }

  /**
   * Hashes the items to the group and multiplies by `scalar`: 32 bytes for each, to `out`, in the order of
   * the set, or with `order` the item `order[i]` at place i. Lets the event loop turn between pieces.
   */
  async mask(items: ItemSet, scalar: Uint8Array, out: Uint8Array, order?: Uint32Array): Promise<void> {
    const { engine } = this;
    const gathered = ({ from, to }: Piece) => gather(items, from, to, order);
    await this.#run({
      kind: 'mask',
      count: items.count,
      scalar,
      out,
      here: (piece) => {
        const target = view(out, piece);
        engine.hash(gathered(piece), target);
        engine.multiply(scalar, target, target);
      },
      put: (piece, place) => {
        const packed = gathered(piece);
        if (packed.data.length > ITEM_BYTES) return false;
        place.data.set(packed.data);
        place.offsets.set(packed.offsets);
        return true;
      },
    });
  }

  /**
   * As {@link Engine.multiply}, with the event loop turning between pieces.
   * @throws PointError for one of the points that is refused.
   */
  async multiply(scalar: Uint8Array, points: Uint8Array, out: Uint8Array): Promise<void> {
    const { engine } = this;
    await this.#run({
      kind: 'multiply',
      count: points.length / POINT_BYTES,
      scalar,
      out,
      here: (piece) => {
        try {
          engine.multiply(scalar, view(points, piece), view(out, piece));
        } catch (error) {
          throw error instanceof PointError ? new PointError(piece.from + error.index, error.reason) : error;
        }
      },
      put: (piece, place) => {
        place.points.set(view(points, piece));
        return true;
      },
    });
  }

  /** Ends the workers; what they were doing is lost. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.close()));
  }

  async #run(task: Task): Promise<void> {
    const { batch } = this.engine;
    const threads = this.#workers.length + 1;
    // Enough pieces for every place, in whole groups of the four points that the kernel takes at once.
    const share = threads === 1 ? batch : Math.ceil(task.count / (PLACES * threads * 4)) * 4;
    const size = Math.max(1, Math.min(batch, share));
    let next = 0;
    let failed = false;
    const take = (): Piece | undefined => {
      if (failed || next >= task.count) return undefined;
      this.#signal?.throwIfAborted();
      const from = next;
      next = Math.min(task.count, from + size);
      return { from, to: next };
    };
    const guarded = async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    const helping = this.#workers.flatMap((worker) =>
      worker.places.map((place) =>
        guarded(async () => {
          for (let piece = take(); piece; piece = take()) {
            if (task.put(piece, place)) await worker.work(task, piece, place);
            else task.here(piece);
          }
        }),
      ),
    );
    const main = guarded(async () => {
      for (let piece = take(); piece; piece = take()) {
        task.here(piece);
        await setImmediate();
      }
    });
    // All of them, so that nothing still writes to `out` after a failure.
    const failure = (await Promise.allSettled([main, ...helping])).find(
      ({ status }) => status === 'rejected',
    );
    if (failure) throw (failure as PromiseRejectedResult).reason;
  }
}

function view(points: Uint8Array, { from, to }: Piece): Uint8Array {
  return points.subarray(from * POINT_BYTES, to * POINT_BYTES);
}

/** Items `from` to `to` of the order, packed: a view when the order is that of the set. */
function gather(items: ItemSet, from: number, to: number, order?: Uint32Array): ItemSet {
  const count = to - from;
  const offsets = new Uint32Array(count + 1);
  const at = (i: number) => (order ? order[from + i]! : from + i);
  for (let i = 0; i < count; i++) {
    const item = at(i);
    offsets[i + 1] = offsets[i]! + items.offsets[item + 1]! - items.offsets[item]!;
  }
  if (!order) {
    return { count, data: items.data.subarray(items.offsets[from], items.offsets[to]), offsets };
  }
  const data = new Uint8Array(offsets[count]!);
  for (let i = 0; i < count; i++) {
    let source = items.offsets[order[from + i]!]!;
    const end = offsets[i + 1]!;
    for (let target = offsets[i]!; target < end; ) data[target++] = items.data[source++]!;
  }
  return { count, data, offsets };
}

/** A worker thread, seen from the main thread. */
class TeamWorker {
  readonly places: readonly Place[];
  readonly started: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(reason: unknown): void }>();
  #end: Error | undefined;

  constructor(engine: EngineName, batch: number) {
    const memories = Array.from({ length: PLACES }, () => Place.memory(batch));
    this.places = memories.map((memory, i) => new Place(i, memory, batch));
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { engine, memories, batch },
    });
    this.#worker.on('message', (answer: Answer) => this.#answer(answer));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a worker thread has ended')));
    // The first message, which the worker sends when its engine stands, bears this number.
    this.started = this.#await(-1).then(() => undefined);
    this.started.catch(() => {});
  }

  async work(task: Task, { from, to }: Piece, place: Place): Promise<void> {
    place.scalar.set(task.scalar);
    const order: Order = { place: place.index, kind: task.kind, count: to - from };
    const answer = this.#await(place.index);
    if (!this.#end) this.#worker.postMessage(order);
    const { error } = await answer;
    place.scalar.fill(0);
    if (error && error.index !== undefined) throw new PointError(from + error.index, error.message);
    if (error) throw new Error(error.message);
    task.out.set(place.points.subarray(0, (to - from) * POINT_BYTES), from * POINT_BYTES);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #await(place: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#end) reject(this.#end);
      else this.#waiting.set(place, { resolve, reject });
    });
  }

  #answer(answer: Answer): void {
    this.#waiting.get(answer.place)?.resolve(answer);
    this.#waiting.delete(answer.place);
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}
