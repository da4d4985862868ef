/**
 * A MOCK WIRE: the channels of two or three parties that live in one process, for tests.
 *
 * Nothing here is a network: no bytes cross a process border, and no time taken over it means
 * anything. It keeps the contract of {@link Channel} to the letter (order, ownership of buffers,
 * flights, limits, back-pressure), records everything that is sent, reports what a party does against
 * the contract, and can tamper: replace a message, cut a party off, silence it.
 */

import type { Channel, Phase, Random, Role } from '../contract.ts';
import { FlightClock } from '../party/flights.ts';
import { Stillness } from './stillness.ts';
import { type Delivered, MAX_MESSAGE, nextTurn, Wire } from './wire.ts';

const HIGH_WATER_MARK = 4 * 2 ** 20;
const HOPELESS_MS = 100;

/** A message as its sender sent it. `index` counts the messages from `from` to `to` over the whole run. */
export interface Message {
  readonly from: Role;
  readonly to: Role;
  readonly phase: Phase;
  readonly index: number;
  readonly flight: number;
  /** The highest flight that its sender had received in the phase when it sent this. */
  readonly after: number;
  readonly bytes: Uint8Array;
}

/**
 * What becomes of a message: `undefined` delivers it, bytes are delivered in its place, `'close'` cuts
 * its sender off (as if its process had died just before), `'stall'` loses this and all later messages
 * of its sender, without a word to anyone.
 */
export type Tampering = Uint8Array | 'close' | 'stall' | undefined;

export interface MeshOptions {
  readonly roles: readonly Role[];
  /** While more than this many bytes wait to be received, `send` does not resolve. Default 4 MiB. */
  readonly highWaterMark?: number;
  /** Sends of these messages do not resolve before they are received, as if no buffer could hold them. */
  readonly unbuffered?: (message: Message) => boolean;
  /**
   * A waiting `receive` rejects when for this long nothing has moved anywhere in the mesh. Default: never.
   * Counted in turns of the event loop, so that a computation which blocks it is not mistaken for silence.
   */
  readonly idleMs?: number;
  /** The same, when the peer can send no more: it has finished the phase, or is silenced. Default 100. */
  readonly hopelessMs?: number;
  readonly tamper?: (message: Message) => Tampering;
  /** Delays every delivery by a few turns of the event loop, so that races between messages show. */
  readonly jitter?: Random;
  /** Hold back every message until for this long nothing has moved; sends resolve at once. Default: nothing is held. */
  readonly stillMs?: number;
  /** Keep the bytes of messages in the transcript (default); otherwise they are empty there. */
  readonly keepBytes?: boolean;
}

/**
 * What a party did against the contract: it used a channel in `prepare`, left a message `unread` at the
 * end of a phase, `changed` a buffer before its send had resolved, or `misused` a channel otherwise.
 */
export interface Violation {
  readonly kind: 'prepare' | 'unread' | 'changed' | 'misused';
  /** One sentence without its full stop. */
  readonly what: string;
}

/** What went from one party to another in one phase. */
export interface Count {
  readonly phase: Phase;
  readonly from: Role;
  readonly to: Role;
  messages: number;
  /** Bytes of the messages themselves, without any framing. */
  bytes: number;
}

export class MemoryMesh {
  /** Every message in the order of the calls to `send`, as sent (before any tampering). */
  readonly transcript: Message[] = [];
  /** What parties did against the contract, in the order in which it was seen. */
  readonly violations: Violation[] = [];
  readonly counts: Count[] = [];
  /** The `maxBytes` of every `receive` that a message was found for, beside that message's length. */
  readonly limits: { readonly by: Role; readonly maxBytes: number | undefined; readonly length: number }[] =
    [];
  readonly #options: MeshOptions;
  readonly #wires = new Map<string, Wire>();
  readonly #clocks = new Map<Role, FlightClock>();
  readonly #finished = new Set<Role>();
  readonly #silenced = new Set<Role>();
  readonly #gone = new Map<Role, Error>();
  readonly #stillness: Stillness | undefined;
  #phase: Phase | undefined;
  /** Changes whenever something moves. */
  #movements = 0;

