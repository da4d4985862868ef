/**
 * Many connections over one byte stream: the only way into and out of an enclave, as a vsock is.
 *
 * A frame is `type (1) ‖ connection (4, big-endian) ‖ length (4) ‖ payload`. A connection carries chunks
 * of at most 1 MiB in order, both ways, each direction closed on its own. Every direction has a window:
 * who doesn't read lets its peer wait, and no other connection.
 *
 * Both ends run this code and neither trusts the other: what breaks the rules ends the stream.
 */
import type { Readable, Writable } from 'node:stream';
import { FrameParser } from './frame-parser.ts';

/** Longest chunk of a connection. */
export const MAX_CHUNK = 2 ** 20;
/** What an unread chunk takes besides its bytes, at most: an empty one costs credit too. */
const CHUNK_OVERHEAD = 512;
const WINDOW = 4 * (MAX_CHUNK + CHUNK_OVERHEAD);
/** In UTF-8 bytes. */
const MAX_LABEL = 256;
const MAX_REASON = 1024;
/** Frames without data that may wait to be written. */
const MAX_UNWRITTEN = 10_000;
const HEADER = 9;
/** A peer that opens more than this at once is broken or hostile. */
const MAX_CONNECTIONS = 1024;

const OPEN = 0;
const DATA = 1;
const END = 2;
const RESET = 3;
const CREDIT = 4;

/** One connection, as either end sees it. */
export interface Connection {
  /** What the end that opened it calls it. An enclave must not trust it. */
  readonly label: string;
  /** Sends a chunk of at most 1 MiB; resolves when the buffer may be used again. Rejects when it was reset. */
  send(chunk: Uint8Array): Promise<void>;
  /** As {@link send}, a chunk that consists of `parts`. */
  sendParts(parts: readonly Uint8Array[]): Promise<void>;
  /** The next chunk. Rejects when there is none: the peer has ended or reset the connection. */
  receive(maxBytes?: number): Promise<Uint8Array>;
  /** As {@link receive}; `null` when the peer has ended its direction. */
  next(): Promise<Uint8Array | null>;
  /** Ends this direction; the other stays open. */
  end(): void;
  /** Ends both directions at once. The peer gets `reason`. */
  reset(reason: string): void;
  /** Resolves to the reason when the connection is reset, by whichever end, or lost with the stream. */
  readonly whenReset: Promise<Error>;
  /** Whether the peer has ended its direction. What it sent before can still be read, also after a reset. */
  readonly hasPeerEnded: boolean;
}

