/** The threads of a party beside its main one: each does its share of every piece of work, in the same memory. */
import { Worker } from 'node:worker_threads';
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import type { ReceiverOrder, ReceiverPlan } from './receiver-share.ts';
import type { SenderOrder, SenderPlan } from './sender-share.ts';
import { type Part, SHARE_BYTES, type Share } from './share.ts';

export type Plan = ReceiverPlan | SenderPlan;
export type Order = ReceiverOrder | SenderOrder;

/** The first message to a worker: what it is to work on, and where its own memory is. */
export interface Assignment {
  readonly memory: WebAssembly.Memory;
  readonly plan: Plan;
  readonly part: Part;
  /** Address of {@link SHARE_BYTES} bytes. */
  readonly arena: number;
}

/** A worker's answer: it has done what it was told, or what went wrong. */
export interface Answer {
  readonly error?: string;
}

export class Crew {
  readonly #members: Member[];

  private constructor(members: Member[]) {
    this.#members = members;
  }

  /** Starts `threads - 1` workers: with 1 there are none. */
  static async start(threads: number): Promise<Crew> {
    const crew = new Crew(Array.from({ length: threads - 1 }, () => new Member()));
    try {
      await Promise.all(crew.#members.map((member) => member.started));
    } catch (error) {
      await crew.close();
      throw error;
    }
    return crew;
  }

  /** All threads, the main one included. */
  get threads(): number {
    return this.#members.length + 1;
  }

  /** Gives every worker its share, with room in `memory`. */
  async assign(memory: WorkingMemory, plan: Plan): Promise<void> {
    const of = this.threads;
    await Promise.all(
      this.#members.map((member, i) => {
        const arena = memory.allocate(SHARE_BYTES);
        return member.ask({
          memory: memory.memory,
          plan,
          part: { index: i + 1, of },
          arena,
        } satisfies Assignment);
      }),
    );
  }

  /** Does `orders[0]` here by `share`, `orders[i]` by worker i, and waits for all. */
  async run<Own extends Order>(share: Share<Own>, orders: readonly (readonly Own[])[]): Promise<void> {
    const [own = [], ...others] = orders;
    const answers = this.#members.map((member, i) => member.ask(others[i] ?? []));
    try {
      for (const order of own) share.do(order);
    } finally {
      // All of them, so that nothing still writes after a failure.
      await Promise.allSettled(answers);
    }
    await Promise.all(answers);
  }

  /** Ends the workers; what they were doing is lost. */
  async close(): Promise<void> {
    await Promise.all(this.#members.splice(0).map((member) => member.close()));
  }
}

/** A worker thread, seen from the main thread: asked one thing at a time. */
class Member {
  readonly started: Promise<void>;
  readonly #worker: Worker;
  #waiting: { resolve(): void; reject(error: Error): void } | undefined;
  #end: Error | undefined;

  constructor() {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url));
    this.#worker.on('message', ({ error }: Answer) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (error === undefined) waiting?.resolve();
      else waiting?.reject(new Error(error));
    });
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a worker thread has ended')));
    // Its first message says that it stands.
    this.started = this.#answer();
    this.started.catch(() => {});
  }

  async ask(what: Assignment | readonly Order[]): Promise<void> {
    const answer = this.#answer();
    if (!this.#end) this.#worker.postMessage(what);
    await answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end) reject(this.#end);
      else this.#waiting = { resolve, reject };
    });
  }

  #fail(error: Error): void {
    this.#end ??= error;
    this.#waiting?.reject(this.#end);
    this.#waiting = undefined;
  }
}

/** Cuts `count` things into `parts` ranges, all but the last whole multiples of `step`. */
export function ranges(count: number, parts: number, step: number): (readonly [from: number, to: number])[] {
  const size = Math.ceil(count / step / parts) * step;
  return Array.from({ length: parts }, (_, i) => [
    Math.min(count, i * size),
    Math.min(count, (i + 1) * size),
  ]);
}
