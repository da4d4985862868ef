/**
 * Lets one of several measuring loops through at a time, in rounds: in each round everyone who is
 * still there has one turn, in an order shuffled anew. So slow drift of the machine meets all alike.
 */
export class Turns {
  readonly #random: () => number;
  readonly #present = new Set<number>();
  readonly #waiting = new Map<number, () => void>();
  #order: number[] = [];
  #busy = false;

  /** `random` gives numbers in [0, 1): seeded, so that an order can be had again. */
  constructor(everyone: Iterable<number>, random: () => number) {
    for (const who of everyone) this.#present.add(who);
    this.#random = random;
  }

  /** Waits for `who`'s turn, does `work`, and lets the next one through. */
  async pass<T>(who: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#waiting.set(who, resolve);
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#next();
    }
  }

  /** `who` has no more turns. */
  leave(who: number): void {
    this.#present.delete(who);
    this.#waiting.delete(who);
    this.#next();
  }

  /** A turn is given only when all who are inside wait for one: else the quick would go first. */
  #next(): void {
    if (this.#busy || this.#present.size === 0) return;
    this.#order = this.#order.filter((who) => this.#present.has(who));
    if (this.#order.length === 0) {
      if (this.#waiting.size < this.#present.size) return;
      this.#order = shuffled([...this.#present], this.#random);
    }
    const [next] = this.#order;
    const resolve = next === undefined ? undefined : this.#waiting.get(next);
    if (next === undefined || !resolve) return;
    this.#order.shift();
    this.#waiting.delete(next);
    this.#busy = true;
    resolve();
  }
}

/** Fisher–Yates. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
