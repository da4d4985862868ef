import 'reflect-metadata'; // @peculiar/x509 needs it to be loaded first.
import { createHash, KeyObject, randomBytes, type webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/**
 * A public key infrastructure in the form of AWS's for Nitro enclaves: root → regional → zonal → instance → enclave, all
 * P-384, with the lifetimes, path lengths, key usages and name shapes seen in genuine documents, and with names that say
 * "emulator". The root is new in every process and its key never leaves it: a client has to pin {@link fingerprint},
 * and one that pins AWS's root refuses everything issued here.
 */
export interface EmulatorPki {
  /** SHA-256 of the root certificate, lower-case hex: what a client pins. */
  readonly fingerprint: string;
  /** Issues a certificate for one enclave, under new intermediate certificates. `at`: ms since 1970. */
  issue(moduleId: string, at: number): Promise<EnclaveIdentity>;
  /** The root with its private key, for {@link importEmulatorPki} in a process that this one starts. */
  exportRoot(): Promise<string>;
}

export interface EnclaveIdentity {
  /** Signs documents. P-384. */
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER, root first: root, regional, zonal, instance. */
  readonly cabundle: readonly Uint8Array[];
  /** Validity of `certificate`, ms since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Leaf certificates live three hours and are dated back by three seconds. */
const LEAF_LIFETIME_MS = 3 * HOUR;
const LEAF_BACKDATING_MS = 3_000;
const REGION = 'emulated-region-1';
const ORGANIZATION: x509.JsonName = [{ C: ['XX'] }, { O: ['PSI Bench'] }, { OU: ['Nitro emulator'] }];
/** X.520's upper bound on a common name. AWS cuts at it, too. */
const MAX_COMMON_NAME = 64;

const { digitalSignature, keyCertSign, cRLSign, nonRepudiation } = x509.KeyUsageFlags;
const ISSUING = digitalSignature | keyCertSign | cRLSign;

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPair;
}

interface Level {
  readonly commonName: string;
  readonly from: number;
  readonly to: number;
  /** `null`: no limit. */
  readonly pathLength: number | null;
  readonly usage: x509.KeyUsageFlags;
}

/** Makes a new root. `at`: the time it is made for, ms since 1970; default now. */
export async function createEmulatorPki(at: number = Date.now()): Promise<EmulatorPki> {
  const root = await issueAuthority(null, {
    commonName: 'emulator.nitro-enclaves.invalid',
    from: at - DAY,
    to: at + 30 * 365 * DAY,
    pathLength: null,
    usage: ISSUING,
  });
  return pkiOf(root);
}

/** The PKI whose root another process made: `text` as {@link EmulatorPki.exportRoot} gave it. */
export async function importEmulatorPki(text: string): Promise<EmulatorPki> {
  const { certificate: pem, key } = JSON.parse(text) as { certificate: string; key: string };
  const certificate = new x509.X509Certificate(pem);
  const privateKey = await crypto.subtle.importKey('pkcs8', Buffer.from(key, 'base64'), ALGORITHM, true, [
    'sign',
  ]);
  return pkiOf({ certificate, keys: { privateKey, publicKey: await certificate.publicKey.export() } });
}

function pkiOf(root: Authority): EmulatorPki {
  return {
    fingerprint: createHash('sha256').update(der(root.certificate)).digest('hex'),
    async exportRoot() {
      const key = await crypto.subtle.exportKey('pkcs8', root.keys.privateKey);
      return JSON.stringify({
        certificate: root.certificate.toString('pem'),
        key: Buffer.from(key).toString('base64'),
      });
    },
    async issue(moduleId, now) {
      const suffix = `${REGION}.emulator`;
      const levels: Level[] = [
        {
          commonName: `${id(8)}.${suffix}`,
          from: now - 2 * DAY,
          to: now + 18 * DAY,
          pathLength: 2,
          usage: ISSUING,
        },
        {
          commonName: `${id(8)}.zonal.${suffix}`,
          from: now - DAY,
          to: now + 5 * DAY,
          pathLength: 1,
          usage: ISSUING,
        },
        {
          commonName: `${moduleId.split('-enc')[0]}.${suffix}`,
          from: now - HOUR,
          to: now + DAY - HOUR,
          pathLength: 0,
          usage: keyCertSign,
        },
      ];
      const authorities = [root];
      for (const level of levels) authorities.push(await issueAuthority(authorities.at(-1)!, level));
      const notBefore = seconds(now - LEAF_BACKDATING_MS);
      const notAfter = seconds(now + LEAF_LIFETIME_MS);
      const keys = await generateKeys();
      const leaf = await issueCertificate(
        authorities.at(-1)!,
        keys.publicKey,
        `${moduleId}.${suffix}`,
        notBefore,
        notAfter,
        [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(digitalSignature | nonRepudiation, false),
        ],
      );
      return {
        privateKey: KeyObject.from(keys.privateKey as webcrypto.CryptoKey),
        certificate: der(leaf),
        cabundle: authorities.map(({ certificate }) => der(certificate)),
        notBefore,
        notAfter,
      };
    },
  };
}

/** `issuer` null: self-signed. */
async function issueAuthority(issuer: Authority | null, level: Level): Promise<Authority> {
  const keys = await generateKeys();
  const extensions = [
    new x509.BasicConstraintsExtension(true, level.pathLength ?? undefined, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    new x509.KeyUsagesExtension(level.usage, true),
  ];
  const signer = issuer ?? { keys, certificate: null };
  const certificate = await issueCertificate(
    signer,
    keys.publicKey,
    level.commonName,
    level.from,
    level.to,
    extensions,
  );
  return { certificate, keys };
}

async function issueCertificate(
  issuer: { readonly certificate: x509.X509Certificate | null; readonly keys: CryptoKeyPair },
  publicKey: CryptoKey,
  commonName: string,
  from: number,
  to: number,
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  const subject = new x509.Name([...ORGANIZATION, { CN: [commonName.slice(0, MAX_COMMON_NAME)] }]).toString();
  return x509.X509CertificateGenerator.create({
    serialNumber: `01${id(15)}`, // Positive, and as long as AWS's.
    issuer: issuer.certificate?.subject ?? subject,
    subject,
    notBefore: new Date(seconds(from)),
    notAfter: new Date(seconds(to)),
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: issuer.keys.privateKey,
    extensions,
  });
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
}

function der(certificate: x509.X509Certificate): Uint8Array {
  return new Uint8Array(certificate.rawData);
}

/** Certificates count whole seconds. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function id(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
