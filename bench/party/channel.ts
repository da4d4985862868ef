/**
 * A party's end of the connection to one other party: messages over a TCP socket, counted, with
 * back-pressure. The only code of the project that puts bytes on the wire between parties.
 *
 * Reading: the socket fills memory of ours (`onread`): a large message's own, from its first 64 KiB on.
 */
import { once } from 'node:events';
import { type OnReadOpts, Socket } from 'node:net';
import type { Channel, Flight, Role } from '../contract.ts';
import { PeerGoneError, ProtocolError } from '../errors.ts';
import type { FlightClock } from './flights.ts';
import {
  FRAME_BYTES,
  FrameKind,
  MAX_FLIGHT,
  MAX_HELLO_BYTES,
  MAX_MESSAGE_BYTES,
  writeHeader,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';

/** The types omit `onread` and `handle`; the first is documented, the second is not. */
type SocketOptions = ConstructorParameters<typeof Socket>[0];

/** Small, so that little of a large message passes through it. */
const READ_BUFFER = 64 << 10;
/** Below this, header and message are copied together: cheaper than a gathering write. */
const SMALL_MESSAGE = 16 << 10;

/** What crossed a channel in one phase. Bytes are those of the socket: messages and their 8-byte frames. */
export interface Traffic {
  sentBytes: number;
  receivedBytes: number;
  sentMessages: number;
  receivedMessages: number;
}

export function noTraffic(): Traffic {
  return { sentBytes: 0, receivedBytes: 0, sentMessages: 0, receivedMessages: 0 };
}

export class SocketChannel implements Channel {
  #traffic = noTraffic();
  readonly #socket: Socket;
  readonly #clock: FlightClock;
  /** Who we are and who is there, for error messages. */
  readonly #self: Role;
  #peer: Role | 'peer';

  readonly #reader: FrameReader;
  #failure: Error | undefined;
  #silence: string | undefined;

  private constructor(socket: Socket, self: Role, peer: Role | 'peer', clock: FlightClock) {
    this.#socket = socket;
    this.#self = self;
    this.#peer = peer;
    this.#clock = clock;
    this.#reader = new FrameReader(
      () => this.#peer,
      () => socket.resume(),
    );
    socket.setNoDelay(true);
    socket.on('end', () => this.#fail(new PeerGoneError(`the ${this.#peer} closed the connection`)));
    socket.on('close', () => this.#fail(new PeerGoneError(`the connection to the ${this.#peer} is closed`)));
    socket.on('error', (error) =>
      this.#fail(new PeerGoneError(`the connection to the ${this.#peer} broke: ${error.message}`)),
    );
  }

  /** Connects to a party that listens on `port` of `host`. */
  static async connect(
    port: number,
    host: string,
    self: Role,
    peer: Role,
    clock: FlightClock,
  ): Promise<SocketChannel> {
    let reader: FrameReader | undefined;
    const socket = new Socket({
      onread: onRead(() => reader),
    } as SocketOptions);
    const channel = new SocketChannel(socket, self, peer, clock);
    reader = channel.#reader;
    const broken = once(socket, 'error').then(([error]) => Promise.reject(error));
    socket.connect(port, host);
    await Promise.race([once(socket, 'connect'), broken]);
    broken.catch(() => {}); // later errors reach the channel through its own listener
    return channel;
  }

  /**
   * Wraps an accepted socket (of a server with `pauseOnConnect`). Node offers the reused read buffer
   * only at construction, and a server constructs its sockets itself; so the accepted handle is
   * moved into a socket of our own, and read through events where that is impossible.
   */
  static accept(accepted: Socket, self: Role, clock: FlightClock): SocketChannel {
    const holder = accepted as unknown as { _handle: object | null };
    if (!holder._handle) {
      const channel = new SocketChannel(accepted, self, 'peer', clock);
      accepted.on('data', (chunk: Buffer) => {
        if (!channel.#reader.take(chunk)) accepted.pause();
      });
      accepted.resume();
      return channel;
    }
    let reader: FrameReader | undefined;
    const socket = new Socket({
      handle: holder._handle,
      onread: onRead(() => reader),
    } as SocketOptions);
    holder._handle = null;
    const channel = new SocketChannel(socket, self, 'peer', clock);
    reader = channel.#reader;
    socket.read(0);
    return channel;
  }

  /** First message of the connecting side: proves that it belongs to this run, and says who it is. */
  sendHello(hello: Uint8Array): Promise<void> {
    return this.#write(hello, 0, FrameKind.hello);
  }

  /** Awaits the other side's hello; `check` returns the role it proves, or throws. */
  async receiveHello(check: (hello: Uint8Array) => Role): Promise<Role> {
    const { header, body } = await this.#reader.next(MAX_HELLO_BYTES);
    if (header.kind !== FrameKind.hello) throw new ProtocolError('the connecting process did not say hello');
    this.#peer = check(body);
    return this.#peer;
  }

  send(message: Uint8Array): Promise<void> {
    return this.#sendData(message, this.#clock.open());
  }

  openFlight(): Flight {
    const flight = this.#clock.open();
    return { send: (message) => this.#sendData(message, flight) };
  }

  /** Forbids sending and receiving, with this reason in the error; `undefined` allows it again. */
  silence(reason: string | undefined): void {
    this.#silence = reason;
  }

  async receive(maxBytes = MAX_MESSAGE_BYTES): Promise<Uint8Array> {
    if (this.#silence) throw new ProtocolError(this.#silence);
    const { header, body } = await this.#reader.next(maxBytes);
    if (header.kind === FrameKind.phaseEnd) {
      throw new ProtocolError(
        `the ${this.#peer} ended the phase while the ${this.#self} still waited for a message`,
      );
    }
    if (header.kind !== FrameKind.data) throw new ProtocolError(`the ${this.#peer} said hello again`);
    this.#traffic.receivedBytes += FRAME_BYTES + body.length;
    this.#traffic.receivedMessages++;
    this.#clock.received(header.flight);
    return body;
  }

  /**
   * Ends a phase: tells the peer that nothing more comes, and waits until everything the peer sent
   * has arrived. @throws ProtocolError when a message of the phase was left unread; it is not taken in.
   */
  async endPhase(): Promise<Traffic> {
    await this.#write(new Uint8Array(0), 0, FrameKind.phaseEnd);
    await this.#reader.phaseEnd(this.#self);
    const traffic = this.#traffic;
    this.#traffic = noTraffic();
    return traffic;
  }

  /** Closes the connection; pending and later calls reject. */
  close(): void {
    this.#fail(new PeerGoneError(`the ${this.#self} closed the connection`));
    this.#socket.destroy();
  }

  async #sendData(message: Uint8Array, flight: number): Promise<void> {
    if (this.#silence) throw new ProtocolError(this.#silence);
    if (message.length > MAX_MESSAGE_BYTES) {
      throw new RangeError(
        `a message has at most ${MAX_MESSAGE_BYTES} bytes, got ${message.length}: send it in parts`,
      );
    }
    if (flight > MAX_FLIGHT) throw new RangeError(`a phase has at most ${MAX_FLIGHT} flights`);
    this.#clock.sent(flight);
    this.#traffic.sentBytes += FRAME_BYTES + message.length;
    this.#traffic.sentMessages++;
    return this.#write(message, flight, FrameKind.data);
  }

  #write(message: Uint8Array, flight: number, kind: FrameKind): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      const done = (error?: Error | null) => {
        if (!error) resolve();
        else reject(this.#failure ?? new PeerGoneError(`cannot send to the ${this.#peer}: ${error.message}`));
      };
      const header = { length: message.length, flight, kind };
      if (message.length <= SMALL_MESSAGE) {
        const frame = Buffer.allocUnsafe(FRAME_BYTES + message.length);
        writeHeader(frame, header);
        frame.set(message, FRAME_BYTES);
        this.#socket.write(frame, done);
        return;
      }
      const head = Buffer.allocUnsafe(FRAME_BYTES);
      writeHeader(head, header);
      this.#socket.cork();
      this.#socket.write(head);
      this.#socket.write(message, done);
      this.#socket.uncork();
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#reader.fail(error);
  }
}

/** `onread` of a socket: large messages are read straight into their memory, the rest through one buffer. */
function onRead(reader: () => FrameReader | undefined): OnReadOpts {
  const shared = Buffer.allocUnsafeSlow(READ_BUFFER);
  return {
    buffer: () => reader()?.target(shared) ?? shared,
    callback: (length, buffer) =>
      (buffer === shared ? reader()?.take(shared.subarray(0, length)) : reader()?.filled(length)) ?? true,
  };
}
