import { type KeyObject, sign } from 'node:crypto';
import { encode } from 'cborg';

/** The payload of a document, in AWS's order of fields. */
export interface DocumentFields {
  readonly moduleId: string;
  /** ms since 1970. */
  readonly timestamp: number;
  /** Index → 48 bytes, in the order to write them. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  readonly certificate: Uint8Array;
  readonly cabundle: readonly Uint8Array[];
  readonly publicKey: Uint8Array | null;
  readonly userData: Uint8Array | null;
  readonly nonce: Uint8Array | null;
}

/** The protected header `{1: -35}`, ES384. */
const PROTECTED = Uint8Array.of(0xa1, 0x01, 0x38, 0x22);

/** The payload as AWS sends it since 2025: a map of indefinite length, everything in it definite. */
export function encodePayload(fields: DocumentFields): Uint8Array {
  const pcrs = Buffer.concat([
    mapHead(fields.pcrs.size),
    ...[...fields.pcrs].flatMap(([index, value]) => [encode(index), encode(value)]),
  ]);
  const entries: [string, Uint8Array][] = [
    ['module_id', encode(fields.moduleId)],
    ['digest', encode('SHA384')],
    ['timestamp', encode(fields.timestamp)],
    ['pcrs', pcrs],
    ['certificate', encode(fields.certificate)],
    ['cabundle', encode(fields.cabundle)],
    ['public_key', encode(fields.publicKey)],
    ['user_data', encode(fields.userData)],
    ['nonce', encode(fields.nonce)],
  ];
  return Buffer.concat([
    Uint8Array.of(0xbf),
    ...entries.flatMap(([key, value]) => [encode(key), value]),
    Uint8Array.of(0xff),
  ]);
}

/**
 * Signs a payload as COSE_Sign1 (RFC 9052 §4.4), without tag, as genuine documents are. `header`: the protected
 * header's bytes, ES384's by default.
 */
export function signDocument(
  payload: Uint8Array,
  key: KeyObject,
  header: Uint8Array = PROTECTED,
): Uint8Array {
  const signed = encode(['Signature1', header, new Uint8Array(0), payload]);
  const signature = sign('sha384', signed, { key, dsaEncoding: 'ieee-p1363' });
  return encode([header, new Map(), payload, new Uint8Array(signature)]);
}

/** Head of a map of at most 255 entries. */
function mapHead(entries: number): Uint8Array {
  return entries < 24 ? Uint8Array.of(0xa0 | entries) : Uint8Array.of(0xb8, entries);
}
