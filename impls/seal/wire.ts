/**
 * Keys and ciphertexts on the wire. SEAL's own format (4.1, uncompressed) is a header that the parameters
 * determine, residues in words of 64 bits, and for seeded objects a seed in place of the half that is
 * expanded from it. Here the header stays at home: the recipient writes the one that must be there, so a
 * peer can lie in residues and seeds only, and SEAL checks the residues. With `packed` they are sent at the
 * width of their primes; otherwise as SEAL has them, which takes no work.
 */
import type { Ciphertext, RelinKeys } from 'node-seal';
import type { Context, Level } from './context.ts';
import { type Groups, pack, packedBytes, unpack } from './packing/packing.ts';
import { guarded } from './runtime.ts';

/** How residues are sent. */
export type Compression = 'packed' | 'none';

const HEADER = 16;
const SEED = 64;
/** Bytes before the residues of a ciphertext, and after those of a seeded one. */
const BEFORE = HEADER + 32 + 1 + 3 * 8 + 8 + 8 + HEADER + 8;
const AFTER = HEADER + 1 + SEED;
/** Where the correction factor of BGV lies. */
const FACTOR = HEADER + 32 + 1 + 3 * 8 + 8;
const FACTOR_BYTES = 8;
const KEYS_BEFORE = HEADER + 32 + 2 * 8;

/** Puts ciphertexts and keys of one context into messages and back. */
export class Wire {
  readonly #context: Context;
  readonly #packed: boolean;
  #buffer = new Uint8Array(0);

  constructor(context: Context, compression: Compression) {
    this.#context = context;
    this.#packed = compression === 'packed';
  }

  /** Length of an encrypted power, of an answer, and of the keys. */
  get lengths(): { readonly power: number; readonly answer: number; readonly keys: number } {
    const { first, last, key } = this.#context;
    return {
      power: this.#residueBytes(this.#groups(first, 1)) + SEED,
      answer: FACTOR_BYTES + this.#residueBytes(this.#groups(last, 2)),
      keys: (key.widths.length - 1) * (this.#residueBytes(this.#groups(key, 1)) + SEED),
    };
  }

  /** An encrypted power from SEAL's seeded serialisation. */
  packPower(saved: Uint8Array): Uint8Array {
    return this.#packSeeded(saved, this.#context.first);
  }

  /**
   * Loads an encrypted power into `into`.
   * @throws Error beginning with `what` when it is none.
   */
  loadPower(message: Uint8Array, into: Ciphertext, what: string): void {
    this.#check(message, this.lengths.power, what);
    this.#load(this.#unpackSeeded(message, this.#context.first), into, what);
  }

  /** An answer: a ciphertext of two polynomials at the last level. */
  packAnswer(answer: Ciphertext): Uint8Array {
    const { seal, last } = this.#context;
    const saved = answer.saveToArray(seal.ComprModeType.none) as Uint8Array;
    const groups = this.#groups(last, 2);
    const expected = BEFORE + groups.count * groups.widths.length * 8;
    if (saved.length !== expected)
      throw new Error(`an answer must take ${expected} bytes, not ${saved.length}`);
    const message = new Uint8Array(this.lengths.answer);
    message.set(saved.subarray(FACTOR, FACTOR + FACTOR_BYTES));
    this.#pack(saved.subarray(BEFORE), groups, message.subarray(FACTOR_BYTES));
    return message;
  }

  /**
   * Loads an answer into `into`.
   * @throws Error beginning with `what` when it is none.
   */
  loadAnswer(message: Uint8Array, into: Ciphertext, what: string): void {
    this.#check(message, this.lengths.answer, what);
    const { last } = this.#context;
    const groups = this.#groups(last, 2);
    const saved = this.#room(BEFORE + groups.count * groups.widths.length * 8);
    this.#header(saved, last, { polynomials: 2, stored: 2 });
    saved.set(message.subarray(0, FACTOR_BYTES), FACTOR);
    this.#unpack(message.subarray(FACTOR_BYTES), groups, saved.subarray(BEFORE));
    this.#load(saved, into, what);
  }

  /** Relinearisation keys from SEAL's seeded serialisation. */
  packKeys(saved: Uint8Array): Uint8Array {
    const { key } = this.#context;
    const length = this.#seededBytes(key);
    const message = new Uint8Array(this.lengths.keys);
    const count = key.widths.length - 1;
    for (let i = 0; i < count; i++) {
      const from = KEYS_BEFORE + i * length;
      const one = this.#packSeeded(saved.subarray(from, from + length), key);
      message.set(one, i * one.length);
    }
    return message;
  }

  /**
   * Loads relinearisation keys into `into`.
   * @throws Error beginning with `what` when they are none.
   */
  loadKeys(message: Uint8Array, into: RelinKeys, what: string): void {
    this.#check(message, this.lengths.keys, what);
    const { seal, context, key } = this.#context;
    const count = key.widths.length - 1;
    const length = this.#seededBytes(key);
    const step = message.length / count;
    const saved = new Uint8Array(KEYS_BEFORE + count * length);
    const view = new DataView(saved.buffer);
    sealHeader(view, 0, saved.length);
    saved.set(key.idBytes, HEADER);
    view.setBigUint64(HEADER + 32, 1n, true);
    view.setBigUint64(HEADER + 40, BigInt(count), true);
    for (let i = 0; i < count; i++) {
      const one = this.#unpackSeeded(message.subarray(i * step, (i + 1) * step), key);
      saved.set(one, KEYS_BEFORE + i * length);
    }
    guarded(seal, what, () => into.loadFromArray(context, saved));
  }

  #packSeeded(saved: Uint8Array, level: Level): Uint8Array {
    const length = this.#seededBytes(level);
    if (saved.length !== length)
      throw new Error(`a seeded ciphertext must take ${length} bytes, not ${saved.length}`);
    const groups = this.#groups(level, 1);
    const message = new Uint8Array(this.#residueBytes(groups) + SEED);
    this.#pack(saved.subarray(BEFORE, saved.length - AFTER), groups, message);
    message.set(saved.subarray(saved.length - SEED), message.length - SEED);
    return message;
  }

  /** What SEAL would have saved; valid until the next message is unpacked. */
  #unpackSeeded(message: Uint8Array, level: Level): Uint8Array {
    const saved = this.#room(this.#seededBytes(level));
    this.#header(saved, level, { polynomials: 2, stored: 1 });
    const after = saved.length - AFTER;
    this.#unpack(message.subarray(0, message.length - SEED), this.#groups(level, 1), saved.subarray(BEFORE));
    const view = new DataView(saved.buffer);
    sealHeader(view, after, AFTER);
    // The generator that expands the seed: BLAKE2xb.
    saved[after + HEADER] = 1;
    saved.set(message.subarray(message.length - SEED), after + HEADER + 1);
    return saved;
  }

