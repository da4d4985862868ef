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
  /** Ends both directions at once. After {@link end} the peer still gets what was sent before. */
  reset(reason: string): void;
}

/** How much a writer may be ahead of the network. */
const HIGH_WATER = 2 ** 18;
/** How long a stream that was closed waits for its peer to close as well: as Linux does (tcp_fin_timeout). */
const LINGER_MS = 60_000;
/** What a peer may still have under way to a stream that was closed; who sends more is told that nobody reads. */
const MAX_THROWN_AWAY = 2 ** 23;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Both directions as one `Duplex`; half-close as the option `allowHalfOpen` says. */
export class SecureDuplex extends Duplex {
  readonly #channel: SecureChannel;
  readonly #transport: Transport;
  #isReading = false;
  #onWanted: (() => void) | undefined;
  /** The peer's authenticated end has arrived. */
  #hasEnd = false;
  #hasSentEnd = false;
  #isReset = false;
  #sending: Promise<void> = Promise.resolve();
  #linger: NodeJS.Timeout | undefined;
  #thrownAway = 0;

  constructor(channel: SecureChannel, transport: Transport, allowHalfOpen = true) {
    super({ allowHalfOpen, highWaterMark: HIGH_WATER, autoDestroy: true, emitClose: true });
    this.#channel = channel;
    this.#transport = transport;
  }

  override _read(): void {
    this.#onWanted?.();
    if (this.#isReading) return;
    this.#isReading = true;
    this.#receive().catch((error: Error) => {
      if (this.destroyed) this.#reset(error.message);
      else this.destroy(error);
    });
  }

  /** Messages until the empty one; waits while nobody reads. */
  async #receive(): Promise<void> {
    for (;;) {
      let isEmpty = true;
      for await (const piece of this.#channel.receiveParts(NO_LIMIT)) {
        if (piece.length === 0) continue;
        isEmpty = false;
        // After `destroy` what still comes is read to its end, and thrown away.
        if (this.destroyed) {
          this.#thrownAway += piece.length;
          if (this.#thrownAway > MAX_THROWN_AWAY) throw new Error('closed');
          continue;
        }
        if (this.push(piece)) continue;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#onWanted = resolve;
        await promise;
        this.#onWanted = undefined;
      }
      if (isEmpty) break;
    }
    this.#hasEnd = true;
    clearTimeout(this.#linger);
    this.push(null);
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#finish(this.#send([chunk]), done);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: (error?: Error) => void): void {
    this.#finish(this.#send(chunks.map(({ chunk }) => chunk)), done);
  }

  /** A peer that has ended and is gone hears nothing more, which takes nothing from what it said. */
  #finish(sent: Promise<void>, done: (error?: Error) => void): void {
    sent.then(
      () => done(),
      (error: Error) => {
        if (!this.#hasEnd || this.readableEnded) return done(error);
        this.lost(error);
        done();
      },
    );
  }

  /** An empty message would be the end. */
  async #send(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#isReset || !parts.some((part) => part.length > 0)) return;
    this.#sending = this.#channel.sendParts(parts);
    await this.#sending;
  }

  /** Says that this direction is over; what is being sent comes first. */
  async #sendEnd(): Promise<void> {
    if (this.#hasSentEnd) return;
    this.#hasSentEnd = true;
    await this.#sending;
    await this.#channel.send(new Uint8Array(0));
    this.#transport.end();
  }

  override _final(done: (error?: Error) => void): void {
    this.#finish(this.#sendEnd(), done);
  }

  /**
   * As a socket does: without an error both directions are over, and the peer is told so properly; with one
   * the connection is reset, so that nobody takes what arrived for everything.
   */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#onWanted?.();
    if (error) this.#reset(error.message);
    else if (!this.#isWhole && !this.#isReset) this.#close();
    done(error);
  }

  /** Ends this direction and waits for the peer's end, for a while. */
  #close(): void {
    this.#sendEnd().catch(() => {});
    if (this.#hasEnd) return;
    this.#linger = setTimeout(() => this.#reset('closed'), LINGER_MS).unref();
    if (this.#isReading) return;
    this.#isReading = true;
    this.#receive().catch(() => this.#reset('closed'));
  }

  #reset(reason: string): void {
    clearTimeout(this.#linger);
    if (this.#isWhole || this.#isReset) return;
    this.#isReset = true;
    this.#transport.reset(reason);
  }

  /**
   * The transport was reset: whatever has not arrived never will. Has the peer's end arrived, nothing is
   * missing, and a reader gets it all before `reason`.
   */
  lost(reason: Error): void {
    if (this.#isWhole) return;
    this.#isReset = true;
    clearTimeout(this.#linger);
    const error = Object.assign(reason, { code: 'ECONNRESET' });
    if (this.#hasEnd && !this.readableEnded) this.once('end', () => this.destroy(error));
    else this.destroy(error);
  }

  get #isWhole(): boolean {
    return this.#hasSentEnd && this.#hasEnd;
  }
}
