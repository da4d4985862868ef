import type { Session } from '../../bench/contract.ts';

/** Adds up the time of named steps, and reports them once. */
export class Steps {
  readonly #session: Pick<Session, 'step'>;
  readonly #spent = new Map<string, number>();

  constructor(session: Pick<Session, 'step'>) {
    this.#session = session;
  }

  /** Does `work` as part of step `name`. */
  time<T>(name: string, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + performance.now() - start);
    return result;
  }

  /** Does `work`, and waits for it, as part of step `name`. */
  async wait<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + performance.now() - start);
    return result;
  }

  /** Reports what has been spent since the last time. */
  report(): void {
    for (const [name, ms] of this.#spent) this.#session.step(name, ms);
    this.#spent.clear();
  }
}
