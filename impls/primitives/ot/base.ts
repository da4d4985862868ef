/**
 * Base oblivious transfers on u-coordinates of Curve25519: the sender of a transfer ends with two keys, the
 * receiver with the one that its choice bit names, and neither learns more. `count` transfers at once, one
 * message each way, both at the same time. The idea is Bellare and Micali's (CRYPTO 1989); what is ours, why it
 * is sound and what it does not promise: `README.md`.
 *
 * The roles are those of the transfer, not of the protocol around it: in OT extension they are exchanged.
 */
import type { Random } from '../../../bench/contract.ts';
import { type Engine, POINT_BYTES, SCALAR_BYTES } from '../curve/interface.ts';
import { PointError } from '../curve/points.ts';
import { WasmEngine } from '../curve/wasm.ts';
import { Digester } from '../digest/digest.ts';
import { packItems } from '../items.ts';

/** Bytes of a key. */
export const KEY_BYTES = 16;
const NONCE_BYTES = 16;

/** Domain separation tag of the hash to the curve, at most 44 bytes so that it stays fast. */
export const BASE_OT_DOMAIN = 'psi-ot-1:curve25519_XMD:SHA-512_ELL2_NU_';
const KEY_DOMAIN = new TextEncoder().encode('psi-ot-1:key'.padEnd(64, '\0'));

/** j (u32), i (u8), A_j, both places, a times place i. */
const RECORD_BYTES = 5 + 4 * POINT_BYTES;

export interface BaseOtOptions {
  /** How many transfers. */
  readonly count: number;
  /** Names the protocol and what both parties know of this run, e.g. set sizes; equal at both. */
  readonly context: string;
  readonly random: Random;
  /** Of group curve25519. Default: the kernel. */
  readonly engine?: Pick<Engine, 'hash' | 'multiply' | 'scalar'>;
  /** What errors call the other party, e.g. 'sender'. */
  readonly peer: string;
}

/** Both keys of each transfer: transfer j has the bytes 16j … 16j + 15 of each. */
export interface KeyPairs {
  readonly zero: Uint8Array;
  readonly one: Uint8Array;
}

/** Bytes of the message that the sender of `count` transfers sends. */
export const baseSenderBytes = (count: number): number => NONCE_BYTES + count * POINT_BYTES;
/** Bytes of the message that the receiver of `count` transfers sends. */
export const baseReceiverBytes = (count: number): number => NONCE_BYTES + 2 * count * POINT_BYTES;

/** Where the parts of the message that the receiver of `count` transfers sends begin and end, `size` transfers each. */
export function* basePartsOf(count: number, size: number): Generator<readonly [from: number, to: number]> {
  for (let first = 0; first < count; first += size) {
    const end = Math.min(count, first + size);
    yield [first === 0 ? 0 : baseReceiverBytes(first), baseReceiverBytes(end)];
  }
}

/** The kernel with the hash to the curve that base transfers use. */
export function baseOtEngine(): WasmEngine {
  return new WasmEngine({ domain: BASE_OT_DOMAIN });
}

/** Has both keys of each transfer. */
export class BaseOtSender {
  /** Nonce, then A_j = a·P_j for each j: {@link baseSenderBytes}. */
  readonly message: Uint8Array;
  readonly #options: BaseOtOptions;
  readonly #engine: NonNullable<BaseOtOptions['engine']>;
  readonly #scalar: Uint8Array;
  /** What has come of the receiver's message, and a times its points. */
  readonly #theirs: Uint8Array;
  readonly #products: Uint8Array;
  #taken = 0;

  constructor(options: BaseOtOptions) {
    this.#options = options;
    const { count, context, random } = options;
    this.#engine = options.engine ?? baseOtEngine();
    this.#scalar = this.#engine.scalar(random);
    this.message = new Uint8Array(baseSenderBytes(count));
    random.fill(this.message.subarray(0, NONCE_BYTES));
    const points = publicPoints(this.#engine, context, count);
    this.#engine.multiply(this.#scalar, points, this.message.subarray(NONCE_BYTES));
    this.#theirs = new Uint8Array(baseReceiverBytes(count));
    this.#products = new Uint8Array(2 * count * POINT_BYTES);
  }

  /**
   * Takes the next part of the receiver's message, as {@link BaseOtReceiver.parts} cuts it: the work on it
   * is done at once, while the receiver makes the next.
   * @throws Error naming the peer when a point is refused; the state is then as before.
   */
  take(part: Uint8Array): void {
    const start = this.#taken;
    const points = start === 0 ? part.subarray(NONCE_BYTES) : part;
    const at = Math.max(0, start - NONCE_BYTES);
    const index = at / POINT_BYTES;
    multiplyTheirs(this.#engine, this.#scalar, points, this.#products.subarray(at), (i) => {
      return `the ${this.#options.peer}'s point ${(index + i) & 1} of base transfer ${(index + i) >> 1}`;
    });
    this.#theirs.set(part, start);
    this.#taken = start + part.length;
  }