/** One end of the stream. */
export class Multiplexer {
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #onOpen: (connection: Connection) => void;
  readonly #connections = new Map<number, MultiplexedConnection>();
  readonly #parser = new FrameParser(HEADER, MAX_CHUNK, (header, payload) =>
    this.#take(header.getUint8(0), header.getUint32(1), payload),
  );
  #next: number;
  /** Connections that this end has opened. */
  #own = 0;
  #closed: Error | undefined;
  /** Frames without data that the operating system has not taken yet. */
  #unwritten = 0;
  /** Called when this end opens its first connection, and when the last that it opened is closed. */
  onBusy: (isBusy: boolean) => void = () => {};
  /** Called when the stream is gone: closes, unless whoever knows better why does so in its place. */
  onLost: (reason: Error) => void = (reason) => this.close(reason);

  /**
   * @param side the two ends number the connections that they open differently.
   * @param onOpen called for each connection that the other end opens.
   */
  constructor(
    stream: { readonly input: Readable; readonly output: Writable },
    side: 'inside' | 'outside',
    onOpen: (connection: Connection) => void,
  ) {
    this.#input = stream.input;
    this.#output = stream.output;
    this.#onOpen = onOpen;
    this.#next = side === 'inside' ? 0 : 1;
    this.#output.on('error', (error) => this.onLost(error));
    this.#input.on('error', (error) => this.onLost(error));
    this.#input.on('close', () => this.onLost(new Error('the stream has ended')));
  }

  /** What unread chunks of all connections take, as their windows count it. */
  get heldBytes(): number {
    return [...this.#connections.values()].reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  }

  /** Takes bytes that have arrived; the buffer may be used again afterwards. */
  push(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.close(error as Error);
    }
  }

  /** Opens a connection. @throws Error when the stream has ended. */
  open(label: string): Connection {
    if (this.#closed) throw this.#closed;
    if (Buffer.byteLength(label) > MAX_LABEL) throw new Error(`a label has at most ${MAX_LABEL} bytes`);
    const connection = this.#add(this.#next, label);
    this.#next += 2;
    this.#own += 1;
    if (this.#own === 1) this.onBusy(true);
    void this.write(OPEN, connection.id, Buffer.from(label));
    return connection;
  }

  /** Ends the stream: every connection is reset with `reason`. */
  close(reason: Error): void {
    if (this.#closed) return;
    this.#closed = reason;
    for (const connection of [...this.#connections.values()]) connection.broken(reason);
    this.#input.destroy();
    this.#output.destroy();
  }

  /** Resolves when the frame is with the operating system, or the stream is closed. */
  write(type: number, id: number, ...parts: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const header = Buffer.allocUnsafe(HEADER);
    header[0] = type;
    header.writeUInt32BE(id, 1);
    header.writeUInt32BE(totalLength(parts), 5);
    const { promise, resolve } = Promise.withResolvers<void>();
    // Who makes us answer and does not read the answers gets no more of them; data has its window.
    if (type !== DATA && ++this.#unwritten > MAX_UNWRITTEN) {
      this.close(new Error('the other end does not read'));
      return Promise.resolve();
    }
    // All of it in one system call.
    this.#output.cork();
    for (const part of [header, ...parts.slice(0, -1)]) this.#output.write(part);
    this.#output.write(parts.at(-1) ?? NOTHING, () => {
      if (type !== DATA) this.#unwritten -= 1;
      resolve();
    });
    this.#output.uncork();
    return promise;
  }

  /** Forgets a connection that is closed both ways. */
  remove(id: number): void {
    if (!this.#connections.delete(id) || id % 2 !== this.#next % 2) return;
    this.#own -= 1;
    if (this.#own === 0) this.onBusy(false);
  }

  #add(id: number, label: string): MultiplexedConnection {
    const connection = new MultiplexedConnection(this, id, label);
    this.#connections.set(id, connection);
    return connection;
  }

  #take(type: number, id: number, payload: Uint8Array): void {
    if (type === OPEN) {
      // The other end's numbers have the other parity.
      if (id % 2 === this.#next % 2 || this.#connections.has(id))
        throw new Error('a connection was opened twice');
      if (payload.length > MAX_LABEL) throw new Error(`a label of ${payload.length} bytes arrived`);
      if (this.#connections.size >= MAX_CONNECTIONS) throw new Error('too many connections were opened');
      this.#onOpen(this.#add(id, Buffer.from(payload).toString()));
      return;
    }
    // Frames may still be under way to a connection that this end has reset.
    this.#connections.get(id)?.take(type, payload);
  }
}

class MultiplexedConnection implements Connection {
  readonly #multiplexer: Multiplexer;
  readonly id: number;
  readonly label: string;
  readonly #chunks: Uint8Array[] = [];
  #waiting: { resolve(chunk: Uint8Array | null): void; reject(error: Error): void } | undefined;
  #broken: Error | undefined;
  readonly #reset = Promise.withResolvers<Error>();
  #isEnded = false;
  #hasEnded = false;
  /** Bytes that may still be sent. */
  #credit = WINDOW;
  #onCredit: (() => void) | undefined;
  /** Bytes that the peer may still send, and those read here that it has not been told of. */
  #granted = WINDOW;
  #read = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(multiplexer: Multiplexer, id: number, label: string) {
    this.#multiplexer = multiplexer;
    this.id = id;
    this.label = label;
  }

  get whenReset(): Promise<Error> {
    return this.#reset.promise;
  }

  get hasPeerEnded(): boolean {
    return this.#hasEnded;
  }

  get heldBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length + CHUNK_OVERHEAD, 0);
  }

  send(chunk: Uint8Array): Promise<void> {
    return this.sendParts([chunk]);
  }

  sendParts(parts: readonly Uint8Array[]): Promise<void> {
    const length = totalLength(parts);
    if (length > MAX_CHUNK) {
      return Promise.reject(new Error(`a chunk has at most ${MAX_CHUNK} bytes, not ${length}`));
    }
    const sent = this.#last.then(() => this.#send(parts, length));
    this.#last = sent.catch(() => {});
    return sent;
  }

  async #send(parts: readonly Uint8Array[], length: number): Promise<void> {
    if (this.#isEnded) throw new Error('this direction of the connection has ended');
    const cost = length + CHUNK_OVERHEAD;
    while (!this.#broken && this.#credit < cost) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onCredit = resolve;
      await promise;
    }
    if (this.#broken) throw this.#broken;
    this.#credit -= cost;
    await this.#multiplexer.write(DATA, this.id, ...parts);
  }

  async receive(maxBytes = MAX_CHUNK): Promise<Uint8Array> {
    const chunk = await this.next();
    if (chunk === null) throw new Error('the connection has ended');
    if (chunk.length > maxBytes) {
      throw new Error(`a chunk of ${chunk.length} bytes arrived where at most ${maxBytes} are allowed`);
    }
    return chunk;
  }

  next(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#acknowledge(chunk.length);
      return Promise.resolve(chunk);
    }
    if (this.#hasEnded) return Promise.resolve(null);
    if (this.#broken) return Promise.reject(this.#broken);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
    this.#waiting = { resolve, reject };
    return promise;
  }

  end(): void {
    this.#last = this.#last.then(() => {
      if (this.#isEnded || this.#broken) return;
      this.#isEnded = true;
      void this.#multiplexer.write(END, this.id);
      this.#removeIfDone();
    });
  }

  reset(reason: string): void {
    if (this.#broken) return;
    void this.#multiplexer.write(RESET, this.id, Buffer.from(reason).subarray(0, MAX_REASON));
    this.broken(new Error(reason));
  }

  /** Ends both directions here, without a word to the peer. What came before the peer's end is whole, and stays. */
  broken(reason: Error): void {
    this.#broken ??= reason;
    this.#reset.resolve(this.#broken);
    if (!this.#hasEnded) this.#chunks.length = 0;
    this.#waiting?.reject(this.#broken);
    this.#waiting = undefined;
    this.#onCredit?.();
    this.#multiplexer.remove(this.id);
  }

  take(type: number, payload: Uint8Array): void {
    switch (type) {
      case DATA:
        this.#granted -= payload.length + CHUNK_OVERHEAD;
        if (this.#granted < 0 || this.#hasEnded) throw new Error('a connection sent more than it may');
        this.#deliver(payload);
        return;
      case END:
        this.#hasEnded = true;
        this.#waiting?.resolve(null);
        this.#waiting = undefined;
        this.#removeIfDone();
        return;
      case RESET:
        if (payload.length > MAX_REASON) throw new Error(`a reason of ${payload.length} bytes arrived`);
        this.broken(new Error(Buffer.from(payload).toString()));
        return;
      case CREDIT:
        if (payload.length !== 4) throw new Error('a malformed credit arrived');
        this.#credit += new DataView(payload.buffer, payload.byteOffset).getUint32(0);
        this.#onCredit?.();
        return;
      default:
        throw new Error(`a frame of the unknown type ${type} arrived`);
    }
  }

  #deliver(chunk: Uint8Array): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) this.#chunks.push(chunk);
    else {
      this.#acknowledge(chunk.length);
      waiting.resolve(chunk);
    }
  }

  /** Lets the peer send as much again as was read, once it is worth a frame. */
  #acknowledge(length: number): void {
    this.#read += length + CHUNK_OVERHEAD;
    if (this.#read < WINDOW / 4) return;
    const credit = new Uint8Array(4);
    new DataView(credit.buffer).setUint32(0, this.#read);
    this.#granted += this.#read;
    this.#read = 0;
    void this.#multiplexer.write(CREDIT, this.id, credit);
  }

  #removeIfDone(): void {
    if (this.#isEnded && this.#hasEnded) this.#multiplexer.remove(this.id);
  }
}

const NOTHING = new Uint8Array(0);

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
