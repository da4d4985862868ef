/**
 * One connection of the program of this host, from here on carried in messages: what the program sends goes
 * out, what comes in is handed to it. Each direction has a window: so many bytes may be under way that
 * the other program has not taken yet; after that the sending program is made to wait.
 */
import type { Socket } from 'node:net';
import { ProtocolError } from '../../errors.ts';
import { MAX_PAYLOAD } from './frame.ts';

/** Above bandwidth times delay of every network here, so that it never limits one. */
export const WINDOW_BYTES = 4 << 20;
const CREDIT_BYTES = WINDOW_BYTES / 4;

/** What a connection has to say to the other side. */
export interface LinkSays {
  data(bytes: Uint8Array): void;
  end(): void;
  reset(): void;
  credit(amount: number): void;
  /** Bytes were handed over, or the connection has changed: for whoever waits for that. */
  moved(): void;
}

export class Link {
  readonly #say: LinkSays;
  readonly #peer: string;
  #socket: Socket | undefined;
  /** What came before there was a socket. */
  #early: Uint8Array[] = [];
  #endedEarly = false;
  /** Sent and not credited yet. */
  #out = 0;
  /** Received and not handed over yet, and handed over and not credited yet. */
  #in = 0;
  #taken = 0;
  #sentEnd = false;
  #receivedEnd = false;
  #over = false;

  constructor(peer: string, say: LinkSays) {
    this.#peer = peer;
    this.#say = say;
  }

  /** Whether the program of this host will send nothing more. */
  get isSilent(): boolean {
    return this.#sentEnd || this.#over;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** From now on `socket` is the program's end. */
  attach(socket: Socket): void {
    this.#socket = socket;
    if (this.#over) return void socket.destroy();
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#read(socket, bytes));
    socket.on('end', () => {
      if (this.isSilent) return;
      this.#sentEnd = true;
      this.#say.end();
      this.#say.moved();
    });
    // Whoever closes while it is still written to breaks the connection off, as TCP does.
    socket.on('error', () => {});
    socket.on('close', () => {
      const broken = !this.#over && !(this.#sentEnd && this.#receivedEnd);
      this.#over = true;
      if (broken) this.#say.reset();
      this.#say.moved();
    });
    for (const bytes of this.#early) this.#write(socket, bytes);
    this.#early = [];
    if (this.#endedEarly) socket.end();
  }

  #read(socket: Socket, bytes: Buffer): void {
    if (this.#over || this.#sentEnd) return;
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD)
      this.#say.data(bytes.subarray(at, at + MAX_PAYLOAD));
    this.#out += bytes.length;
    if (this.#out >= WINDOW_BYTES) socket.pause();
  }

  #write(socket: Socket, bytes: Uint8Array): void {
    socket.write(bytes, (error) => {
      if (error || this.#over) return;
      this.#in -= bytes.length;
      this.#taken += bytes.length;
      if (this.#taken < CREDIT_BYTES) return;
      this.#say.credit(this.#taken);
      this.#taken = 0;
    });
  }

  /** @throws ProtocolError when the other side sends more than the window holds, or after its end */
  received(bytes: Uint8Array): void {
    if (this.#over) return; // sent before the other side knew
    if (this.#receivedEnd)
      throw new ProtocolError(`the ${this.#peer} sent bytes of a carried connection after its end`);
    this.#in += bytes.length;
    // Who fills the window may overshoot it by what was read at once.
    if (this.#in + this.#taken > WINDOW_BYTES + MAX_PAYLOAD)
      throw new ProtocolError(
        `the ${this.#peer} sent more of a carried connection than its window of ${WINDOW_BYTES} bytes`,
      );
    if (this.#socket === undefined) this.#early.push(bytes);
    else this.#write(this.#socket, bytes);
  }

  receivedEnd(): void {
    if (this.#receivedEnd || this.#over) return;
    this.#receivedEnd = true;
    if (this.#socket === undefined) this.#endedEarly = true;
    else this.#socket.end();
  }

  /** @throws ProtocolError when more is credited than was sent */
  receivedCredit(amount: number): void {
    if (this.#over) return;
    if (amount > this.#out)
      throw new ProtocolError(
        `the ${this.#peer} says it took ${amount} bytes of a carried connection, where ${this.#out} were sent`,
      );
    this.#out -= amount;
    if (this.#out < WINDOW_BYTES) this.#socket?.resume();
  }

  receivedReset(): void {
    this.#over = true;
    this.#early = [];
    this.#socket?.resetAndDestroy();
    this.#say.moved();
  }

  /** The program of this host has ended: if it never took the connection, it never will. */
  abandon(): void {
    if (this.#socket !== undefined || this.#over) return;
    this.#over = true;
    this.#early = [];
    this.#say.reset();
  }

  /** The other side sends nothing more and reads nothing more: what is left of it is handed over. */
  wither(): void {
    this.#sentEnd = true;
    this.#receivedEnd = true;
    this.#socket?.resume();
    if (this.#socket === undefined) this.#endedEarly = true;
    else this.#socket.end();
  }

  destroy(): void {
    this.#over = true;
    this.#early = [];
    this.#socket?.destroy();
  }
}