  constructor(options: MeshOptions) {
    this.#options = options;
    if (options.stillMs !== undefined)
      this.#stillness = new Stillness(options.stillMs, () => this.#movements);
    const observer = {
      onMovement: () => {
        this.#movements++;
      },
      movements: () => this.#movements,
      onTaken: (wire: Wire, { bytes, flight }: Delivered, maxBytes: number | undefined) => {
        this.#movements++;
        this.limits.push({ by: wire.to, maxBytes, length: bytes.length });
        this.#clocks.get(wire.to)!.received(flight);
      },
      patienceMs: (wire: Wire) => this.#patienceMs(wire),
    };
    for (const from of options.roles) {
      this.#clocks.set(from, new FlightClock());
      for (const to of options.roles) {
        if (from !== to) this.#wires.set(`${from} ${to}`, new Wire(from, to, observer));
      }
    }
  }

  /** The end at `self` of the channel to `peer`. Throws if that is the party itself or not in the mesh. */
  channel(self: Role, peer: Role): Channel {
    const out = this.#wires.get(`${self} ${peer}`);
    const into = this.#wires.get(`${peer} ${self}`);
    if (out === undefined || into === undefined) {
      throw new Error(
        `the ${self} has no channel to "${peer}": the parties are ${this.#options.roles.join(', ')}`,
      );
    }
    const clock = this.#clocks.get(self)!;
    return {
      send: (message) => this.#send(out, clock.open(), message),
      receive: (maxBytes) => this.#receive(into, maxBytes),
      openFlight: () => {
        const phase = this.#phase;
        const flight = clock.open();
        return {
          send: (message) => {
            if (this.#phase !== phase) {
              return this.#violation(
                'misused',
                `the ${self} used a flight that it had opened in another phase`,
              );
            }
            return this.#send(out, flight, message);
          },
        };
      },
    };
  }

  /** Begins a phase: all parties are at the barrier, and nothing is under way. */
  beginPhase(phase: Phase): void {
    this.#phase = phase;
    this.#finished.clear();
    for (const clock of this.#clocks.values()) clock.reset();
  }

  /** `role` is done with this phase and will send nothing more in it. */
  finished(role: Role): void {
    this.#finished.add(role);
    this.#movements++;
  }

  /** Ends a phase that all parties have finished: notes what is left unread. Returns its number of flights. */
  endPhase(): number {
    for (const wire of this.#wires.values()) {
      if (wire.unread > 0) {
        this.violations.push({
          kind: 'unread',
          what: `the ${wire.to} left ${wire.unread} message(s) from the ${wire.from} unread at the end of ${this.#phase}`,
        });
      }
      if (wire.isAwaited) {
        this.violations.push({
          kind: 'unread',
          what: `the ${wire.to} was still waiting for a message from the ${wire.from} at the end of ${this.#phase}`,
        });
      }
    }
    const flights = Math.max(...[...this.#clocks.values()].map((clock) => clock.highest));
    this.#phase = undefined;
    return flights;
  }

  /** `role` is dead: its channels close. What it sent before still arrives. */
  fail(role: Role, reason: string): void {
    if (this.#gone.has(role)) return;
    this.#gone.set(role, new Error(reason));
    for (const wire of this.#wires.values()) {
      if (wire.from === role || wire.to === role) wire.close(new Error(`the ${role} is gone: ${reason}`));
    }
  }

  /** Ends everything: whoever still waits gets an error. */
  close(): void {
    for (const role of this.#options.roles) this.fail(role, 'the run is over');
  }

  async #send(wire: Wire, flight: number, message: Uint8Array): Promise<void> {
    const { from, to } = wire;
    if (!(message instanceof Uint8Array)) {
      return this.#violation('misused', `the ${from} sent something that is no Uint8Array to the ${to}`);
    }
    if (message.length > MAX_MESSAGE) {
      return this.#violation(
        'misused',
        `the ${from} sent ${message.length} bytes in one message; at most ${MAX_MESSAGE} are allowed`,
      );
    }
    const phase = this.#phase;
    if (phase === undefined || phase === 'prepare') {
      return this.#violation(
        phase === undefined ? 'misused' : 'prepare',
        `the ${from} sent a message to the ${to} ${phase === undefined ? 'outside of any phase' : 'in prepare'}`,
      );
    }
    if (this.#gone.has(from)) return this.#cutOff(from);
    // Not slice(): a Buffer's is a view.
    const copy = new Uint8Array(message);
    const keep = this.#options.keepBytes !== false || this.#options.tamper !== undefined;
    const record: Message = {
      from,
      to,
      phase,
      index: wire.sent++,
      flight,
      after: this.#clocks.get(from)!.highestReceived,
      bytes: keep ? copy : new Uint8Array(0),
    };
    this.transcript.push(record);
    this.#count(record, copy.length);
    this.#clocks.get(from)!.sent(flight);
    wire.inTheAir++;
    this.#movements++;
    const deliver = () => {
      const sending = wire.tail.then(() => this.#deliver(wire, record, copy));
      wire.tail = sending.catch(() => undefined);
      return sending;
    };
    if (this.#stillness === undefined) await deliver();
    else {
      this.#stillness
        .next()
        .then(deliver)
        .catch(() => undefined);
      await nextTurn();
    }
    if (!equal(message, copy)) {
      await this.#violation(
        'changed',
        `the ${from} changed a message to the ${to} before its send had resolved`,
      );
    }
  }

  async #deliver(wire: Wire, record: Message, copy: Uint8Array): Promise<void> {
    const turns = 1 + (this.#options.jitter === undefined ? 0 : this.#options.jitter.bytes(1)[0]! % 6);
    for (let i = 0; i < turns; i++) await nextTurn();
    const tampering = this.#silenced.has(wire.from) ? 'stall' : this.#options.tamper?.(record);
    wire.inTheAir--;
    this.#movements++;
    if (tampering === 'close') this.fail(wire.from, 'its connection closed');
    if (this.#gone.has(wire.from)) return this.#cutOff(wire.from);
    if (tampering === 'stall') {
      this.#silenced.add(wire.from);
      return;
    }
    if (wire.closed !== undefined) throw wire.closed;
    // Another copy: the receiver owns its buffer, the transcript must keep what was sent.
    const bytes = new Uint8Array(tampering instanceof Uint8Array ? tampering : copy);
    const delivered = { bytes, flight: record.flight, isTaken: false };
    wire.offer(delivered);
    const mark = this.#options.highWaterMark ?? HIGH_WATER_MARK;
    const isUnbuffered = this.#options.unbuffered?.(record) === true;
    await wire.waitForRoom(() => (isUnbuffered ? delivered.isTaken : wire.queuedBytes <= mark));
    if (wire.closed !== undefined && !delivered.isTaken) throw wire.closed;
  }

  async #receive(wire: Wire, maxBytes: number | undefined): Promise<Uint8Array> {
    const phase = this.#phase;
    if (phase === undefined || phase === 'prepare') {
      const when = phase === undefined ? 'outside of any phase' : 'in prepare';
      return this.#violation(
        phase === undefined ? 'misused' : 'prepare',
        `the ${wire.to} waited for a message from the ${wire.from} ${when}`,
      );
    }
    if (wire.isAwaited) {
      return this.#violation(
        'misused',
        `the ${wire.to} called receive twice at once on its channel to the ${wire.from}`,
      );
    }
    if (this.#gone.has(wire.to)) return this.#cutOff(wire.to);
    return wire.receive(maxBytes);
  }

  #patienceMs(wire: Wire): number {
    const cannotSend = this.#silenced.has(wire.from) || this.#finished.has(wire.from);
    if (cannotSend && wire.inTheAir === 0) return this.#options.hopelessMs ?? HOPELESS_MS;
    return this.#options.idleMs ?? Number.POSITIVE_INFINITY;
  }

  #count({ phase, from, to }: Message, length: number): void {
    let count = this.counts.find((c) => c.phase === phase && c.from === from && c.to === to);
    if (count === undefined) {
      count = { phase, from, to, messages: 0, bytes: 0 };
      this.counts.push(count);
    }
    count.messages++;
    count.bytes += length;
  }

  /** As a wire does: a turn of the event loop later, so that a party that keeps trying starves nobody. */
  async #cutOff(role: Role): Promise<never> {
    await nextTurn();
    throw new Error(`the ${role} was cut off: ${this.#gone.get(role)!.message}`);
  }

  /** Notes a breach of the contract and rejects, so that it shows even if the party swallows the error. */
  async #violation(kind: Violation['kind'], what: string): Promise<never> {
    this.violations.push({ kind, what });
    await nextTurn();
    throw new Error(what);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
