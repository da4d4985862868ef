import { Refusal } from './refusal.ts';

/**
 * A strict pull reader for the subset of CBOR (RFC 8949) that attestation documents use: unsigned integers, byte
 * and text strings, arrays, maps and null, each asked for by type. It has no recursion and allocates nothing but
 * text, so nested or lying input cannot exhaust the stack or the memory.
 *
 * Refused wherever they occur, with their own reasons: heads longer than needed, tags, indefinite lengths (but for
 * {@link CborReader.mapOrIndefinite}), text that is not UTF-8, truncation. General decoders accept one or the other
 * of these even in their strict modes, and a second reading of the same signed bytes is what forgeries live on.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #position = 0;

  /** `what` names the bytes in refusals: 'The document', 'The payload'. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Number of entries of a definite-length array. */
  array(field: string): number {
    return this.#definite(MAJOR_ARRAY, field, 'an array');
  }

  /** Number of entries of a definite-length map. */
  map(field: string): number {
    return this.#definite(MAJOR_MAP, field, 'a map');
  }

  /** As {@link map}; `null` when the map has indefinite length: then call {@link takeBreak} before each key. */
  mapOrIndefinite(field: string): number | null {
    if (this.#bytes[this.#position] === INDEFINITE_MAP) {
      this.#position++;
      return null;
    }
    return this.map(field);
  }

  /** Consumes the break that ends an indefinite-length map, if it is next. */
  takeBreak(): boolean {
    if (this.#bytes[this.#position] !== BREAK) return false;
    this.#position++;
    return true;
  }

  /** A byte string: a view, not a copy. */
  bytes(field: string): Uint8Array {
    return this.#take(this.#definite(MAJOR_BYTES, field, 'a byte string'), field);
  }

  bytesOrNull(field: string): Uint8Array | null {
    if (this.#bytes[this.#position] === NULL) {
      this.#position++;
      return null;
    }
    return this.bytes(field);
  }

  text(field: string): string {
    const bytes = this.#take(this.#definite(MAJOR_TEXT, field, 'a text string'), field);
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new Refusal('cbor-utf8', `${this.#what}: the text of ${field} is not valid UTF-8.`);
    }
  }

  /** An unsigned integer of at most 53 bits. */
  unsigned(field: string): number {
    return this.#definite(MAJOR_UNSIGNED, field, 'an unsigned integer');
  }

  /** Refuses when anything follows. */
  end(): void {
    const left = this.#bytes.length - this.#position;
    if (left > 0)
      throw new Refusal(
        'trailing-bytes',
        `${this.#what} is followed by ${left} bytes that do not belong to it.`,
      );
  }

  #definite(major: number, field: string, expected: string): number {
    const start = this.#position;
    const first = this.#bytes[start];
    if (first === undefined) throw this.#truncated(field);
    const actual = first >> 5;
    if (actual === MAJOR_TAG) {
      throw new Refusal(
        'cbor-tag',
        `${this.#what}: ${field} has a CBOR tag (byte ${start}); none is allowed.`,
      );
    }
    if (actual !== major) {
      const found = MAJOR_NAMES[actual];
      throw new Refusal(
        'wrong-type',
        `${this.#what}: ${field} must be ${expected}, not ${found} (byte ${start}).`,
      );
    }
    const info = first & 31;
    if (info === 31 && major !== MAJOR_UNSIGNED) {
      throw new Refusal(
        'cbor-indefinite',
        `${this.#what}: ${field} has an indefinite length (byte ${start}).`,
      );
    }
    if (info > 27) throw this.#malformed(start);
    this.#position = start + 1;
    if (info < 24) return info;
    const width = 1 << (info - 24);
    let value = 0;
    for (const byte of this.#take(width, field)) value = value * 256 + byte;
    // 24 fits the shortest form from 24 on; the longer ones from where the next shorter one ends.
    const least = width === 1 ? 24 : 256 ** (width / 2);
    if (value < least) {
      throw new Refusal(
        'cbor-non-minimal',
        `${this.#what}: ${field} has a head that is longer than needed (byte ${start}).`,
      );
    }
    if (!Number.isSafeInteger(value)) {
      throw new Refusal('cbor-malformed', `${this.#what}: ${field} is a number of more than 53 bits.`);
    }
    return value;
  }

  #take(length: number, field: string): Uint8Array {
    const start = this.#position;
    if (length > this.#bytes.length - start) throw this.#truncated(field);
    this.#position = start + length;
    return this.#bytes.subarray(start, start + length);
  }

  #truncated(field: string): Refusal {
    return new Refusal('cbor-malformed', `${this.#what} ends in the middle of ${field}.`);
  }

  #malformed(position: number): Refusal {
    return new Refusal('cbor-malformed', `${this.#what} has an invalid CBOR head at byte ${position}.`);
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const MAJOR_UNSIGNED = 0;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;
const INDEFINITE_MAP = 0xbf;
const NULL = 0xf6;
const BREAK = 0xff;
const MAJOR_NAMES = [
  'an unsigned integer',
  'a negative integer',
  'a byte string',
  'a text string',
  'an array',
  'a map',
  'a tag',
  'a simple value',
] as const;
