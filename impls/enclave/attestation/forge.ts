/**
 * Test support: documents that are validly signed and wrong in exactly one way. Not used by the verifier.
 */
import 'reflect-metadata';
import { createHash, KeyObject, randomBytes, sign, type webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { Encoder } from 'cbor-x';
import { parseCertificate } from './certificate.ts';

const cbor = new Encoder({ tagUint8Array: false, useRecords: false });
/** Times are 64-bit integers, as AWS writes them; cbor-x would make the larger ones floating-point numbers. */
const encode = (value: unknown): Uint8Array =>
  Uint8Array.from(cbor.encode(Number.isSafeInteger(value) ? whole(value as number) : value));
const whole = (value: number): number | bigint => (Math.abs(value) < 2 ** 31 ? value : BigInt(value));

export { x509 };
export const { digitalSignature, keyCertSign } = x509.KeyUsageFlags;

/** What to do differently for one certificate. */
export interface CertificateChange {
  readonly subject?: string;
  readonly issuer?: string;
  readonly from?: number;
  readonly to?: number;
  /** `null`: without the extension. */
  readonly ca?: boolean | null;
  readonly pathLength?: number;
  readonly usage?: number | null;
  readonly curve?: 'P-256' | 'P-521';
  readonly hash?: 'SHA-256' | 'SHA-512';
  readonly extensions?: readonly x509.Extension[];
  /** Signs with a key that is not the issuer's. */
  readonly strangerSigns?: boolean;
  /** Changes the signed part; it is signed after that. */
  readonly patch?: (tbs: Uint8Array) => Uint8Array;
  /** Changes the finished certificate. */
  readonly wrap?: (der: Uint8Array) => Uint8Array;
}

export interface Identity {
  readonly cabundle: Uint8Array[];
  readonly certificate: Uint8Array;
  readonly privateKey: KeyObject;
  readonly root: string;
}

export interface DocumentChange {
  readonly identity?: Identity;
  /** Replaces the encoded value of a field; `null` leaves the field out. */
  readonly fields?: Readonly<Record<string, Uint8Array | null>>;
  /** Appended after the nine fields, encoded. */
  readonly extra?: readonly Uint8Array[];
  /** The whole payload from the map's encoded entries. Default: a map of indefinite length. */
  readonly payload?: (entries: readonly Uint8Array[]) => Uint8Array;
  readonly header?: Uint8Array;
  readonly unprotected?: Uint8Array;
  readonly signature?: (signature: Uint8Array) => Uint8Array;
  /** Changes the payload after it was signed. */
  readonly tamper?: (payload: Uint8Array) => Uint8Array;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEVELS = ['root', 'regional', 'zonal', 'instance', 'leaf'];
const PROTECTED = bytes('a1013822');

/** A chain of five, correct but for `changes` (by level, 0 = root, 4 = leaf). */
export async function forgeIdentity(
  at: number,
  changes: Readonly<Record<number, CertificateChange>> = {},
): Promise<Identity> {
  const chain: Uint8Array[] = [];
  let issuer: { name: string; keys: CryptoKeyPair } | null = null;
  let keys!: CryptoKeyPair;
  for (const [level, name] of LEVELS.entries()) {
    const change = changes[level] ?? {};
    const leaf = level === 4;
    keys = await generateKeys(change.curve ?? 'P-384');
    const subject = change.subject ?? `CN=${name}.forge`;
    const signer = change.strangerSigns
      ? (await generateKeys('P-384')).privateKey
      : (issuer?.keys ?? keys).privateKey;
    const ca = change.ca === undefined ? !leaf : change.ca;
    const pathLength = change.pathLength ?? (level > 0 && !leaf ? 3 - level : undefined);
    const usage = change.usage === undefined ? (leaf ? digitalSignature : keyCertSign) : change.usage;
    const certificate: x509.X509Certificate = await x509.X509CertificateGenerator.create({
      serialNumber: `01${randomBytes(8).toString('hex')}`,
      subject,
      issuer: change.issuer ?? issuer?.name ?? subject,
      notBefore: new Date(change.from ?? at - (leaf ? 3000 : DAY)),
      notAfter: new Date(change.to ?? at + (leaf ? 3 * HOUR : DAY)),
      publicKey: keys.publicKey,
      signingKey: signer,
      signingAlgorithm: { name: 'ECDSA', hash: change.hash ?? 'SHA-384' },
      extensions: [
        ...(ca === null ? [] : [new x509.BasicConstraintsExtension(ca, pathLength, true)]),
        ...(usage === null ? [] : [new x509.KeyUsagesExtension(usage, true)]),
        ...(change.extensions ?? []),
      ],
    });
    let der: Uint8Array = new Uint8Array(certificate.rawData);
    if (change.patch) der = resign(der, KeyObject.from(signer as webcrypto.CryptoKey), change.patch);
    chain.push(change.wrap?.(der) ?? der);
    issuer = { name: subject, keys };
  }
  return {
    cabundle: chain.slice(0, 4),
    certificate: chain[4]!,
    privateKey: KeyObject.from(keys.privateKey as webcrypto.CryptoKey),
    root: createHash('sha256').update(chain[0]!).digest('hex'),
  };
}

/** A document made at `at` with PCRs 0–15 (index repeated, 1 in PCR 0), correct but for `change`. */
export function forgeDocument(identity: Identity, at: number, change: DocumentChange = {}): Uint8Array {
  const { cabundle, certificate, privateKey } = change.identity ?? identity;
  const fields: Record<string, Uint8Array | null> = {
    module_id: encode('i-forge-enc1'),
    digest: encode('SHA384'),
    timestamp: encode(at),
    pcrs: pcrMap(),
    certificate: encode(certificate),
    cabundle: encode(cabundle),
    public_key: encode(null),
    user_data: encode(null),
    nonce: encode(null),
    ...change.fields,
  };
  const entries = Object.entries(fields).flatMap(([key, value]) => (value ? [join(encode(key), value)] : []));
  entries.push(...(change.extra ?? []));
  const payload = (change.payload ?? ((all) => join(bytes('bf'), ...all, bytes('ff'))))(entries);
  const header = change.header ?? PROTECTED;
  const signed = encode(['Signature1', header, new Uint8Array(0), payload]);
  const signature = new Uint8Array(sign('sha384', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
  return join(
    bytes('84'),
    encode(header),
    change.unprotected ?? bytes('a0'),
    encode(change.tamper?.(payload) ?? payload),
    encode(change.signature?.(signature) ?? signature),
  );
}

/** PCRs 0–15 as encoded map, each entry replaceable (`null`: left out), with entries appended. */
export function pcrMap(
  replace: Readonly<Record<number, Uint8Array | null>> = {},
  extra: readonly Uint8Array[] = [],
): Uint8Array {
  const entries = Array.from({ length: 16 }, (_, index) => {
    const value = replace[index] === undefined ? encode(new Uint8Array(48).fill(index + 1)) : replace[index];
    return value ? [join(encode(index), value)] : [];
  }).flat();
  const all = [...entries, ...extra];
  return join(all.length < 24 ? Uint8Array.of(0xa0 | all.length) : Uint8Array.of(0xb8, all.length), ...all);
}

/** Takes the signed part out, changes it, and signs it anew. The length may change, the form may break. */
function resign(der: Uint8Array, key: KeyObject, patch: (tbs: Uint8Array) => Uint8Array): Uint8Array {
  const tbs = patch(parseCertificate(der, 'the certificate to patch').tbs.slice());
  const signature = sign('sha384', tbs, { key, dsaEncoding: 'der' });
  return derValue(
    0x30,
    join(tbs, bytes('300a06082a8648ce3d040303'), derValue(0x03, join(bytes('00'), signature))),
  );
}

/** A DER value of less than 65536 bytes. */
export function derValue(identifier: number, content: Uint8Array): Uint8Array {
  const n = content.length;
  const head = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255];
  return join(Uint8Array.of(identifier, ...head), content);
}

/** Replaces the only occurrence of `from` (hex) by `to` (hex). */
export function replaceOnce(data: Uint8Array, from: string, to: string): Uint8Array {
  const at = Buffer.from(data).indexOf(Buffer.from(from, 'hex'));
  if (at < 0) throw new Error(`There is no ${from} to replace.`);
  return join(data.subarray(0, at), bytes(to), data.subarray(at + from.length / 2));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** From hex. */
export function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

async function generateKeys(namedCurve: string): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
}
