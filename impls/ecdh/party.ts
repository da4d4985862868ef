/** What both parties of `ecdh` do alike. */

import type { Channel, ItemSet } from '../../bench/contract.ts';
import { type Engine, type EngineName, POINT_BYTES, resolveEngine } from '../primitives/curve/engine.ts';
import { PointError } from '../primitives/curve/points.ts';
import { Team } from '../primitives/curve/team.ts';
import { Digester } from '../primitives/digest/digest.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { receiveExactly } from '../primitives/messages/receive-exactly.ts';
import type { EcdhSession } from './options.ts';
import { CHUNK } from './stream.ts';

/** One block of SHA-256, so that it costs nothing per tag. */
const TAG_DOMAIN = new TextEncoder().encode('psi-ecdh-1:tag'.padEnd(64, '\0'));

const GREETING_BYTES = 32;

/** The engine that the option names. */
export function engineOf({ options }: Pick<EcdhSession, 'options'>): EngineName {
  return resolveEngine(options.engine);
}

/** A party's engine, key and tags. */
export class Curve {
  /** Bytes of a tag. */
  readonly width: number;
  readonly #session: EcdhSession;
  readonly #peer: 'receiver' | 'sender';
  readonly #digester: Digester;
  #team: Team | undefined;
  #key: Uint8Array | undefined;

  constructor(session: EcdhSession) {
    this.#session = session;
    this.#peer = session.role === 'receiver' ? 'sender' : 'receiver';
    this.width = tagLength(session.sizes);
    this.#digester = new Digester({ width: this.width, prefix: TAG_DOMAIN });
  }

  get channel(): Channel {
    return this.#session.channel(this.#peer);
  }

  /** Starts the engine and makes sure that the peer computes in the same group. */
  async start(): Promise<void> {
    this.#team = await Team.start(engineOf(this.#session), this.#session.threads, this.#session.signal);
    const { group } = this.#team.engine;
    this.#key = this.#team.engine.scalar(this.#session.random);
    const [, theirs] = await Promise.all([
      this.channel.send(greeting(group)),
      receiveExactly(this.channel, GREETING_BYTES, `the ${this.#peer}'s greeting`),
    ]);
    if (Buffer.compare(theirs, greeting(group)) !== 0) {
      throw new Error(
        `the ${this.#peer} does not compute in ${group}, as this party does: choose engines of one group (option "engine")`,
      );
    }
  }

  /** Own items, hashed and multiplied by the key; with `order`, item `order[i]` at place i. */
  async mask(items: ItemSet, order?: Uint32Array): Promise<Uint8Array> {
    const points = new Uint8Array(items.count * POINT_BYTES);
    await this.#started.mask(items, this.#secret, points, order);
    return points;
  }

  /**
   * Receives the peer's points `from` to `to`, multiplies them by the key and writes their tags to `out`.
   * @throws Error naming the point that was refused and why.
   */
  async receiveTags(from: number, to: number, out: Uint8Array): Promise<void> {
    const what = `the ${this.#peer}'s message with points ${from} to ${to}`;
    const points = await receiveExactly(this.channel, (to - from) * POINT_BYTES, what);
    try {
      await this.#started.multiply(this.#secret, points, points);
    } catch (error) {
      if (!(error instanceof PointError)) throw error;
      const place = from + error.index;
      throw new Error(`the ${this.#peer}'s point ${place} (in messages of ${CHUNK}) ${error.reason}`, {
        cause: error,
      });
    }
    this.#digester.records(points, POINT_BYTES, out);
  }

  async close(): Promise<void> {
    this.#key?.fill(0);
    this.#key = undefined;
    await this.#team?.close();
  }

  get #started(): Team {
    if (!this.#team) throw new Error('"setup" must come first');
    return this.#team;
  }

  get #secret(): Uint8Array {
    if (!this.#key) throw new Error('"setup" must come first, and nothing after "close"');
    return this.#key;
  }
}

function greeting(group: Engine['group']): Uint8Array {
  return new TextEncoder().encode(`psi-ecdh-1 ${group}`.padEnd(GREETING_BYTES, '\0'));
}
