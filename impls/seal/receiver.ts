/** The receiver: encrypts powers of its table, decrypts the answers, and looks for zeros. */

import { setImmediate } from 'node:timers/promises';
import type { Decryptor, Encryptor } from 'node-seal';
import type { ItemSet, ReceiverParty } from '../../bench/contract.ts';
import { cuckooTable } from '../primitives/cuckoo/cuckoo.ts';
import { POINT_BYTES } from '../primitives/curve/engine.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { chunks } from './chunks.ts';
import { Station } from './common.ts';
import { type Elements, elementsOf, SEED_BYTES } from './elements.ts';
import type { SealSession } from './options.ts';
import { Polynomials } from './polynomials/polynomials.ts';
import { guarded, Scope, withRandom } from './runtime.ts';

export function receiverParty(session: SealSession): ReceiverParty {
  const { sizes } = session;
  // Nothing can be shared, and both parties know it.
  if (sizes.receiver === 0 || sizes.sender === 0) return { online: async () => new Uint32Array(0) };
  const receiver = new Receiver(session);
  return {
    setup: () => receiver.setup(),
    prepare: (items) => receiver.prepare(items),
    online: () => receiver.online(),
    close: () => receiver.close(),
  };
}

class Receiver {
  readonly #session: SealSession;
  readonly #scope = new Scope();
  #station: Station | undefined;
  #encryptor: Encryptor | undefined;
  #decryptor: Decryptor | undefined;
  #points: Uint8Array | undefined;

  constructor(session: SealSession) {
    this.#session = session;
  }

  async setup(): Promise<void> {
    this.#station = await Station.open(this.#session);
    const { context, wire, channel } = this.#station;
    const { seal } = context;
    const keys = withRandom(this.#session.random, () => {
      using scope = new Scope();
      const generator = scope.own(new seal.KeyGenerator(context.context));
      const secret = scope.own(generator.secretKey());
      // SEAL's encryptor wants a public key at first; what is sent is encrypted with the secret one.
      this.#encryptor = this.#scope.own(
        new seal.Encryptor(context.context, scope.own(generator.createPublicKey()), secret),
      );
      this.#decryptor = this.#scope.own(new seal.Decryptor(context.context, secret));
      if (!context.switchesKeys) return undefined;
      const relinearisation = scope.own(generator.createRelinKeysSerializable());
      return wire.packKeys(relinearisation.saveToArray(seal.ComprModeType.none) as Uint8Array);
    });
    if (keys) await channel.send(keys);
  }

  async prepare(items: ItemSet): Promise<void> {
    this.#points = await this.#station!.oprf.mask(items);
  }

  async online(): Promise<Uint32Array> {
    const { seed, values } = await this.#queryOprf();
    const { plan } = this.#station!;
    const elements = elementsOf(values, seed, plan);
    const table = plan.hashes === 1 ? singleItem(elements, plan.bins) : cuckooTable(elements.bins, plan.bins);
    const [found] = await Promise.all([this.#receiveAnswers(table), this.#sendPowers(table, elements)]);
    return found;
  }

  async close(): Promise<void> {
    this.#points = undefined;
    this.#scope[Symbol.dispose]();
    await this.#station?.close();
    this.#station = undefined;
  }

  async #queryOprf(): Promise<{ seed: Uint8Array; values: Uint8Array }> {
    const { oprf, channel } = this.#station!;
    const points = this.#points!;
    const flight = channel.openFlight();
    const sending = async () => {
      for (const { from, to } of chunks(this.#session.sizes.receiver)) {
        await flight.send(points.subarray(from * POINT_BYTES, to * POINT_BYTES));
      }
    };
    const receiving = async () => {
      const seed = await receiveExactly(channel, SEED_BYTES, "the sender's seed");
      const values = new Uint8Array(points.length);
      for (const { from, to } of chunks(this.#session.sizes.receiver)) {
        const what = `the sender's message with points ${from} to ${to}`;
        const answer = await receiveExactly(channel, (to - from) * POINT_BYTES, what);
        await oprf.unblind(answer, from);
        values.set(answer, from * POINT_BYTES);
      }
      return { seed, values };
    };
    const [result] = await Promise.all([receiving(), sending()]);
    return result;
  }

  /** The powers of every part of the table, in one flight. */
  async #sendPowers(table: Int32Array, elements: Elements): Promise<void> {
    const { plan, context, wire, channel } = this.#station!;
    const { seal, encoder, slots } = context;
    const { felts, plainModulus } = plan.set;
    const flight = channel.openFlight();
    const polynomials = new Polynomials(slots, plainModulus);
    const values = new Uint32Array(slots);
    using plaintext = new seal.Plaintext();
    for (let part = 0; part < plan.parts; part++) {
      // Empty bins are zero: encrypted, they look like any other.
      values.fill(0);
      for (let position = 0; position < plan.width; position++) {
        const item = table[part * plan.width + position]!;
        if (item < 0) continue;
        values.set(elements.felts.subarray(item * felts, (item + 1) * felts), position * felts);
      }
      for (const power of plan.sent) {
        encoder.encode(polynomials.power(values, power), plaintext);
        const message = withRandom(this.#session.random, () => {
          using encrypted = this.#encryptor!.encryptSymmetricSerializable(plaintext);
          return wire.packPower(encrypted.saveToArray(seal.ComprModeType.none) as Uint8Array);
        });
        await flight.send(message);
      }
    }
  }

  /** Which of the items in the table have a zero in all of their slots, in some answer. */
  async #receiveAnswers(table: Int32Array): Promise<Uint32Array> {
    const { plan, context, wire, channel } = this.#station!;
    const { seal, encoder } = context;
    const { felts } = plan.set;
    using ciphertext = context.ciphertext();
    using plaintext = new seal.Plaintext();
    const found: number[] = [];
    for (let part = 0; part < plan.parts; part++) {
      for (let bundle = 0; bundle < plan.bundles; bundle++) {
        const what = `the sender's answer ${bundle + 1} of part ${part + 1}`;
        const message = await receiveExactly(channel, wire.lengths.answer, what);
        wire.loadAnswer(message, ciphertext, what);
        const slots = guarded(seal, what, () => {
          // Without this a result that drowned in noise would just show no matches.
          if (this.#decryptor!.invariantNoiseBudget(ciphertext) <= 0) {
            throw new Error(
              `${what} has more noise than parameter set "${plan.set.id}" allows: it is damaged, or its powers and primes do not fit each other`,
            );
          }
          this.#decryptor!.decrypt(ciphertext, plaintext);
          return encoder.decodeBigUint64(plaintext) as BigUint64Array;
        });
        for (let position = 0; position < plan.width; position++) {
          const item = table[part * plan.width + position]!;
          if (item >= 0 && isMatch(slots, position * felts, felts)) found.push(item);
        }
        await setImmediate();
      }
    }
    // An item that the sender has is a root in exactly one bundle; a set makes sure.
    return Uint32Array.from(new Set(found)).sort();
  }
}

/**
 * A partial match, some of an item's elements being roots of one bundle, is no match: elements are short,
 * so that happens by chance. Its probability is what `falsePositiveLog2` multiplies.
 */
function isMatch(slots: BigUint64Array, at: number, felts: number): boolean {
  for (let i = 0; i < felts; i++) if (slots[at + i] !== 0n) return false;
  return true;
}

function singleItem(elements: Elements, bins: number): Int32Array {
  const table = new Int32Array(bins).fill(-1);
  table[elements.bins[0]!] = 0;
  return table;
}
