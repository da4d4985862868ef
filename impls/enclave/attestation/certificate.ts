import { createPublicKey, type KeyObject } from 'node:crypto';
import { DER, DerReader, type DerValue } from './der.ts';
import { equalBytes, hex } from './document.ts';
import { Refusal } from './refusal.ts';

/** What the verifier needs of an X.509 v3 certificate (RFC 5280). Byte arrays are views of `der`. */
export interface Certificate {
  /** For refusals: 'certificate 2', counted from the root, 0. */
  readonly name: string;
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbs: Uint8Array;
  /** r ‖ s, 48 bytes each. */
  readonly signature: Uint8Array;
  /** The names as encoded. They are compared as bytes: stricter than RFC 5280 §7.1, and all genuine ones agree. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** First and last instant of validity, in ms since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The P-384 point, uncompressed: 04 ‖ x ‖ y. */
  readonly point: Uint8Array;
  /** The key, imported: OpenSSL has checked that the point is on the curve. */
  readonly publicKey: KeyObject;
  readonly isCa: boolean;
  /** How many issuers may stand between this one and the leaf; `null` = no limit. */
  readonly pathLength: number | null;
  /** `null` when the extension is absent. */
  readonly keyUsage: KeyUsage | null;
}

export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
}

/** A Name without any part. */
const EMPTY_NAME = Uint8Array.of(DER.sequence, 0);
/** AlgorithmIdentifier of ecdsa-with-SHA384 (RFC 5758 §3.2): the OID, no parameters. */
const ECDSA_SHA384 = Buffer.from('300a06082a8648ce3d040303', 'hex');
/** AlgorithmIdentifier of id-ecPublicKey on secp384r1 (RFC 5480 §2.1.1). */
const EC_P384 = Buffer.from('301006072a8648ce3d020106052b81040022', 'hex');
/** A SubjectPublicKeyInfo up to the point, for the import. */
const SPKI_P384 = Buffer.concat([Buffer.from('3076', 'hex'), EC_P384, Buffer.from('036200', 'hex')]);
const POINT_BYTES = 97;
const SCALAR_BYTES = 48;
const OID_KEY_USAGE = '551d0f';
const OID_BASIC_CONSTRAINTS = '551d13';

/**
 * Reads one certificate, strictly: DER only, version 3, signature algorithm ecdsa-with-SHA384 inside and outside,
 * P-384 key, no unique identifiers, dates that exist, no extension twice, no critical extension that is unknown here.
 *
 * @throws {Refusal} for anything else. It never throws another error.
 */
export function parseCertificate(der: Uint8Array, name: string): Certificate {
  const outer = new DerReader(der, name);
  const body = outer.enter(DER.sequence, 'Certificate');
  outer.end('the certificate');
  const tbs = body.read(DER.sequence, 'tbsCertificate');
  const outerAlgorithm = body.read(DER.sequence, 'signatureAlgorithm').whole;
  const signature = readSignature(name, bitString(name, body.read(DER.bitString, 'signatureValue')));
  body.end('Certificate');

  const fields = new DerReader(tbs.content, name);
  readVersion(name, fields);
  fields.unsigned('serialNumber', 20);
  const innerAlgorithm = fields.read(DER.sequence, 'signature').whole;
  if (!equalBytes(innerAlgorithm, ECDSA_SHA384) || !equalBytes(outerAlgorithm, ECDSA_SHA384)) {
    throw refuse('certificate-algorithm', name, 'is not signed with ecdsa-with-SHA384, inside and outside.');
  }
  const issuer = fields.read(DER.sequence, 'issuer').whole;
  // RFC 5280 §4.1.2.4. An empty name would name any CA whose subject is empty too.
  if (equalBytes(issuer, EMPTY_NAME)) throw refuse('certificate-malformed', name, 'has an empty issuer.');
  const validity = fields.enter(DER.sequence, 'validity');
  const notBefore = readTime(name, validity, 'notBefore');
  const notAfter = readTime(name, validity, 'notAfter');
  validity.end('validity');
  if (notBefore > notAfter) throw refuse('certificate-date', name, 'ends before it begins.');
  const subject = fields.read(DER.sequence, 'subject').whole;
  const { point, publicKey } = readKey(name, fields.enter(DER.sequence, 'subjectPublicKeyInfo'));
  const extensions = readExtensions(name, fields);
  fields.end('tbsCertificate');
  return {
    name,
    der,
    tbs: tbs.whole,
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    point,
    publicKey,
    ...extensions,
  };
}

function readVersion(name: string, fields: DerReader): void {
  // Absent means version 1, which has no extensions: nothing would say who may issue.
  if (fields.peek() !== DER.context(0)) throw refuse('certificate-version', name, 'is not version 3.');
  const version = fields.enter(DER.context(0), 'version');
  if (hex(version.unsigned('version', 1)) !== '02')
    throw refuse('certificate-version', name, 'is not version 3.');
  version.end('version');
}

function readSignature(name: string, bytes: Uint8Array): Uint8Array {
  const outer = new DerReader(bytes, name);
  const pair = outer.enter(DER.sequence, 'ECDSA-Sig-Value');
  outer.end('signatureValue');
  const signature = new Uint8Array(2 * SCALAR_BYTES);
  for (const [i, field] of ['r', 's'].entries()) {
    const scalar = pair.unsigned(field, SCALAR_BYTES);
    signature.set(scalar, (i + 1) * SCALAR_BYTES - scalar.length);
  }
  pair.end('ECDSA-Sig-Value');
  return signature;
}

