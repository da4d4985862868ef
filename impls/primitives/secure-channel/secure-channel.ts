/**
 * An encrypted channel to the holder of a public key, over any ordered message pipe.
 *
 * The client sends one message (the encapsulated key) and may send records at once; the server reads
 * it and has the channel. See `hpke.ts` for the key agreement and `records.ts` for what is detected.
 */
import type { Channel, Flight, Random } from '../../../bench/contract.ts';
import { decapsulate, encapsulate, type HpkeKeyPair, type SharedContext } from './hpke.ts';
import { KEY_LENGTH } from './key-length.ts';
import {
  CiphertextError,
  MAX_PAYLOAD,
  MAX_RECORD,
  RECORD_OVERHEAD,
  RecordOpener,
  RecordSealer,
  type RecordType,
} from './records.ts';
import { release } from './release.ts';

/** What the secure channel needs of the channel below; a contract `Channel` is one. */
export interface Pipe extends Pick<Channel, 'send' | 'receive'> {
  openFlight?(): Flight;
}

/** How many records may be on their way to the operating system at a time. */
const SENDS_IN_THE_AIR = 2;

/** Both directions of an established channel. Messages are byte strings of any length, also empty. */
export class SecureChannel {
  readonly #pipe: Pipe;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;

  constructor(pipe: Pipe, sealer: RecordSealer, opener: RecordOpener) {
    this.#pipe = pipe;
    this.#sealer = sealer;
    this.#opener = opener;
  }

  /** Sends one message. The buffer must stay unchanged until the promise resolves. */
  send(message: Uint8Array): Promise<void> {
    return this.sendParts([message]);
  }

  /**
   * Sends one message that consists of `parts`, encrypted while they are sent: records of
   * {@link MAX_PAYLOAD} bytes and a last, shorter one. Parts must stay unchanged until it resolves.
   */
  async sendParts(parts: Iterable<Uint8Array>): Promise<void> {
    const sender = new RecordSender(this.#pipe, this.#sealer);
    let waiting: Uint8Array[] = [];
    let space = MAX_PAYLOAD;
    for (let part of parts) {
      while (part.length > 0) {
        if (space === 0) {
          await sender.send('more', waiting);
          waiting = [];
          space = MAX_PAYLOAD;
        }
        const piece = part.subarray(0, space);
        waiting.push(piece);
        space -= piece.length;
        part = part.subarray(piece.length);
      }
    }
    await sender.send('last', waiting);
    await sender.settled();
  }

  /**
   * The next message, whole.
   * @param maxBytes longest message that the protocol allows here.
   * @throws CiphertextError when a record is not the one expected, or the message is cut short or too long.
   */
  async receive(maxBytes: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.receiveParts(maxBytes)) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /**
   * The next message, written to the front of `target`, which is as long as the protocol allows.
   * @returns the message's length; otherwise as {@link receive}.
   */
  async receiveInto(target: Uint8Array): Promise<number> {
    let filled = 0;
    for await (const piece of this.receiveParts(target.length)) {
      target.set(piece, filled);
      filled += piece.length;
      release(piece);
    }
    return filled;
  }

  /** The next message, in pieces as they arrive, each authenticated and the caller's; otherwise as {@link receive}. */
  async *receiveParts(maxBytes: number): AsyncGenerator<Uint8Array, void, void> {
    let left = maxBytes;
    for (;;) {
      let record: Uint8Array;
      try {
        record = await this.#pipe.receive(Math.min(left + RECORD_OVERHEAD, MAX_RECORD));
      } catch (cause) {
        throw new CiphertextError(
          'truncated',
          `the encrypted channel broke off before the message's last record: ${(cause as Error).message}`,
          { cause },
        );
      }
      const { type, payload } = this.#opener.open(record);
      // What a channel has received belongs to the caller, and has been read.
      release(record);
      if (payload.length > left) {
        throw new CiphertextError('too-long', `a message of more than ${maxBytes} bytes arrived`);
      }
      // Looked at before the caller has it, who may release it.
      const isEmpty = payload.length === 0;
      left -= payload.length;
      yield payload;
      if (type === 'last') return;
      // An endless run of empty records would never reach the limit.
      if (isEmpty) throw new CiphertextError('malformed', 'an empty record that ends nothing arrived');
    }
  }
}

/** Sends the records of one message as one flight, from buffers that are used again once they are sent. */
class RecordSender {
  readonly #flight: Pick<Flight, 'send'>;
  readonly #sealer: RecordSealer;
  readonly #slots: { buffer: Uint8Array; sent: Promise<void> }[] = [];
  #next = 0;

  constructor(pipe: Pipe, sealer: RecordSealer) {
    this.#flight = pipe.openFlight?.() ?? pipe;
    this.#sealer = sealer;
  }

  async send(type: RecordType, parts: readonly Uint8Array[]): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0) + RECORD_OVERHEAD;
    let slot = this.#slots[this.#next];
    if (slot) await slot.sent;
    if (!slot) {
      // Every byte of it that is sent is written first.
      slot = { buffer: new Uint8Array(Buffer.allocUnsafeSlow(length).buffer), sent: Promise.resolve() };
      this.#slots[this.#next] = slot;
    }
    this.#next = (this.#next + 1) % SENDS_IN_THE_AIR;
    // The first records of a message are the longest, so a slot's buffer is always long enough.
    slot.sent = this.#flight.send(this.#sealer.seal(type, parts, slot.buffer));
    slot.sent.catch(() => {}); // reported where it is awaited
  }

  async settled(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.sent));
    for (const { buffer } of this.#slots) release(buffer);
  }
}

/** A channel of this end and the bytes that name it: see {@link connectSecure}. */
export interface Established {
  readonly channel: SecureChannel;
  /**
   * The client's encapsulated key. Only who made it can use the channel, so it names the client as a
   * public key would: two clients that exchange theirs can ask the server whether they share it.
   */
  readonly encapsulated: Uint8Array;
}

/**
 * The client's end: agrees on keys with the holder of `serverPublicKey` and sends one message of 32
 * bytes. Whether the server holds the key shows with its first record.
 * @param info what both ends must agree on (protocol, role, what the key was attested with).
 */
export async function connectSecure(
  pipe: Pipe,
  serverPublicKey: Uint8Array,
  info: Uint8Array,
  random: Random,
): Promise<Established> {
  const { encapsulated, context } = await encapsulate(serverPublicKey, info, random);
  const channel = await establish(pipe, context, 'client');
  await pipe.send(encapsulated);
  return { channel, encapsulated };
}

/** The server's end: waits for the client's encapsulated key. @throws Error when it is none. */
export async function acceptSecure(pipe: Pipe, keyPair: HpkeKeyPair, info: Uint8Array): Promise<Established> {
  const encapsulated = await pipe.receive(KEY_LENGTH);
  const context = await decapsulate(keyPair, encapsulated, info);
  return { channel: await establish(pipe, context, 'server'), encapsulated };
}

/** One key per direction, exported from the agreement (RFC 9180 section 9.8). */
async function establish(
  pipe: Pipe,
  context: SharedContext,
  end: 'client' | 'server',
): Promise<SecureChannel> {
  const [toServer, toClient] = await Promise.all([
    context.exportSecret('psi-bench records, client to server', 32),
    context.exportSecret('psi-bench records, server to client', 32),
  ]);
  return end === 'client'
    ? new SecureChannel(pipe, new RecordSealer(toServer), new RecordOpener(toClient))
    : new SecureChannel(pipe, new RecordSealer(toClient), new RecordOpener(toServer));
}
