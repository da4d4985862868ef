/**
 * How flights are counted, for every kind of channel (see `Channel.openFlight` in the contract).
 *
 * Each party has one clock for all of its channels. A message carries the number of its flight, which
 * is 1 + the highest number that the party had received, from anyone, when the flight was opened. The
 * highest number of a phase is then the length of the longest chain of messages each of which may have
 * waited for the one before: the number of one-way latencies the phase cannot avoid.
 */
export class FlightClock {
  #received = 0;
  #highest = 0;

  /** A message of this flight was handed to the party (by `receive`: one still in a queue does not count). */
  received(flight: number): void {
    checkFlight(flight);
    this.#received = Math.max(this.#received, flight);
    this.#highest = Math.max(this.#highest, flight);
  }

  /** The number of a flight that is opened now. */
  open(): number {
    return this.#received + 1;
  }

  /** A message of this flight was sent. */
  sent(flight: number): void {
    checkFlight(flight);
    this.#highest = Math.max(this.#highest, flight);
  }

  /** The highest number among the messages that this party has received in this phase; 0 if none. */
  get highestReceived(): number {
    return this.#received;
  }

  /** The highest number among the messages that this party has sent or received in this phase; 0 if none. */
  get highest(): number {
    return this.#highest;
  }

  /** A phase begins: everything sent in the one before has arrived, and counting starts anew. */
  reset(): void {
    this.#received = 0;
    this.#highest = 0;
  }
}

function checkFlight(flight: number): void {
  if (!Number.isInteger(flight) || flight < 1) {
    throw new RangeError(`"flight" expected a whole number from 1, got ${flight}`);
  }
}
