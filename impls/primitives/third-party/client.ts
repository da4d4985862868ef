/**
 * A party with items, towards a third party that joins them: the same code whether that is trusted by
 * its name (`plaintext`) or by its attestation (`enclave`).
 */
import type { ItemSet, Session } from '../../../bench/contract.ts';
import { KEY_LENGTH } from '../secure-channel/hpke.ts';
import { connectSecure, type SecureChannel } from '../secure-channel/secure-channel.ts';
import { bitmapLength, setBits } from './bitmap.ts';
import {
  type Agreement,
  assertAccepted,
  type ClientRole,
  encodeGreeting,
  SALT_LENGTH,
  WELCOME_LENGTH,
} from './greeting.ts';
import { channelInfo } from './info.ts';
import { uploadItems } from './upload.ts';

export class Client {
  readonly #session: Session;
  readonly #channel: SecureChannel;
  readonly #salt: Uint8Array;

  private constructor(session: Session, channel: SecureChannel, salt: Uint8Array) {
    this.#session = session;
    this.#channel = channel;
    this.#salt = salt;
  }

  /**
   * Agrees on keys with the third party and on each other with the other client; sends nothing about
   * items. When it resolves, the third party has shown that it holds `serverKey`, and that it will
   * join this client's set with that of the client at the other end of `session.channel`.
   * @param context what the key is bound to, e.g. the nonce of an attestation.
   * @throws Error when the third party refuses, or is not the holder of the key.
   */
  static async connect(
    session: Session,
    serverKey: Uint8Array,
    context: Uint8Array,
    agreement: Agreement,
  ): Promise<Client> {
    const role = clientRole(session);
    const start = performance.now();
    const info = channelInfo(role, context);
    const { channel, encapsulated } = await connectSecure(
      session.channel('helper'),
      serverKey,
      info,
      session.random,
    );
    const other = session.channel(role === 'receiver' ? 'sender' : 'receiver');
    const [peer] = await Promise.all([other.receive(KEY_LENGTH), other.send(encapsulated)]);
    if (peer.length !== KEY_LENGTH) throw new Error('the other party sent no encapsulated key');
    await channel.send(encodeGreeting({ role, agreement, sizes: session.sizes, peer }));
    const welcome = await channel.receive(WELCOME_LENGTH);
    assertAccepted(welcome[0]);
    if (welcome.length !== WELCOME_LENGTH) throw new Error("the third party's welcome has the wrong length");
    session.step('key-agreement', performance.now() - start);
    return new Client(session, channel, welcome.subarray(1, 1 + SALT_LENGTH));
  }

  /** The salt of this run's digests. */
  get salt(): Uint8Array {
    return this.#salt;
  }

  /** Uploads the items themselves. */
  uploadItems(items: ItemSet): Promise<void> {
    return uploadItems(this.#channel, items);
  }

  /** Uploads digests, ascending in the order of `oblivious/order.ts`. */
  uploadDigests(digests: Uint8Array): Promise<void> {
    return this.#channel.send(digests);
  }

  /** The receiver's answer: which of its items, in the order uploaded, the sender has; ascending. */
  async answer(): Promise<Uint32Array> {
    const count = this.#session.sizes.receiver;
    const answer = await this.#channel.receive(1 + bitmapLength(count));
    assertAccepted(answer[0]);
    if (answer.length !== 1 + bitmapLength(count)) {
      throw new Error("the third party's answer has the wrong length");
    }
    return setBits(answer.subarray(1), count);
  }

  /** Waits until the third party has both sets: the sender's last message. */
  async acknowledgement(): Promise<void> {
    assertAccepted((await this.#channel.receive(1))[0]);
  }
}

function clientRole(session: Session): ClientRole {
  if (session.role === 'helper') throw new Error('the helper has no items to join');
  return session.role;
}
