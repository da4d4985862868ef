/** Makes X.509 certificates (RFC 5280) of the one kind that AWS's and the emulator's chains consist of: P-384, ES384. */
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  type Der,
  explicit,
  isTrue,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  set,
  time,
  unsigned,
  utf8String,
} from './der.ts';

/** Bits of the key usage extension: RFC 5280 §4.2.1.3. */
export const KEY_USAGE = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5, cRLSign: 6 } as const;

export interface CertificateFields {
  /** The issuer's name, as {@link distinguishedName} made it. */
  readonly issuer: Der;
  readonly subject: Der;
  /** First and last second of validity, ms since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  /** Present: it may issue. `pathLength` null: without a limit on how far down. */
  readonly authority?: { readonly pathLength: number | null };
  /** Of {@link KEY_USAGE}. */
  readonly usage: readonly number[];
}

const ECDSA_SHA384 = sequence(oid(1, 2, 840, 10045, 4, 3, 3));
const V3 = explicit(0, unsigned(Uint8Array.of(2)));
const COUNTRY = oid(2, 5, 4, 6);
const ORGANIZATION = oid(2, 5, 4, 10);
const UNIT = oid(2, 5, 4, 11);
const COMMON_NAME = oid(2, 5, 4, 3);
const BASIC_CONSTRAINTS = oid(2, 5, 29, 19);
const SUBJECT_KEY_IDENTIFIER = oid(2, 5, 29, 14);
const KEY_USAGE_EXTENSION = oid(2, 5, 29, 15);
/** Of a P-384 point in an encoded SubjectPublicKeyInfo: all that follows the head. */
const POINT_BYTES = 97;

/** A Name of country, organization, unit and common name, in this order. */
export function distinguishedName(
  country: string,
  organization: string,
  unit: string,
  commonName: string,
): Der {
  const parts: [Der, Der][] = [
    [COUNTRY, printableString(country)],
    [ORGANIZATION, utf8String(organization)],
    [UNIT, utf8String(unit)],
    [COMMON_NAME, utf8String(commonName)],
  ];
  return sequence(...parts.map((part) => set(sequence(...part))));
}

/** A certificate, signed with the issuer's P-384 key; its serial number is random, 16 bytes, as long as AWS's. */
export function issueCertificate(fields: CertificateFields, issuerKey: KeyObject): Der {
  const { issuer, subject, notBefore, notAfter, publicKey, authority, usage } = fields;
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const extensions = authority
    ? [
        extension(BASIC_CONSTRAINTS, true, sequence(isTrue, ...limit(authority.pathLength))),
        extension(SUBJECT_KEY_IDENTIFIER, false, octetString(keyIdentifier(spki))),
        extension(KEY_USAGE_EXTENSION, true, namedBits(usage)),
      ]
    : [
        extension(BASIC_CONSTRAINTS, true, sequence()),
        extension(KEY_USAGE_EXTENSION, false, namedBits(usage)),
      ];
  const tbs = sequence(
    V3,
    unsigned(Uint8Array.of(1, ...randomBytes(15))),
    ECDSA_SHA384,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    spki,
    explicit(3, sequence(...extensions)),
  );
  return sequence(tbs, ECDSA_SHA384, bitString(sign('sha384', tbs, issuerKey)));
}

function extension(id: Der, isCritical: boolean, content: Der): Der {
  return sequence(id, ...(isCritical ? [isTrue] : []), octetString(content));
}

function limit(pathLength: number | null): Der[] {
  return pathLength === null ? [] : [unsigned(Uint8Array.of(pathLength))];
}

/** RFC 5280 §4.2.1.2, method 1. */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  return createHash('sha1').update(spki.subarray(-POINT_BYTES)).digest();
}
