/**
 * What the garbler sends (seed, labels, tables, decodings) is one stream of bytes, cut into messages of equal size
 * wherever that falls, so that either side works in place on whatever fits.
 */
import type { Channel, Flight } from '../../../bench/contract.ts';
import { receiveExactly } from '../messages/receive-exactly.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';

/** Bytes of every message but the last. */
export const MESSAGE_BYTES = 1 << 19;
/** The most that is written or read at once across the end of a message. */
const SLACK = 64;
/** Messages that may be under way while the next one is made. */
const BUFFERS = 4;

/** Writes the stream: at {@link address}, then {@link advance}; {@link send} when {@link full}. */
export class Outgoing {
  readonly #memory: WorkingMemory;
  readonly #flight: Flight;
  readonly #buffers: { readonly at: number; sent: Promise<void> }[];
  #current = 0;
  #used = 0;

  constructor(memory: WorkingMemory, flight: Flight) {
    this.#memory = memory;
    this.#flight = flight;
    this.#buffers = Array.from({ length: BUFFERS }, () => ({
      at: memory.allocate(MESSAGE_BYTES + SLACK),
      sent: Promise.resolve(),
    }));
  }

  /** Where the next bytes go. */
  get address(): number {
    return this.#buffer(this.#current).at + this.#used;
  }

  /** How many records of `bytes` bytes (up to 64) may be written now; the last may reach into the next message. */
  room(bytes: number): number {
    return Math.ceil((MESSAGE_BYTES - this.#used) / bytes);
  }

  get full(): boolean {
    return this.#used >= MESSAGE_BYTES;
  }

  advance(bytes: number): void {
    this.#used += bytes;
  }

  /** Sends a full message and makes room. Rejects when an earlier one could not be sent. */
  async send(): Promise<void> {
    const { at } = this.#buffer(this.#current);
    const rest = this.#used - MESSAGE_BYTES;
    this.#post(MESSAGE_BYTES);
    this.#current = (this.#current + 1) % BUFFERS;
    const next = this.#buffer(this.#current);
    await next.sent;
    this.#memory.bytes(next.at, rest).set(this.#memory.bytes(at + MESSAGE_BYTES, rest));
    this.#used = rest;
  }

  /** Sends what is left and waits until all is sent. */
  async finish(): Promise<void> {
    if (this.full) await this.send();
    if (this.#used > 0) this.#post(this.#used);
    for (const { sent } of this.#buffers) await sent;
  }

  #post(bytes: number): void {
    const buffer = this.#buffer(this.#current);
    buffer.sent = this.#flight.send(this.#memory.bytes(buffer.at, bytes));
    // It is awaited before the buffer is used again; until then a failure must not count as nobody's.
    buffer.sent.catch(() => {});
  }

  #buffer(i: number) {
    const buffer = this.#buffers[i];
    if (!buffer) throw new RangeError(`there is no buffer ${i}`);
    return buffer;
  }
}

/** Reads the stream: {@link next} while fewer bytes are {@link available} than wanted, then at {@link address}. */
export class Incoming {
  readonly #memory: WorkingMemory;
  readonly #channel: Channel;
  readonly #what: string;
  readonly #at: number;
  #left: number;
  #start = 0;
  #end = 0;

  /** @param bytes of the whole stream. @param what errors call a message of it. */
  constructor(memory: WorkingMemory, channel: Channel, bytes: number, what: string) {
    this.#memory = memory;
    this.#channel = channel;
    this.#what = what;
    this.#left = bytes;
    this.#at = memory.allocate(MESSAGE_BYTES + SLACK) + SLACK;
  }

  get available(): number {
    return this.#end - this.#start;
  }

  get address(): number {
    return this.#at + this.#start;
  }

  advance(bytes: number): void {
    this.#start += bytes;
  }

  /** The next message, behind what is left of the one before (less than 64 bytes). */
  async next(): Promise<void> {
    const length = Math.min(MESSAGE_BYTES, this.#left);
    if (length === 0) throw new Error('the circuit needs more than its stream has');
    const message = await receiveExactly(this.#channel, length, this.#what);
    const rest = this.available;
    this.#memory.bytes(this.#at - rest, rest).set(this.#memory.bytes(this.address, rest));
    this.#memory.bytes(this.#at, length).set(message);
    this.#left -= length;
    this.#start = -rest;
    this.#end = length;
  }
}
