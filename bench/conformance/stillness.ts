/**
 * Holds back what is sent until nobody moves any more, and then lets all of it go at once. What a party sends all the
 * same did not need what was held back; what it sends only afterwards waited for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** A party that computes blocks the loop of events, and is not taken for one that waits: so often it is looked. */
const LOOKS = 4;

export class Stillness {
  readonly #ms: number;
  readonly #movements: () => number;
  #round: Promise<void> | undefined;

  /** @param movements a number that changes whenever something moves */
  constructor(ms: number, movements: () => number) {
    this.#ms = ms;
    this.#movements = movements;
  }

  /** Resolves when nothing has moved for so long: for all at once that wait by then, in the order in which they came. */
  next(): Promise<void> {
    this.#round ??= this.#untilStill();
    return this.#round;
  }

  async #untilStill(): Promise<void> {
    let last = this.#movements();
    for (let same = 0; same < LOOKS; ) {
      await sleep(this.#ms / LOOKS);
      const now = this.#movements();
      same = now === last ? same + 1 : 0;
      last = now;
    }
    this.#round = undefined;
  }
}
