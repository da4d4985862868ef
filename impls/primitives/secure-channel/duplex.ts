/**
 * A byte stream over a secure channel: what a program that knows sockets can use. A run of bytes is one
 * message, made of whatever was written while the last one was being sent; an empty message ends a
 * direction. So an end is authenticated: a connection that somebody cuts looks cut, never finished.
 */
import { Duplex } from 'node:stream';
import type { SecureChannel } from './secure-channel.ts';

/** What is below the channel, where the stream must reach it. */
export interface Transport {
  /** This end sends nothing more. */
  end(): void;
  /** Ends both directions at once. */
  reset(reason: string): void;
}

/** How much a writer may be ahead of the network. */
const HIGH_WATER = 2 ** 18;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Both directions as one `Duplex`; half-close as the option `allowHalfOpen` says. */
export class SecureDuplex extends Duplex {
  readonly #channel: SecureChannel;
  readonly #transport: Transport;
  #isReading = false;
  #onWanted: (() => void) | undefined;
  /** The peer's authenticated end has arrived. */
  #hasEnd = false;
  #isReset = false;

  constructor(channel: SecureChannel, transport: Transport, allowHalfOpen = true) {
    super({ allowHalfOpen, highWaterMark: HIGH_WATER, autoDestroy: true, emitClose: true });
    this.#channel = channel;
    this.#transport = transport;
  }

  override _read(): void {
    this.#onWanted?.();
    if (this.#isReading) return;
    this.#isReading = true;
    this.#receive().catch((error: Error) => this.destroy(error));
  }

  /** Messages until the empty one; waits while nobody reads. */
  async #receive(): Promise<void> {
    for (;;) {
      let isEmpty = true;
      for await (const piece of this.#channel.receiveParts(NO_LIMIT)) {
        if (piece.length === 0) continue;
        isEmpty = false;
        if (this.destroyed) return;
        if (this.push(piece)) continue;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#onWanted = resolve;
        await promise;
        this.#onWanted = undefined;
      }
      if (isEmpty) break;
    }
    this.#hasEnd = true;
    this.push(null);
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send([chunk]).then(() => done(), done);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: (error?: Error) => void): void {
    this.#send(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  /** An empty message would be the end. */
  async #send(parts: readonly Uint8Array[]): Promise<void> {
    if (parts.some((part) => part.length > 0)) await this.#channel.sendParts(parts);
  }

  override _final(done: (error?: Error) => void): void {
    this.#channel.send(new Uint8Array(0)).then(() => {
      this.#transport.end();
      done();
    }, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#onWanted?.();
    if (!this.#isWhole && !this.#isReset) {
      this.#isReset = true;
      this.#transport.reset(error?.message ?? 'closed before its end');
    }
    done(error);
  }

  /** The transport was reset: whatever has not arrived never will. */
  lost(reason: Error): void {
    if (this.#isWhole) return;
    this.#isReset = true;
    this.destroy(reason);
  }

  get #isWhole(): boolean {
    return this.writableFinished && this.#hasEnd;
  }
}
