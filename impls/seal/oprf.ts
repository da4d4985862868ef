/**
 * The OPRF that replaces items on both sides: F(k, x) = k·H(x), in the blinded form of Jarecki and Liu 2010.
 * The receiver sends r·H(x), gets k·r·H(x) and multiplies by what undoes r.
 *
 * On Curve25519 there are u-coordinates only, and scalars are multiples of 8 between 2^254 and 2^255 (RFC
 * 7748), which has no inverse among them in the plain sense. But k·H(x) lies in the subgroup of prime order
 * ℓ, because 8 divides k; there a scalar acts modulo ℓ, and a point and its negative have the same u. So any
 * s with s·r ≡ ±1 (mod ℓ) undoes r. The two solutions of s ≡ ±1/r that 8 divides, in [0, 8ℓ), add up to
 * 8ℓ = 2^255 + 2^128 approximately, so one of them is between 2^254 and 2^255, but for a fraction of 2^-126
 * of all r, for which another r is drawn.
 */
import type { ItemSet, Random } from '../../bench/contract.ts';
import { type Engine, type EngineName, POINT_BYTES, resolveEngine } from '../primitives/curve/engine.ts';
import { PointError } from '../primitives/curve/points.ts';
import { Team } from '../primitives/curve/team.ts';

/** Order of the prime-order subgroup of Curve25519, and of ristretto255. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** One party's side: an engine, and its secret scalar. */
export class Oprf {
  readonly #team: Team;
  #scalar: Uint8Array;

  private constructor(team: Team, scalar: Uint8Array) {
    this.#team = team;
    this.#scalar = scalar;
  }

  /**
   * @param scalar the sender's key of an earlier run; otherwise a new one is drawn.
   * @throws Error when the engine is not available.
   */
  static async start(engine: EngineName | 'auto', threads: number, random: Random): Promise<Oprf> {
    const team = await Team.start(resolveEngine(engine), threads);
    let scalar: Uint8Array;
    do scalar = team.engine.scalar(random);
    while (inverseScalar(team.engine.group, scalar) === undefined);
    return new Oprf(team, scalar);
  }

  get group(): Engine['group'] {
    return this.#team.engine.group;
  }

  /** A copy of the secret scalar. */
  get key(): Uint8Array {
    return this.#scalar.slice();
  }

  /** Takes another secret scalar: the sender's of a run whose preparations are used again. */
  set key(scalar: Uint8Array) {
    this.#scalar.fill(0);
    this.#scalar = scalar.slice();
  }

  /** The receiver's blinded items, or the sender's values: 32 bytes for each, in order. */
  async mask(items: ItemSet): Promise<Uint8Array> {
    const points = new Uint8Array(items.count * POINT_BYTES);
    await this.#team.mask(items, this.#scalar, points);
    return points;
  }

  /**
   * Multiplies the peer's points by the key (the sender), in place.
   * @throws Error that names the point that was refused; points are numbered from `first`.
   */
  evaluate(points: Uint8Array, first: number): Promise<void> {
    return this.#multiply(this.#scalar, points, first, 'receiver');
  }

  /** Undoes the blinding (the receiver), in place. @throws Error as {@link evaluate} does. */
  async unblind(points: Uint8Array, first: number): Promise<void> {
    const inverse = inverseScalar(this.group, this.#scalar)!;
    await this.#multiply(inverse, points, first, 'sender');
    inverse.fill(0);
  }

  async close(): Promise<void> {
    this.#scalar.fill(0);
    await this.#team.close();
  }

  async #multiply(scalar: Uint8Array, points: Uint8Array, first: number, peer: string): Promise<void> {
    try {
      await this.#team.multiply(scalar, points, points);
    } catch (error) {
      if (!(error instanceof PointError)) throw error;
      throw new Error(`the ${peer}'s point ${first + error.index} ${error.reason}`, { cause: error });
    }
  }
}

/**
 * A scalar of the group's form that undoes `scalar` on the subgroup of prime order, up to the sign that
 * u-coordinates do not show; `undefined` for the few that have none. It takes a time that depends on the
 * scalar: bigints do, and it is computed once per run, where only the scalar's owner can measure it.
 */
export function inverseScalar(group: Engine['group'], scalar: Uint8Array): Uint8Array | undefined {
  const inverse = invert(decode(scalar) % ORDER);
  if (group === 'ristretto255') return encode(inverse);
  // 5·ℓ ≡ 1 (mod 8), for ℓ ≡ 5: this multiple of ℓ makes the sum divisible by 8.
  const multiple = inverse + ORDER * ((8n - ((inverse * 5n) % 8n)) % 8n);
  const usable = [multiple, 8n * ORDER - multiple].find((s) => s >= 2n ** 254n && s < 2n ** 255n);
  return usable === undefined ? undefined : encode(usable);
}

/** By Fermat: a^(ℓ − 2) modulo ℓ. */
function invert(a: bigint): bigint {
  let result = 1n;
  let square = a;
  for (let e = ORDER - 2n; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % ORDER;
    square = (square * square) % ORDER;
  }
  return result;
}

function decode(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function encode(value: bigint): Uint8Array {
  return Uint8Array.from({ length: POINT_BYTES }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
