/** At the client: opens an attested stream through a host that is trusted with nothing. */
import { randomFillSync } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Random } from '../../../bench/contract.ts';
import { SecureDuplex } from '../../primitives/secure-channel/duplex.ts';
import { connectSecure } from '../../primitives/secure-channel/secure-channel.ts';
import { SignatureCache } from '../attestation/verify.ts';
import { FRAME_LENGTH, NONCE_LENGTH, unframeDocument } from '../document-frame.ts';
import { attestedKey, type Expectation } from './check.ts';
import { FramedPipe } from './framed-pipe.ts';
import {
  encodeHello,
  type Hello,
  MAX_ANSWER,
  MAX_EXCUSE,
  SALT_LENGTH,
  serviceName,
  streamInfo,
} from './hello.ts';

/** A document is believed for at most this long after it was verified. */
export const MAX_REUSE_SECONDS = 3600;
const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;

export interface StreamOptions {
  /** Where the enclave's host listens. */
  readonly host: string;
  readonly port: number;
  /** What the connection shall lead to, e.g. 'tcp/8080'. */
  readonly service: string;
  readonly expectation: () => Expectation;
  /** How long a verified document may serve further connections, in seconds. Default 0: never. */
  readonly reuseSeconds?: number;
}

/** Times of a new stream by step, in ms. */
export interface OpeningTimes {
  readonly connect: number;
  /** From the hello to its answer: the document, or a salt where one is reused. */
  readonly document: number;
  /** 0 where a document is reused. */
  readonly verify: number;
  readonly agreement: number;
}

const random: Random = {
  fill: (target) => randomFillSync(target),
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
const NO_SALT = new Uint8Array(0);

/** Opens streams to one service of one enclave. */
export class StreamOpener {
  readonly #options: StreamOptions;
  readonly #signatures = new SignatureCache();
  #verified: { readonly key: Uint8Array; readonly until: number } | undefined;

  /** @throws RangeError when `reuseSeconds` is out of range. */
  constructor(options: StreamOptions) {
    const { reuseSeconds = 0 } = options;
    if (!(reuseSeconds >= 0 && reuseSeconds <= MAX_REUSE_SECONDS)) {
      throw new RangeError(`a document may be reused for 0 to ${MAX_REUSE_SECONDS} s, not ${reuseSeconds}`);
    }
    this.#options = options;
  }

  /**
   * A new stream. Nothing but a hello (random bytes, or the name of a key) is sent before the enclave has
   * proved what it runs.
   * @throws AttestationError with the reason code when it has not; Error when there is no connection, or
   *   the host has an excuse. In each case the connection is closed.
   */
  async open(): Promise<{ stream: SecureDuplex; times: OpeningTimes }> {
    const start = performance.now();
    const { socket, pipe } = await connectPipe(this.#options.host, this.#options.port);
    const connected = performance.now();
    const timer = setTimeout(
      () => pipe.broken(new Error(`no answer within ${ANSWER_MS / 1000} s`)),
      ANSWER_MS,
    );
    try {
      return await this.#agree(socket, pipe, { start, connected });
    } catch (error) {
      socket.resetAndDestroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #agree(
    socket: Socket,
    pipe: FramedPipe,
    { start, connected }: { start: number; connected: number },
  ): Promise<{ stream: SecureDuplex; times: OpeningTimes }> {
    const { service, expectation, reuseSeconds = 0 } = this.#options;
    const nonce = random.bytes(NONCE_LENGTH);
    const known = this.#verified && performance.now() < this.#verified.until ? this.#verified.key : undefined;
    const hello: Hello = known
      ? { kind: 'known', nonce, key: known }
      : { kind: reuseSeconds > 0 ? 'keep' : 'once', nonce };
    await pipe.send(encodeHello(hello));
    const answer = await receiveAnswer(pipe);
    const answered = performance.now();
    // An enclave that has forgotten the key, or was started anew, answers with a document.
    const isReused = known !== undefined && answer.length === SALT_LENGTH;
    let key: Uint8Array;
    if (isReused) {
      key = known;
    } else {
      const bound = { nonce, userData: serviceName(service) };
      key = attestedKey(unframeDocument(answer), expectation(), bound, this.#signatures);
      if (reuseSeconds > 0) this.#verified = { key, until: performance.now() + reuseSeconds * 1000 };
    }
    const verified = performance.now();
    const info = streamInfo(service, hello, isReused ? answer : NO_SALT);
    const { channel } = await connectSecure(pipe, key, info, random);
    const stream = new SecureDuplex(channel, {
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
    });
    socket.on('error', (error) => stream.lost(error));
    stream.on('close', () => {
      // Nothing reads any more, and the host's end is seen only where somebody does.
      socket.resume();
      socket.destroySoon();
    });
    return {
      stream,
      times: {
        connect: connected - start,
        document: answered - connected,
        verify: isReused ? 0 : verified - answered,
        agreement: performance.now() - verified,
      },
    };
  }
}

/** @throws Error with the host's excuse, quoted: nobody vouches for it. */
async function receiveAnswer(pipe: FramedPipe): Promise<Uint8Array> {
  let answer: Uint8Array;
  try {
    answer = await pipe.receive(MAX_ANSWER);
  } catch (cause) {
    throw new Error(`the host gave no attestation document: ${(cause as Error).message}`, { cause });
  }
  if (answer.length === FRAME_LENGTH || answer.length === SALT_LENGTH) return answer;
  const text = Buffer.from(answer.subarray(0, MAX_EXCUSE)).toString();
  throw new Error(`the host gave no attestation document; it says, unproven: ${JSON.stringify(text)}`);
}

/** A TCP connection as a pipe of messages, read through one reused buffer. */
async function connectPipe(host: string, port: number): Promise<{ socket: Socket; pipe: FramedPipe }> {
  const socket = connect({
    host,
    port,
    noDelay: true,
    allowHalfOpen: true,
    onread: {
      buffer: new Uint8Array(2 ** 18),
      callback: (length, buffer) => pipe.take(buffer.subarray(0, length)),
    },
  });
  const pipe: FramedPipe = new FramedPipe({
    write(parts) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const last = parts.at(-1);
      socket.cork();
      for (const part of parts.slice(0, -1)) socket.write(part);
      socket.write(last ?? '', (error) => (error ? reject(error) : resolve()));
      socket.uncork();
      return promise;
    },
    more: () => socket.resume(),
  });
  const timer = setTimeout(
    () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)),
    CONNECT_MS,
  );
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } catch (cause) {
    throw new Error(`cannot reach the enclave's host at ${host}:${port}: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
  socket.on('end', () => pipe.ended());
  socket.on('error', (error) => pipe.broken(error));
  socket.on('close', () => pipe.broken(new Error('the connection was closed')));
  return { socket, pipe };
}
