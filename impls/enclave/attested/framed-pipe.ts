/**
 * Messages over a byte stream that anybody may carry: length (4, big-endian) and the message. Whoever relays
 * it need not know where messages begin.
 */
import { MAX_RECORD } from '../../primitives/secure-channel/records.ts';
import type { Pipe } from '../../primitives/secure-channel/secure-channel.ts';
import { FrameParser } from '../runtime/frame-parser.ts';

const HEADER = 4;
/** No more is read from the network while this much waits to be received. */
const MAX_WAITING = 2 ** 20;

/** The stream below, as the pipe uses it. */
export interface ByteStream {
  /** Resolves when the buffers may be used again. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** Asks for bytes: the stream calls {@link FramedPipe.take} until that returns false. */
  more(): void;
}

/** One end. The stream's owner feeds it through `take`, `ended` and `broken`. */
export class FramedPipe implements Pipe {
  readonly #stream: ByteStream;
  readonly #parser = new FrameParser(HEADER, MAX_RECORD, (_, message) => this.#deliver(message));
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #receiver: PromiseWithResolvers<Uint8Array> | undefined;
  #over: Error | undefined;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  async send(message: Uint8Array): Promise<void> {
    const header = new Uint8Array(HEADER);
    new DataView(header.buffer).setUint32(0, message.length);
    await this.#stream.write([header, message]);
  }

  async receive(maxBytes: number = MAX_RECORD): Promise<Uint8Array> {
    const message = await this.#next();
    if (message.length > maxBytes) {
      throw new Error(`a message of ${message.length} bytes arrived where at most ${maxBytes} are allowed`);
    }
    return message;
  }

  #next(): Promise<Uint8Array> {
    const message = this.#waiting.shift();
    if (message) {
      this.#waitingBytes -= message.length;
      return Promise.resolve(message);
    }
    if (this.#over) return Promise.reject(this.#over);
    this.#receiver = Promise.withResolvers();
    this.#stream.more();
    return this.#receiver.promise;
  }

  /** Takes bytes that have arrived; the buffer may be used again afterwards. @returns whether more are wanted. */
  take(bytes: Uint8Array): boolean {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.broken(error as Error);
    }
    return this.#receiver !== undefined || this.#waitingBytes < MAX_WAITING;
  }

  /** The other end sends nothing more. */
  ended(): void {
    this.broken(new Error(this.#parser.isWithinFrame ? 'it ended within a message' : 'it ended'));
  }

  /** Whatever has arrived can still be received; then `reason` is thrown. */
  broken(reason: Error): void {
    this.#over ??= reason;
    this.#receiver?.reject(this.#over);
    this.#receiver = undefined;
  }

  #deliver(message: Uint8Array): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver) {
      receiver.resolve(message);
    } else {
      this.#waiting.push(message);
      this.#waitingBytes += message.length;
    }
  }
}
