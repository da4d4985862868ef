import { CborReader } from './cbor.ts';
import { Refusal } from './refusal.ts';

/** The fields of a Nitro Enclaves attestation document. All byte arrays are views of the document's bytes. */
export interface AttestationDocument {
  /** Identifies the enclave's security module, `i-<instance>-enc<enclave>`. */
  readonly moduleId: string;
  /** When the document was made, in ms since 1970-01-01 UTC. */
  readonly timestamp: number;
  /** The locked platform configuration registers: index 0–31 → 48 bytes (SHA-384). 0–15 are always there. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** The leaf certificate, DER. Its key signs the document. */
  readonly certificate: Uint8Array;
  /** The issuers, DER, root first. */
  readonly cabundle: readonly Uint8Array[];
  readonly publicKey: Uint8Array | null;
  readonly userData: Uint8Array | null;
  readonly nonce: Uint8Array | null;
}

/** A document taken apart, nothing of it verified yet. */
export interface ParsedDocument {
  readonly document: AttestationDocument;
  /** Whether the payload map has definite length (AWS until 2025-04) or indefinite length (AWS since). */
  readonly payloadMap: 'definite' | 'indefinite';
  /** The signed bytes, exactly as received. */
  readonly payload: Uint8Array;
  /** r ‖ s, 48 bytes each, big-endian. */
  readonly signature: Uint8Array;
}

/** The protected header `{1: -35}` (ES384), the only one accepted, as the bytes that are signed. */
export const PROTECTED_ES384 = Uint8Array.of(0xa1, 0x01, 0x38, 0x22);

/** The security module's response buffer: no document can be longer. */
export const MAX_DOCUMENT_BYTES = 0x3000;
/** AWS states 512 as well as 1024 for user_data and nonce; a genuine document carries 746 bytes. */
export const MAX_FIELD_BYTES = 1024;
/** Length of a SHA-384 digest, hence of a PCR. */
export const PCR_BYTES = 48;
/** PCR indices are 0–31. */
export const MAX_PCRS = 32;
/** PCRs 0–15 are locked when an enclave starts, and locked PCRs are in every document. */
export const BOOT_PCRS = 16;
/** Issuers in a cabundle. Genuine documents have four. */
export const MAX_CABUNDLE = 8;

const SIGNATURE_BYTES = 96;
const MAX_TIMESTAMP_MS = 8.64e15; // The last instant a Date can hold.

/**
 * Takes a document apart: `COSE_Sign1` (RFC 9052 §4.2) without tag around AWS's payload map. Checks everything that
 * can be checked without a key, a clock or an expectation, except for the certificates' contents.
 *
 * @throws {Refusal} for anything but a well-formed document.
 */
export function parseDocument(bytes: Uint8Array): ParsedDocument {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new Refusal('too-large', `The document has more than ${MAX_DOCUMENT_BYTES} bytes.`);
  }
  const reader = new CborReader(bytes, 'The document');
  const length = reader.array('COSE_Sign1');
  if (length !== 4)
    throw new Refusal('cose-structure', `COSE_Sign1 has 4 entries, this array has ${length}.`);
  const header = reader.bytes('the protected header');
  if (!equalBytes(header, PROTECTED_ES384)) {
    throw new Refusal(
      'algorithm-not-es384',
      `The protected header is ${hex(header.subarray(0, 32)) || 'empty'}; it must be a1013822, that is {1: -35} (ES384).`,
    );
  }
  if (reader.map('the unprotected header') !== 0) {
    throw new Refusal('unprotected-header', 'The unprotected header has entries; nothing signs them.');
  }
  const payload = reader.bytes('the payload');
  const signature = reader.bytes('the signature');
  if (signature.length !== SIGNATURE_BYTES) {
    throw new Refusal(
      'signature-length',
      `The signature has ${signature.length} bytes; ES384 has ${SIGNATURE_BYTES}.`,
    );
  }
  reader.end();
  return { ...parsePayload(payload), payload, signature };
}