  /** The header of a ciphertext whose serialisation is to fill `saved`, with correction factor 1. */
  #header(saved: Uint8Array, level: Level, size: { polynomials: number; stored: number }): void {
    const view = new DataView(saved.buffer);
    const words = size.stored * level.widths.length * this.#context.slots;
    sealHeader(view, 0, saved.length);
    saved.set(level.idBytes, HEADER);
    let at = HEADER + 32;
    // In NTT form, as BGV keeps ciphertexts.
    view.setUint8(at, 1);
    at += 1;
    for (const value of [size.polynomials, this.#context.slots, level.widths.length]) {
      view.setBigUint64(at, BigInt(value), true);
      at += 8;
    }
    view.setFloat64(at, 1, true);
    view.setBigUint64(at + 8, 1n, true);
    sealHeader(view, at + 16, HEADER + 8 + words * 8);
    view.setBigUint64(at + 16 + HEADER, BigInt(words), true);
  }

  #load(saved: Uint8Array, into: Ciphertext, what: string): void {
    const { seal, context } = this.#context;
    guarded(seal, what, () => into.loadFromArray(context, saved));
    // SEAL computes with ciphertexts that hide nothing, and throws when one comes out: refused at the door.
    if (into.isTransparent()) throw new Error(`${what} encrypts nothing: its second polynomial is zero`);
  }

  #seededBytes(level: Level): number {
    return BEFORE + level.widths.length * this.#context.slots * 8 + AFTER;
  }

  #groups(level: Level, polynomials: number): Groups {
    const widths = Array.from({ length: polynomials }, () => level.widths).flat();
    return { count: this.#context.slots, widths };
  }

  /** A buffer for what SEAL is to load: the same one for equal lengths, all of it written each time. */
  #room(length: number): Uint8Array {
    if (this.#buffer.length !== length) this.#buffer = new Uint8Array(length);
    return this.#buffer;
  }

  #residueBytes(groups: Groups): number {
    return this.#packed ? packedBytes(groups) : groups.count * groups.widths.length * 8;
  }

  #pack(words: Uint8Array, groups: Groups, out: Uint8Array): void {
    if (this.#packed) pack(words, groups, out);
    else out.set(words);
  }

  #unpack(residues: Uint8Array, groups: Groups, out: Uint8Array): void {
    if (this.#packed) unpack(residues, groups, out);
    else out.set(residues);
  }

  #check(message: Uint8Array, length: number, what: string): void {
    if (message.length !== length)
      throw new Error(`${what} must have ${length} bytes, got ${message.length}`);
  }
}

/** SEAL's header of an object that takes `length` bytes with it: magic number, version 4.1, no compression. */
function sealHeader(view: DataView, at: number, length: number): void {
  view.setUint16(at, 0xa15e, true);
  view.setUint8(at + 2, HEADER);
  view.setUint8(at + 3, 4);
  view.setUint8(at + 4, 1);
  view.setBigUint64(at + 8, BigInt(length), true);
}
