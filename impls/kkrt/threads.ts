/** All threads of a party at work on one matrix: each has a share, that of the main thread is timed. */
import { Crew, shares } from '../primitives/working-memory/crew.ts';
import type { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type Part, SHARE_BYTES, type Share } from './share.ts';
import type { Assignment, Order, Plan } from './tasks.ts';

/** Starts workers, if there are to be any: it takes a while. */
export async function startCrew(memory: WorkingMemory, threads: number): Promise<Crew | undefined> {
  return threads > 1 ? await Crew.start(memory, threads, new URL('./tasks.ts', import.meta.url)) : undefined;
}

export class Threads<Own extends Order, Mine extends Share<Own>> {
  /** How many there are. */
  readonly count: number;
  /** The main thread's share. */
  readonly mine: Mine;
  readonly #crew: Crew | undefined;

  /** Gives every thread its share of `plan`; `make` makes that of the main thread. */
  constructor(crew: Crew | undefined, memory: WorkingMemory, plan: Plan, make: (part: Part) => Mine) {
    this.#crew = crew;
    this.count = crew?.size ?? 1;
    const of = this.count;
    const assignments = Array.from(
      { length: of },
      (_, index): Assignment => ({
        plan,
        part: { index, of },
        arena: index < of - 1 ? memory.allocate(SHARE_BYTES) : 0,
      }),
    );
    let mine: Mine | undefined;
    if (crew) {
      crew.run('begin', assignments, ({ part }) => {
        mine = make(part);
      });
    }
    this.mine = mine ?? make({ index: 0, of: 1 });
  }

  /** Has every list of orders done by another thread, the last one by this; returns when all are done. */
  run(orders: readonly (readonly Own[])[]): void {
    const own = (list: readonly Own[]) => {
      for (const order of list) this.mine.do(order);
    };
    if (this.#crew) this.#crew.run('work', orders, own);
    else orders.forEach(own);
  }

  /** Has `order` done by every thread, each with its own share. */
  all(order: Own): void {
    this.run(Array.from({ length: this.count }, () => [order]));
  }

  /** Cuts 0 … `count` into a range for each thread, or fewer, all but the last whole multiples of `step`. */
  ranges(count: number, step: number): (readonly [from: number, to: number])[] {
    return shares(Math.ceil(count / step), this.count).map(({ from, to }) => [
      from * step,
      Math.min(count, to * step),
    ]);
  }
}
