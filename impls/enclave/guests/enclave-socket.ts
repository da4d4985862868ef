/** An attested stream with the manners of a `net.Socket`, as far as servers ask for them. */
import { SecureDuplex, type Transport } from '../../primitives/secure-channel/duplex.ts';
import type { SecureChannel } from '../../primitives/secure-channel/secure-channel.ts';

/** What a server gets for a client that came in on `port`. */
export class EnclaveSocket extends SecureDuplex {
  /** An address for documentation (RFC 5737): an enclave is not told who its clients are. */
  readonly remoteAddress = '192.0.2.1';
  readonly remotePort = 1;
  readonly remoteFamily = 'IPv4';
  readonly localAddress = '127.0.0.1';
  readonly localPort: number;
  readonly connecting = false;
  readonly pending = false;
  bytesRead = 0;
  bytesWritten = 0;
  timeout = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(channel: SecureChannel, transport: Transport, port: number, allowHalfOpen: boolean) {
    super(channel, transport, allowHalfOpen);
    this.localPort = port;
    this.once('close', () => clearTimeout(this.#timer));
  }

  override push(chunk: Uint8Array | null): boolean {
    this.#timer?.refresh();
    this.bytesRead += chunk?.length ?? 0;
    return super.push(chunk);
  }

  override _write(chunk: Uint8Array, encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#count(chunk.length);
    super._write(chunk, encoding, done);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: (error?: Error) => void): void {
    for (const { chunk } of chunks) this.#count(chunk.length);
    super._writev(chunks, done);
  }

  #count(length: number): void {
    this.#timer?.refresh();
    this.bytesWritten += length;
  }

  /** Emits 'timeout' after `ms` without traffic; 0 turns it off. */
  setTimeout(ms: number, callback?: () => void): this {
    clearTimeout(this.#timer);
    this.timeout = ms;
    this.#timer = ms > 0 ? setTimeout(() => this.emit('timeout'), ms).unref() : undefined;
    if (callback && ms > 0) this.once('timeout', callback);
    if (callback && ms === 0) this.off('timeout', callback);
    return this;
  }

  address(): { address: string; family: 'IPv4'; port: number } {
    return { address: this.localAddress, family: 'IPv4', port: this.localPort };
  }

  /** Ends, and is gone once everything is sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy(new Error('the server reset the connection'));
  }

  /** Writes go out at once in any case; the others have no meaning here. */
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