  /**
   * The keys, from the receiver's message, or from the parts that were taken. To be called once: the secret scalar is wiped.
   * @throws Error naming the peer when the message has another length or a point is refused.
   */
  keys(theirs?: Uint8Array): KeyPairs {
    const { count, context, peer } = this.#options;
    const length = theirs?.length ?? this.#taken;
    if (length !== baseReceiverBytes(count)) throw wrongLength(length, baseReceiverBytes(count), peer);
    if (theirs) {
      this.#taken = 0;
      this.take(theirs);
    }
    this.#scalar.fill(0);
    const products = this.#products;
    const derive = new KeyDerivation(context, this.message, this.#theirs);
    const side = (i: 0 | 1) =>
      derive.keys(count, (j, record) => {
        record[4] = i;
        record.set(products.subarray((2 * j + i) * POINT_BYTES, (2 * j + i + 1) * POINT_BYTES), 5 + 96);
      });
    const keys = { zero: side(0), one: side(1) };
    products.fill(0);
    return keys;
  }
}

/** Has the key of each transfer that its choice bit names. */
export class BaseOtReceiver {
  /** The choice bits: bit j is bit j mod 8 of byte j div 8. */
  readonly choices: Uint8Array;
  readonly #options: BaseOtOptions;
  readonly #engine: NonNullable<BaseOtOptions['engine']>;
  readonly #scalar: Uint8Array;
  readonly #decoyScalar: Uint8Array;
  readonly #message: Uint8Array;
  /** b·P_j. */
  readonly #chosen: Uint8Array;
  /** How many pairs of the message have been made. */
  #made = 0;

