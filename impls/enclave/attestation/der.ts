import { Refusal } from './refusal.ts';

/** Identifier octets of the DER types (ITU-T X.690) that certificates use. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** `[number] EXPLICIT` or constructed `[number] IMPLICIT`. */
  context: (number: number): number => 0xa0 | number,
} as const;

/** A value: `content` is what it holds, `whole` is that with identifier and length. Both are views. */
export interface DerValue {
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/**
 * A strict pull reader for DER: definite, minimal lengths of at most 65535, one-byte identifiers, each value asked for by
 * its identifier. Node's `X509Certificate` shows neither key usage nor path length, and libraries that do read BER.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #position = 0;

  /** `what` names the bytes in refusals: 'certificate 2'. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Whether nothing is left. */
  get done(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** The identifier of the next value; `undefined` at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#position];
  }

  /** The next value, which must have this identifier. */
  read(identifier: number, field: string): DerValue {
    const bytes = this.#bytes;
    const start = this.#position;
    if (bytes[start] !== identifier) {
      const found = bytes[start]?.toString(16).padStart(2, '0') ?? 'the end';
      throw malformed(
        `${this.#what}: ${field} has identifier ${found}, not ${identifier.toString(16).padStart(2, '0')}.`,
      );
    }
    let content = start + 2;
    let length = bytes[start + 1] ?? -1;
    if (length > 0x82) throw malformed(`${this.#what}: ${field} has an unsupported length.`);
    if (length >= 0x80) {
      // 0x80 itself is BER's indefinite length: it falls out as a length of -1.
      const width = length - 0x80;
      content += width;
      const high = width === 2 ? (bytes[start + 2] ?? 0) : 0;
      length = width === 0 ? -1 : high * 256 + (bytes[content - 1] ?? -1);
      if (length < (width === 2 ? 0x100 : 0x80)) length = -1;
    }
    if (length < 0 || content + length > bytes.length) {
      throw malformed(`${this.#what}: ${field} has a wrong length.`);
    }
    this.#position = content + length;
    return {
      content: bytes.subarray(content, content + length),
      whole: bytes.subarray(start, content + length),
    };
  }

  /** A reader of the next value's content. */
  enter(identifier: number, field: string): DerReader {
    return new DerReader(this.read(identifier, field).content, this.#what);
  }

  /** Refuses when anything is left. */
  end(field: string): void {
    if (!this.done) throw malformed(`${this.#what}: ${field} has bytes left over.`);
  }

  /** A non-negative INTEGER of at most `maxBytes` bytes without its leading zero, big-endian. */
  unsigned(field: string, maxBytes: number): Uint8Array {
    const { content } = this.read(DER.integer, field);
    const [first = 0x80, second = 0] = content;
    const padded = first === 0 && content.length > 1;
    if (first >= 0x80 || (padded && second < 0x80)) {
      throw malformed(`${this.#what}: ${field} is not a minimal non-negative integer.`);
    }
    const value = padded ? content.subarray(1) : content;
    if (value.length > maxBytes) throw malformed(`${this.#what}: ${field} has more than ${maxBytes} bytes.`);
    return value;
  }

  /** A BOOLEAN whose default is FALSE: in DER it is left out, or it is TRUE, written ff. */
  optionalTrue(field: string): true {
    const { content } = this.read(DER.boolean, field);
    if (content.length !== 1 || content[0] !== 0xff) {
      throw malformed(`${this.#what}: ${field} is not a DER boolean that is true, and false is left out.`);
    }
    return true;
  }
}

function malformed(detail: string): Refusal {
  return new Refusal('certificate-malformed', `${detail[0]!.toUpperCase()}${detail.slice(1)}`);
}
