/**
 * The third party: accepts the two clients, receives both sets, joins them, answers. It runs in the
 * open as `plaintext`'s helper and inside the enclave of `enclave`, unchanged.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ItemSet, Random } from '../../../bench/contract.ts';
import { join } from '../join/join.ts';
import { obliviousJoin } from '../oblivious/oblivious.ts';
import type { HpkeKeyPair } from '../secure-channel/hpke.ts';
import { release } from '../secure-channel/release.ts';
import {
  acceptSecure,
  type Established,
  type Pipe,
  type SecureChannel,
} from '../secure-channel/secure-channel.ts';
import { answerLength, encodeAnswer } from './answer.ts';
import { bitmapOf } from './bitmap.ts';
import { DIGEST_LENGTH, runDigester } from './digests.ts';
import {
  type ClientRole,
  decodeGreeting,
  GREETING_LENGTH,
  type Greeting,
  type Ruling,
  rulingByte,
  SALT_LENGTH,
  WELCOME_LENGTH,
} from './greeting.ts';
import { channelInfo } from './info.ts';
import { mergeJoin } from './merge-join.ts';
import { MalformedUpload, receiveItems } from './upload.ts';

interface Connected {
  readonly channel: SecureChannel;
  readonly encapsulated: Uint8Array;
  readonly greeting: Greeting;
}

export class Server {
  readonly #clients: Record<ClientRole, Connected>;
  readonly #salt: Uint8Array;

  private constructor(clients: Record<ClientRole, Connected>, salt: Uint8Array) {
    this.#clients = clients;
    this.#salt = salt;
  }

  /**
   * Lets both clients in, once it is clear that they want each other and the same thing.
   * @param contexts what each client's key agreement is bound to; see `Client.connect`.
   * @throws Error when a client is refused; both have been told the reason.
   */
  static async accept(
    pipes: Readonly<Record<ClientRole, Pipe>>,
    keyPair: HpkeKeyPair,
    contexts: Readonly<Record<ClientRole, Uint8Array>>,
    random: Random,
  ): Promise<Server> {
    const enter = async (role: ClientRole): Promise<Connected> => {
      const established = await acceptSecure(pipes[role], keyPair, channelInfo(role, contexts[role]));
      return greet(role, established);
    };
    const [receiver, sender] = await Promise.all([enter('receiver'), enter('sender')]);
    const verdict = compare(receiver, sender);
    const welcome = new Uint8Array(WELCOME_LENGTH);
    welcome[0] = rulingByte(verdict);
    const salt = welcome.subarray(1, 1 + SALT_LENGTH);
    random.fill(salt);
    await Promise.all([receiver.channel.send(welcome), sender.channel.send(welcome)]);
    if (verdict !== 'accepted') throw new Error(`the clients were refused: ${verdict}`);
    return new Server({ receiver, sender }, salt);
  }

  /** Receives both uploads, joins them and answers. @throws Error when an upload is refused. */
  async serve(): Promise<void> {
    const { receiver, sender } = this.#clients;
    const outcome = await this.#join();
    const count = receiver.greeting.sizes.receiver;
    const { output } = receiver.greeting.agreement;
    const answer = new Uint8Array(1 + answerLength(output, count));
    const verdict = outcome instanceof Uint8Array ? 'accepted' : outcome;
    answer[0] = rulingByte(verdict);
    if (outcome instanceof Uint8Array) answer.set(encodeAnswer(output, outcome), 1);
    await Promise.all([receiver.channel.send(answer), sender.channel.send(answer.subarray(0, 1))]);
    if (verdict !== 'accepted') throw new Error(`an upload was refused: ${verdict}`);
  }

  async #join(): Promise<Uint8Array | Ruling> {
    const [receiver, sender] = await Promise.all([this.#digests('receiver'), this.#digests('sender')]);
    if (typeof receiver === 'string') return receiver;
    if (typeof sender === 'string') return sender;
    const { join: kind, upload } = this.#clients.receiver.greeting.agreement;
    // Digests of items are in the order of the items; uploaded digests are sorted.
    if (upload === 'items') {
      return bitmapOf(join(receiver, sender, DIGEST_LENGTH), receiver.length / DIGEST_LENGTH);
    }
    const joined = kind === 'oblivious' ? obliviousJoin(receiver, sender) : mergeJoin(receiver, sender);
    release(receiver);
    release(sender);
    return typeof joined === 'string' ? `the ${joined}'s digests are not strictly ascending` : joined;
  }

  /** A client's digests: made here from its items, or as uploaded. */
  async #digests(role: ClientRole): Promise<Uint8Array | Ruling> {
    const { channel, greeting } = this.#clients[role];
    const count = greeting.sizes[role];
    try {
      if (greeting.agreement.upload === 'digests') {
        const digests = new Uint8Array(count * DIGEST_LENGTH);
        const length = await channel.receiveInto(digests);
        if (length !== digests.length) throw new MalformedUpload('digests are missing');
        return digests;
      }
      const items: ItemSet = await receiveItems(channel, count);
      return runDigester(this.#salt).items(items);
    } catch (error) {
      if (error instanceof MalformedUpload) return `the ${role}'s upload is malformed`;
      throw error;
    }
  }
}

async function greet(role: ClientRole, { channel, encapsulated }: Established): Promise<Connected> {
  const greeting = decodeGreeting(await channel.receive(GREETING_LENGTH));
  if (greeting.role !== role) throw new Error(`the ${greeting.role} greets on the ${role}'s connection`);
  return { channel, encapsulated, greeting };
}

/** Whether the two clients want each other, the same join, and agree on the sizes. */
function compare(receiver: Connected, sender: Connected): Ruling {
  const isPair =
    Buffer.compare(receiver.greeting.peer, sender.encapsulated) === 0 &&
    Buffer.compare(sender.greeting.peer, receiver.encapsulated) === 0;
  if (!isPair) return 'the other party is not the one that this party asked for';
  const [a, b] = [receiver.greeting, sender.greeting];
  if (!isDeepStrictEqual(a.agreement, b.agreement)) {
    return 'the parties want different joins, uploads or outputs';
  }
  if (a.sizes.receiver !== b.sizes.receiver || a.sizes.sender !== b.sizes.sender) {
    return 'the parties announce different set sizes';
  }
  return 'accepted';
}