  /** @throws RangeError when `choices` has not ⌈count / 8⌉ bytes. */
  constructor(options: BaseOtOptions & { readonly choices: Uint8Array }) {
    const { count, context, random, choices } = options;
    if (choices.length !== Math.ceil(count / 8)) {
      throw new RangeError(`"choices" must have ${Math.ceil(count / 8)} bytes, got ${choices.length}`);
    }
    this.#options = options;
    this.choices = Uint8Array.from(choices);
    this.#engine = options.engine ?? baseOtEngine();
    this.#scalar = this.#engine.scalar(random);
    this.#decoyScalar = this.#engine.scalar(random);
    this.#message = new Uint8Array(baseReceiverBytes(count));
    random.fill(this.#message.subarray(0, NONCE_BYTES));
    this.#chosen = publicPoints(this.#engine, context, count);
    this.#engine.multiply(this.#scalar, this.#chosen, this.#chosen);
  }

  /** Nonce, then for each j two points, of which number c_j is b·P_j: {@link baseReceiverBytes}. */
  get message(): Uint8Array {
    this.#complete(this.#options.count);
    return this.#message;
  }

  /** The message in parts, each made when it is asked for: the first has the nonce, all have `size` transfers but the last. */
  *parts(size: number): Generator<Uint8Array> {
    const { count } = this.#options;
    for (const [from, to] of basePartsOf(count, size)) {
      this.#complete(Math.ceil((to - NONCE_BYTES) / (2 * POINT_BYTES)));
      yield this.#message.subarray(from, to);
    }
  }

  /** Makes the pairs of points of the first `end` transfers. */
  #complete(end: number): void {
    const first = this.#made;
    if (end <= first) return;
    const { random } = this.#options;
    // Points whose logarithms nobody knows: they must come from the hash, never as a multiple of a known point.
    const decoys = new Uint8Array((end - first) * POINT_BYTES);
    this.#engine.hash(packItems(Array.from({ length: end - first }, () => random.bytes(32))), decoys);
    this.#engine.multiply(this.#decoyScalar, decoys, decoys);
    const chosen = this.#chosen.subarray(first * POINT_BYTES, end * POINT_BYTES);
    const places = this.#message.subarray(NONCE_BYTES + 2 * first * POINT_BYTES);
    arrange((j) => choiceBit(this.choices, first + j), chosen, decoys, places);
    decoys.fill(0);
    this.#made = end;
    if (end === this.#options.count) this.#decoyScalar.fill(0);
  }

  /**
   * The chosen keys, 16 bytes each, from the sender's message. To be called once: the secret scalar is wiped.
   * @throws Error naming the peer when the message has another length or a point is refused.
   */
  keys(theirs: Uint8Array): Uint8Array {
    const { count, context, peer } = this.#options;
    if (theirs.length !== baseSenderBytes(count))
      throw wrongLength(theirs.length, baseSenderBytes(count), peer);
    const points = theirs.subarray(NONCE_BYTES);
    const products = new Uint8Array(points.length);
    multiplyTheirs(this.#engine, this.#scalar, points, products, (index) => {
      return `the ${peer}'s point of base transfer ${index}`;
    });
    this.#scalar.fill(0);
    const keys = new KeyDerivation(context, theirs, this.message).keys(count, (j, record) => {
      record[4] = choiceBit(this.choices, j);
      record.set(products.subarray(j * POINT_BYTES, (j + 1) * POINT_BYTES), 5 + 96);
    });
    products.fill(0);
    return keys;
  }
}

/** P_j: anybody can compute them, and nobody knows a logarithm of one to the base of another. */
function publicPoints(engine: Pick<Engine, 'hash'>, context: string, count: number): Uint8Array {
  const points = new Uint8Array(count * POINT_BYTES);
  // Longer than the 32 random bytes that decoys are hashed from.
  const name = (j: number) => `base oblivious transfer, public point ${j} of ${context}`;
  engine.hash(packItems(Array.from({ length: count }, (_, j) => name(j))), points);
  return points;
}

/** Place c_j of pair j gets `chosen`, the other one `decoys`, without a branch or an address that depends on c_j. */
function arrange(
  choice: (j: number) => number,
  chosen: Uint8Array,
  decoys: Uint8Array,
  out: Uint8Array,
): void {
  chosen.forEach((own, at) => {
    const j = at >> 5;
    const place = 2 * POINT_BYTES * j + (at & 31);
    const difference = own ^ (decoys[at] ?? 0);
    const swap = difference & -choice(j);
    out[place] = own ^ swap;
    out[place + POINT_BYTES] = own ^ difference ^ swap;
  });
}

/** Bit `j` of packed bits; 0 beyond their end. */
function choiceBit(choices: Uint8Array, j: number): number {
  return ((choices[j >> 3] ?? 0) >> (j & 7)) & 1;
}

function multiplyTheirs(
  engine: Pick<Engine, 'multiply'>,
  scalar: Uint8Array,
  points: Uint8Array,
  out: Uint8Array,
  which: (index: number) => string,
): void {
  if (scalar.length !== SCALAR_BYTES || scalar.every((byte) => byte === 0)) {
    throw new Error('the keys of these base transfers have been taken already');
  }
  try {
    engine.multiply(scalar, points, out);
  } catch (error) {
    if (!(error instanceof PointError)) throw error;
    throw new Error(`${which(error.index)} ${error.reason}`, { cause: error });
  }
}

function wrongLength(length: number, expected: number, peer: string): Error {
  return new Error(
    `the ${peer}'s message of base transfers must have ${expected} bytes, got ${length}: it plays another protocol`,
  );
}

/** SHA-256 of everything that both parties saw of a transfer, and of the shared point. */
class KeyDerivation {
  readonly #digester: Digester;
  readonly #points: Uint8Array;
  readonly #places: Uint8Array;

  constructor(context: string, senders: Uint8Array, receivers: Uint8Array) {
    const named = new TextEncoder().encode(context);
    const prefix = new Uint8Array(Math.ceil((64 + 36 + named.length) / 64) * 64);
    prefix.set(KEY_DOMAIN);
    prefix.set(senders.subarray(0, NONCE_BYTES), 64);
    prefix.set(receivers.subarray(0, NONCE_BYTES), 80);
    new DataView(prefix.buffer).setUint32(96, named.length);
    prefix.set(named, 100);
    this.#digester = new Digester({ width: KEY_BYTES, prefix });
    this.#points = senders.subarray(NONCE_BYTES);
    this.#places = receivers.subarray(NONCE_BYTES);
  }

  /** `fill` writes the place's number (byte 4) and the shared point (last 32 bytes) of transfer j. */
  keys(count: number, fill: (j: number, record: Uint8Array) => void): Uint8Array {
    const records = new Uint8Array(count * RECORD_BYTES);
    const view = new DataView(records.buffer);
    for (let j = 0; j < count; j++) {
      const record = records.subarray(j * RECORD_BYTES, (j + 1) * RECORD_BYTES);
      view.setUint32(j * RECORD_BYTES, j);
      record.set(this.#points.subarray(j * POINT_BYTES, (j + 1) * POINT_BYTES), 5);
      record.set(this.#places.subarray(2 * j * POINT_BYTES, 2 * (j + 1) * POINT_BYTES), 5 + 32);
      fill(j, record);
    }
    const keys = this.#digester.records(records, RECORD_BYTES);
    records.fill(0);
    return keys;
  }
}
