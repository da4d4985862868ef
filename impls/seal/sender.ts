/** The sender: prepares its set as plaintexts, then evaluates them on what the receiver encrypted. */

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RelinKeys } from 'node-seal';
import type { ItemSet, SenderParty } from '../../bench/contract.ts';
import { POINT_BYTES } from '../primitives/curve/engine.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import { Bundles } from './bundles.ts';
import { chunks } from './chunks.ts';
import { Station } from './common.ts';
import { SEED_BYTES } from './elements.ts';
import { completePowers, evaluateBundle } from './evaluate.ts';
import { digestOf } from './handshake.ts';
import type { SealSession } from './options.ts';
import { type Kept, keep } from './reuse.ts';
import { guarded, Scope } from './runtime.ts';

export function senderParty(session: SealSession): SenderParty {
  const { sizes } = session;
  // Nothing can be shared, and both parties know it.
  if (sizes.receiver === 0 || sizes.sender === 0) return { online: async () => {} };
  const sender = new Sender(session);
  return {
    setup: () => sender.setup(),
    prepare: (items) => sender.prepare(items),
    online: () => sender.online(),
    close: () => sender.close(),
  };
}

class Sender {
  readonly #session: SealSession;
  #station: Station | undefined;
  #keys: RelinKeys | undefined;
  #bundles: Bundles | undefined;
  #kept: Kept | undefined;

  constructor(session: SealSession) {
    this.#session = session;
  }

  async setup(): Promise<void> {
    this.#station = await Station.open(this.#session);
    const { context, wire, channel } = this.#station;
    if (!context.switchesKeys) return;
    const what = "the receiver's relinearisation keys";
    const message = await receiveExactly(channel, wire.lengths.keys, what);
    this.#keys = new context.seal.RelinKeys();
    wire.loadKeys(message, this.#keys, what);
  }

  async prepare(items: ItemSet): Promise<void> {
    const { oprf } = this.#station!;
    if (!this.#session.options.reuse) {
      this.#bundles = await this.#build(items);
      return;
    }
    this.#kept = await keep(this.#identity(items), async () => ({
      bundles: await this.#build(items),
      key: oprf.key,
    }));
    this.#bundles = this.#kept.bundles;
    oprf.key = this.#kept.key;
  }

  async online(): Promise<void> {
    await this.#evaluateOprf();
    const { plan, context, wire, channel } = this.#station!;
    let flight: ReturnType<typeof channel.openFlight> | undefined;
    for (let part = 0; part < plan.parts; part++) {
      using scope = new Scope();
      const received = new Map<number, ReturnType<typeof context.ciphertext>>();
      for (const power of plan.sent) {
        const what = `the receiver's power ${power} of part ${part + 1}`;
        const message = await receiveExactly(channel, wire.lengths.power, what);
        const ciphertext = scope.own(context.ciphertext());
        wire.loadPower(message, ciphertext, what);
        received.set(power, ciphertext);
      }
      // After the first of the receiver's, so that all answers belong to the same flight.
      flight ??= channel.openFlight();
      const what = `computing on the receiver's ciphertexts of part ${part + 1}`;
      const powers = guarded(context.seal, what, () =>
        completePowers(context, plan, received, this.#keys, scope),
      );
      for (let bundle = 0; bundle < plan.bundles; bundle++) {
        const coefficients = this.#bundles!.coefficients[part * plan.bundles + bundle]!;
        const message = guarded(context.seal, what, () => {
          using answer = evaluateBundle(context, plan, powers, coefficients, this.#keys);
          return wire.packAnswer(answer);
        });
        await flight.send(message);
        await setImmediate();
      }
    }
  }

  async close(): Promise<void> {
    if (this.#kept) this.#kept.release();
    else this.#bundles?.[Symbol.dispose]();
    this.#bundles = undefined;
    this.#keys?.delete();
    this.#keys = undefined;
    await this.#station?.close();
    this.#station = undefined;
  }

  async #build(items: ItemSet): Promise<Bundles> {
    const { oprf, context, plan } = this.#station!;
    const { random } = this.#session;
    const step = (name: string, ms: number) => this.#session.step(name, ms);
    const start = performance.now();
    const values = await oprf.mask(items);
    step('oprf', performance.now() - start);
    return await Bundles.build(context, plan, values, random, step);
  }

  /** What preparations must have in common to stand for each other: parameters and items, in this order. */
  #identity(items: ItemSet): string {
    const { plan, oprf } = this.#station!;
    const terms = digestOf({ plan, group: oprf.group, compression: 'none' });
    const { data, offsets, count } = items;
    return createHash('sha256')
      .update(terms)
      .update(data.subarray(0, offsets[count]))
      .update(new Uint8Array(offsets.buffer, offsets.byteOffset, (count + 1) * 4))
      .digest('hex');
  }

  /** Multiplies the receiver's points by the key, as they come; the seed goes first. */
  async #evaluateOprf(): Promise<void> {
    const { oprf, channel } = this.#station!;
    let sent = Promise.resolve();
    let flight: ReturnType<typeof channel.openFlight> | undefined;
    for (const { from, to } of chunks(this.#session.sizes.receiver)) {
      const what = `the receiver's message with points ${from} to ${to}`;
      const points = await receiveExactly(channel, (to - from) * POINT_BYTES, what);
      await oprf.evaluate(points, from);
      if (!flight) {
        flight = channel.openFlight();
        const seed = this.#bundles!.seed.slice();
        if (seed.length !== SEED_BYTES) throw new Error('a seed of another length was drawn');
        const opened = flight;
        sent = sent.then(() => opened.send(seed));
      }
      const opened = flight;
      sent = sent.then(() => opened.send(points));
      sent.catch(() => {});
    }
    await sent;
  }
}
