/**
 * The record layer: one direction of a secure channel, as sealed records.
 *
 * A record is `type (1) ‖ sequence number (4, big-endian) ‖ ciphertext ‖ tag (16)`: AES-256-GCM under
 * the direction's key, with the sequence number as nonce (never repeated: the key is fresh and the
 * sealer counts) and the first five bytes as associated data. So a record that was altered, repeated,
 * left out or moved is refused, and a message whose last record is missing never ends.
 * Lengths on the wire depend on the lengths of messages alone.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { release } from './release.ts';

/** Bytes that a record adds to its payload. */
export const RECORD_OVERHEAD = 5 + 16;
/** Longest record on the wire: 1 MiB, the piece size at which sockets and AES are fastest. */
export const MAX_RECORD = 2 ** 20;
/** Longest payload of one record. */
export const MAX_PAYLOAD = MAX_RECORD - RECORD_OVERHEAD;

const HEADER = 5;
const TAG = 16;
const MAX_SEQUENCE = 2 ** 32 - 1;

/** `more`: the message goes on in the next record; `last`: it ends with this one. */
export type RecordType = 'more' | 'last';
const CODES = { more: 0, last: 1 } as const;

/**
 * What went wrong with the other end's records. `altered` includes records made under another key.
 * After any of these the channel is unusable: the next record is refused as well.
 */
export type RecordFault = 'altered' | 'repeated' | 'missing' | 'truncated' | 'malformed' | 'too-long';

/** A record or message that must not be used; `fault` is stable, the text is for people. */
export class CiphertextError extends Error {
  override readonly name = 'CiphertextError';
  readonly fault: RecordFault;
  constructor(fault: RecordFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** Seals payloads into records, in order. `key` has 32 bytes and belongs to this direction alone. */
export class RecordSealer {
  readonly #key: Uint8Array;
  #sequence = 0;

  constructor(key: Uint8Array) {
    assertKey(key);
    this.#key = key;
  }

  /**
   * Writes the record that carries `parts`, one after the other, to the front of `target`.
   * @param parts together at most {@link MAX_PAYLOAD} bytes.
   * @param target at least the payload's length + {@link RECORD_OVERHEAD} bytes.
   * @returns the record: a view of `target`.
   */
  seal(type: RecordType, parts: readonly Uint8Array[], target: Uint8Array): Uint8Array {
    if (this.#sequence > MAX_SEQUENCE) throw new Error('the channel has used up its sequence numbers');
    target[0] = CODES[type];
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    view.setUint32(1, this.#sequence);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(this.#sequence));
    this.#sequence += 1;
    cipher.setAAD(target.subarray(0, HEADER));
    let end = HEADER;
    for (const part of parts) {
      const sealed = cipher.update(part);
      target.set(sealed, end);
      end += sealed.length;
      release(sealed);
    }
    cipher.final();
    target.set(cipher.getAuthTag(), end);
    return target.subarray(0, end + TAG);
  }
}

/** Opens the records of a {@link RecordSealer}, in the same order. */
export class RecordOpener {
  readonly #key: Uint8Array;
  #sequence = 0;

  constructor(key: Uint8Array) {
    assertKey(key);
    this.#key = key;
  }

  /** The payload of `record`. @throws CiphertextError when it is not the next record the sealer made. */
  open(record: Uint8Array): { type: RecordType; payload: Uint8Array } {
    const code = record[0];
    if (record.length < RECORD_OVERHEAD || record.length > MAX_RECORD || (code !== 0 && code !== 1)) {
      throw new CiphertextError(
        'malformed',
        `record ${this.#sequence} of the encrypted channel is malformed (${record.length} bytes)`,
      );
    }
    const expected = this.#sequence;
    const got = new DataView(record.buffer, record.byteOffset, record.byteLength).getUint32(1);
    if (got < expected) {
      throw new CiphertextError('repeated', `record ${got} of the encrypted channel arrived a second time`);
    }
    if (got > expected) {
      throw new CiphertextError(
        'missing',
        `record ${expected} of the encrypted channel is missing: record ${got} came in its place`,
      );
    }
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce(expected), { authTagLength: TAG });
    decipher.setAAD(record.subarray(0, HEADER));
    decipher.setAuthTag(record.subarray(record.length - TAG));
    const payload = decipher.update(record.subarray(HEADER, record.length - TAG));
    try {
      decipher.final();
    } catch (cause) {
      // The unauthenticated plaintext must not stay around.
      payload.fill(0);
      throw new CiphertextError(
        'altered',
        `record ${expected} of the encrypted channel was altered, or made under another key`,
        { cause },
      );
    }
    this.#sequence += 1;
    return { type: code === CODES.last ? 'last' : 'more', payload };
  }
}

/** 96 bits: four zero bytes and the sequence number (deterministic construction, NIST SP 800-38D, 8.2.1). */
function nonce(sequence: number): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(8, sequence);
  return bytes;
}

function assertKey(key: Uint8Array): void {
  if (key.length !== 32) throw new Error(`"key" expected 32 bytes, got ${key.length}`);
}

/** Whether a record says of itself that it ends a message. For relays; only opening it proves anything. */
export function isLastRecord(record: Uint8Array): boolean {
  return record[0] === CODES.last;
}