function parsePayload(payload: Uint8Array): Pick<ParsedDocument, 'document' | 'payloadMap'> {
  const reader = new CborReader(payload, 'The payload');
  const count = reader.mapOrIndefinite('the payload map');
  const fields = new Map<string, unknown>();
  for (let i = 0; count === null ? !reader.takeBreak() : i < count; i++) {
    const key = reader.text('a key');
    if (fields.has(key)) throw new Refusal('cbor-duplicate-key', `The payload: ${key} is there twice.`);
    if (key === 'nitrotpm_pcrs') {
      throw new Refusal('nitrotpm-document', "This is a NitroTPM instance's document, not an enclave's.");
    }
    if (!Object.hasOwn(FIELDS, key)) {
      throw new Refusal(
        'unknown-field',
        `The payload has the unknown field ${JSON.stringify(key.slice(0, 64))}.`,
      );
    }
    fields.set(key, FIELDS[key as keyof typeof FIELDS](reader));
  }
  reader.end();
  for (const key of Object.keys(FIELDS)) {
    if (!fields.has(key)) throw new Refusal('missing-field', `The payload lacks ${key}.`);
  }
  const get = <Key extends keyof typeof FIELDS>(key: Key) =>
    fields.get(key) as ReturnType<(typeof FIELDS)[Key]>;
  return {
    payloadMap: count === null ? 'indefinite' : 'definite',
    document: {
      moduleId: get('module_id'),
      timestamp: get('timestamp'),
      pcrs: get('pcrs'),
      certificate: get('certificate'),
      cabundle: get('cabundle'),
      publicKey: get('public_key'),
      userData: get('user_data'),
      nonce: get('nonce'),
    },
  };
}

/** The nine fields, all of them required, in any order. Absent optional ones are null in genuine documents. */
const FIELDS = {
  module_id(reader: CborReader): string {
    const moduleId = reader.text('module_id');
    checkLength('module_id', Buffer.byteLength(moduleId), 1, MAX_FIELD_BYTES);
    return moduleId;
  },
  digest(reader: CborReader): string {
    const digest = reader.text('digest');
    if (digest !== 'SHA384') {
      throw new Refusal(
        'digest-not-sha384',
        `The payload: digest is ${JSON.stringify(digest.slice(0, 16))}, not "SHA384".`,
      );
    }
    return digest;
  },
  timestamp(reader: CborReader): number {
    const timestamp = reader.unsigned('timestamp');
    if (timestamp === 0 || timestamp > MAX_TIMESTAMP_MS) {
      throw new Refusal(
        'timestamp-invalid',
        `The payload: timestamp ${timestamp} is no time in ms since 1970.`,
      );
    }
    return timestamp;
  },
  pcrs: readPcrs,
  certificate: (reader: CborReader): Uint8Array => readCertificate(reader, 'certificate'),
  cabundle(reader: CborReader): Uint8Array[] {
    const count = reader.array('cabundle');
    if (count < 1 || count > MAX_CABUNDLE) {
      throw new Refusal(
        'chain-length',
        `The payload: cabundle has ${count} certificates; 1 to ${MAX_CABUNDLE} are allowed.`,
      );
    }
    return Array.from({ length: count }, (_, i) => readCertificate(reader, `cabundle[${i}]`));
  },
  public_key: (reader: CborReader): Uint8Array | null => readOptional(reader, 'public_key', 1),
  user_data: (reader: CborReader): Uint8Array | null => readOptional(reader, 'user_data', 0),
  nonce: (reader: CborReader): Uint8Array | null => readOptional(reader, 'nonce', 0),
};

function readPcrs(reader: CborReader): Map<number, Uint8Array> {
  const pcrs = new Map<number, Uint8Array>();
  const count = reader.map('pcrs');
  for (let i = 0; i < count; i++) {
    const index = reader.unsigned('a PCR index');
    if (index >= MAX_PCRS)
      throw new Refusal('pcr-index', `PCR ${index} does not exist; the last is ${MAX_PCRS - 1}.`);
    if (pcrs.has(index)) throw new Refusal('cbor-duplicate-key', `The payload: pcrs has PCR ${index} twice.`);
    const value = reader.bytes(`PCR ${index}`);
    if (value.length !== PCR_BYTES) {
      throw new Refusal('pcr-length', `PCR ${index} has ${value.length} bytes, not ${PCR_BYTES}.`);
    }
    pcrs.set(index, value);
  }
  for (let index = 0; index < BOOT_PCRS; index++) {
    if (!pcrs.has(index))
      throw new Refusal('pcrs-incomplete', `The payload: pcrs lacks PCR ${index}; 0 to 15 are always there.`);
  }
  return pcrs;
}

function readCertificate(reader: CborReader, field: string): Uint8Array {
  const certificate = reader.bytes(field);
  checkLength(field, certificate.length, 1, MAX_FIELD_BYTES);
  return certificate;
}

function readOptional(reader: CborReader, field: string, least: number): Uint8Array | null {
  const value = reader.bytesOrNull(field);
  if (value !== null) checkLength(field, value.length, least, MAX_FIELD_BYTES);
  return value;
}

function checkLength(field: string, length: number, least: number, most: number): void {
  if (length >= least && length <= most) return;
  throw new Refusal(
    'field-length',
    `The payload: ${field} has a length of ${length}; ${least} to ${most} are allowed.`,
  );
}

/** Whether both hold the same bytes. Not constant-time: everything in a document is public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