/**
 * UTCTime or GeneralizedTime in the one form RFC 5280 §4.1.2.5 allows each. The result is compared with what was
 * read: `Date` turns 31 February into 3 March, and a NaN would pass every comparison unnoticed.
 */
function readTime(name: string, reader: DerReader, field: string): number {
  const utc = reader.peek() === DER.utcTime;
  const text = Buffer.from(reader.read(utc ? DER.utcTime : DER.generalizedTime, field).content).toString(
    'latin1',
  );
  const invalid = () =>
    refuse('certificate-date', name, `has no valid ${field}: ${JSON.stringify(text.slice(0, 20))}.`);
  if (!(utc ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw invalid();
  const full = utc ? `${text < '5' ? '20' : '19'}${text}` : text;
  // Dates before 2050 must be UTCTime: one date, one encoding.
  if (!utc && full < '2050') throw invalid();
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)!;
  const [year, month, day, hour, minute, second] = digits.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (Number.isNaN(time.getTime()) || time.toISOString().replace(/[-:T]|\.000/g, '') !== full)
    throw invalid();
  return time.getTime();
}

function readKey(name: string, spki: DerReader): { point: Uint8Array; publicKey: KeyObject } {
  if (!equalBytes(spki.read(DER.sequence, 'the key algorithm').whole, EC_P384)) {
    throw refuse('certificate-key-not-p384', name, 'has a key that is not on P-384.');
  }
  const point = bitString(name, spki.read(DER.bitString, 'subjectPublicKey'));
  spki.end('subjectPublicKeyInfo');
  if (point.length !== POINT_BYTES || point[0] !== 4) {
    throw refuse('certificate-key-invalid', name, 'has a key that is no uncompressed P-384 point.');
  }
  try {
    const key = Buffer.concat([SPKI_P384, point]);
    return { point, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) };
  } catch {
    throw refuse('certificate-key-invalid', name, 'has a key that is not a point of P-384.');
  }
}

function readExtensions(
  name: string,
  fields: DerReader,
): Pick<Certificate, 'isCa' | 'pathLength' | 'keyUsage'> {
  let constraints = { isCa: false, pathLength: null as number | null };
  let keyUsage: KeyUsage | null = null;
  if (!fields.done) {
    const wrapper = fields.enter(DER.context(3), 'extensions');
    const list = wrapper.enter(DER.sequence, 'extensions');
    wrapper.end('extensions');
    const seen = new Set<string>();
    while (!list.done) {
      const extension = list.enter(DER.sequence, 'an extension');
      const oid = hex(extension.read(DER.oid, 'extnID').content);
      if (seen.has(oid)) throw refuse('certificate-extension', name, `has extension ${oid} twice.`);
      seen.add(oid);
      const critical = extension.peek() === DER.boolean && extension.optionalTrue('critical');
      const value = extension.read(DER.octetString, 'extnValue').content;
      extension.end('an extension');
      if (oid === OID_BASIC_CONSTRAINTS) constraints = readBasicConstraints(name, value);
      else if (oid === OID_KEY_USAGE) keyUsage = readKeyUsage(name, value);
      else if (critical) {
        throw refuse(
          'certificate-extension',
          name,
          `has the critical extension ${oid}, which is unknown here.`,
        );
      }
    }
  }
  return { ...constraints, keyUsage };
}

function readBasicConstraints(name: string, value: Uint8Array): { isCa: boolean; pathLength: number | null } {
  const outer = new DerReader(value, name);
  const fields = outer.enter(DER.sequence, 'basicConstraints');
  outer.end('basicConstraints');
  const isCa = fields.peek() === DER.boolean && fields.optionalTrue('cA');
  const pathLength = fields.done ? null : fields.unsigned('pathLenConstraint', 1)[0]!;
  fields.end('basicConstraints');
  return { isCa, pathLength };
}

function readKeyUsage(name: string, value: Uint8Array): KeyUsage {
  const outer = new DerReader(value, name);
  const { content } = outer.read(DER.bitString, 'keyUsage');
  outer.end('keyUsage');
  const [unused = 8, bits = 0] = content;
  if (unused > 7 || content.length < 2 || content.length > 3) {
    throw refuse('certificate-malformed', name, 'has a malformed keyUsage.');
  }
  // DER (X.690 §11.2.2) ends a list of named bits with the last that is set.
  const last = content.at(-1) ?? 0;
  if (last === 0 || unused !== 31 - Math.clz32(last & -last)) {
    throw refuse(
      'certificate-malformed',
      name,
      'has a keyUsage that is not DER: a wrong count of unused bits.',
    );
  }
  // Bit 0 is the highest (RFC 5280 §4.2.1.3): digitalSignature 0, keyCertSign 5.
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0 };
}

/** The content of a BIT STRING of whole bytes. */
function bitString(name: string, { content }: DerValue): Uint8Array {
  if (content[0] !== 0) throw refuse('certificate-malformed', name, 'has a bit string of no whole bytes.');
  return content.subarray(1);
}

function refuse(reason: ConstructorParameters<typeof Refusal>[0], name: string, detail: string): Refusal {
  return new Refusal(reason, `${name[0]!.toUpperCase()}${name.slice(1)} ${detail}`);
}
