/** Inside the enclave: the server's end of an attested stream. */

import { generateKeyPair, type HpkeKeyPair } from '../../primitives/secure-channel/hpke.ts';
import { release } from '../../primitives/secure-channel/release.ts';
import { acceptSecure, type SecureChannel } from '../../primitives/secure-channel/secure-channel.ts';
import type { SecurityModule } from '../nsm/module.ts';
import { type Connection, MAX_CHUNK } from '../runtime/multiplexer.ts';
import { FramedPipe } from './framed-pipe.ts';
import { decodeHello, HELLO_LENGTH, MAX_EXCUSE, SALT_LENGTH, serviceName, streamInfo } from './hello.ts';
import { KeyMemory } from './key-memory.ts';
import { moduleRandom, proveKey } from './prove.ts';

const NO_SALT = new Uint8Array(0);

/** Accepts attested streams, for any number of services; `SecureDuplex` makes a stream of the channel. */
export class StreamAcceptor {
  readonly #module: SecurityModule;
  readonly #keys = new KeyMemory<HpkeKeyPair>();

  constructor(module: SecurityModule) {
    this.#module = module;
  }

  /**
   * Proves to the client at the other end of `connection` what runs here, and agrees on keys with it.
   * @param service what the connection leads to; part of the document.
   * @throws Error when the client does not keep to the protocol; the connection is then to be reset.
   */
  async accept(connection: Connection, service: string): Promise<SecureChannel> {
    const pipe = connectionPipe(connection);
    const hello = decodeHello(await pipe.receive(HELLO_LENGTH));
    const random = await moduleRandom(this.#module);
    let keyPair = hello.kind === 'known' ? this.#keys.get(hello.key, service) : undefined;
    let salt: Uint8Array = NO_SALT;
    if (keyPair) {
      salt = random.bytes(SALT_LENGTH);
      await pipe.send(salt);
    } else {
      keyPair = await generateKeyPair(random);
      await pipe.send(await proveKey(this.#module, keyPair.publicKey, hello.nonce, serviceName(service)));
      // Otherwise forgotten with the connection: nobody can read later what was recorded.
      if (hello.kind !== 'once') this.#keys.add(keyPair.publicKey, service, keyPair);
    }
    const { channel } = await acceptSecure(pipe, keyPair, streamInfo(service, hello, salt));
    return channel;
  }
}

/** Tells a client in clear why there is no stream. */
export async function excuse(connection: Connection, reason: string): Promise<void> {
  const text = Buffer.from(reason).subarray(0, MAX_EXCUSE);
  // Told from a salt by its length.
  await connectionPipe(connection).send(text.length === SALT_LENGTH ? Buffer.from(`${reason} `) : text);
  connection.end();
}

/** A connection's chunks as a byte stream. */
function connectionPipe(connection: Connection): FramedPipe {
  let isReading = false;
  const read = async () => {
    isReading = true;
    try {
      for (;;) {
        const chunk = await connection.next();
        if (!chunk) return pipe.ended();
        const isEnough = !pipe.take(chunk);
        release(chunk);
        if (isEnough) return;
      }
    } catch (error) {
      pipe.broken(error as Error);
    } finally {
      isReading = false;
    }
  };
  const pipe = new FramedPipe({
    async write(parts) {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (length <= MAX_CHUNK) return connection.sendParts(parts);
      for (const part of parts) await connection.send(part);
    },
    more() {
      if (!isReading) void read();
    },
  });
  return pipe;
}
