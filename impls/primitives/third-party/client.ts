/**
 * A party with items, towards a third party that joins them: the same code whether that is trusted by
 * its name (`plaintext`) or by its attestation (`enclave`).
 */
import type { ItemSet, ReceiverResult, Session } from '../../../bench/contract.ts';
import { type SortedDigests, sortDigests } from '../oblivious/sort.ts';
import { KEY_LENGTH } from '../secure-channel/key-length.ts';
import { release } from '../secure-channel/release.ts';
import { connectSecure, type SecureChannel } from '../secure-channel/secure-channel.ts';
import { answerLength, decodeAnswer } from './answer.ts';
import { runDigester } from './digests.ts';
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
  readonly #agreement: Agreement;
  readonly #salt: Uint8Array;
  #digests: SortedDigests | undefined;

  private constructor(session: Session, channel: SecureChannel, agreement: Agreement, salt: Uint8Array) {
    this.#session = session;
    this.#channel = channel;
    this.#agreement = agreement;
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
    // Sent before anything is received from there: the two messages cross, in one flight.
    const sent = other.send(encapsulated);
    const [peer] = await Promise.all([other.receive(KEY_LENGTH), sent]);
    if (peer.length !== KEY_LENGTH) throw new Error('the other party sent no encapsulated key');
    await channel.send(encodeGreeting({ role, agreement, sizes: session.sizes, peer }));
    const welcome = await channel.receive(WELCOME_LENGTH);
    assertAccepted(welcome[0]);
    if (welcome.length !== WELCOME_LENGTH) throw new Error("the third party's welcome has the wrong length");
    session.step('key-agreement', performance.now() - start);
    return new Client(session, channel, agreement, welcome.subarray(1, 1 + SALT_LENGTH));
  }

  /** What can be done before the upload: digests, where they are what is uploaded. */
  prepare(items: ItemSet): void {
    if (this.#agreement.upload === 'digests') {
      const digests = runDigester(this.#salt).items(items);
      this.#digests = sortDigests(digests);
      release(digests);
    }
  }

  /** Uploads the set; after {@link prepare}. */
  async upload(items: ItemSet): Promise<void> {
    if (!this.#digests) return uploadItems(this.#channel, items);
    await this.#channel.send(this.#digests.sorted);
    release(this.#digests.sorted);
  }

  /** The receiver's answer, as the agreed output has it: for the intersection, ascending indices of its items. */
  async answer(): Promise<ReceiverResult> {
    const count = this.#session.sizes.receiver;
    const { output } = this.#agreement;
    const length = 1 + answerLength(output, count);
    const answer = await this.#channel.receive(length);
    assertAccepted(answer[0]);
    if (answer.length !== length) {
      throw new Error("the third party's answer has the wrong length");
    }
    const found = decodeAnswer(output, answer.subarray(1), count);
    return this.#digests && found instanceof Uint32Array
      ? found.map((place) => this.#digests!.order[place]!).sort()
      : found;
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
