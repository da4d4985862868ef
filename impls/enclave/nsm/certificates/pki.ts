import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { parseCertificate } from '../../attestation/certificate.ts';
import { distinguishedName, issueCertificate, KEY_USAGE } from './certificate.ts';

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

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Leaf certificates live three hours and are dated back by three seconds. */
const LEAF_LIFETIME_MS = 3 * HOUR;
const LEAF_BACKDATING_MS = 3_000;
const REGION = 'emulated-region-1';
/** X.520's upper bound on a common name. AWS cuts at it, too. */
const MAX_COMMON_NAME = 64;

const { digitalSignature, keyCertSign, cRLSign, nonRepudiation } = KEY_USAGE;
const ISSUING = [digitalSignature, keyCertSign, cRLSign] as const;

interface Authority {
  readonly certificate: Uint8Array;
  /** Its subject, as encoded. */
  readonly name: Uint8Array;
  readonly privateKey: KeyObject;
}

interface Level {
  readonly commonName: string;
  readonly from: number;
  readonly to: number;
  /** `null`: no limit. */
  readonly pathLength: number | null;
  readonly usage: readonly number[];
}

/** Makes a new root. `at`: the time it is made for, ms since 1970; default now. */
export async function createEmulatorPki(at: number = Date.now()): Promise<EmulatorPki> {
  const root = issueAuthority(null, {
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
  const certificate = new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
  const { subject } = parseCertificate(certificate, "the emulator's root");
  const privateKey = createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' });
  return pkiOf({ certificate, name: subject, privateKey });
}

function pkiOf(root: Authority): EmulatorPki {
  return {
    fingerprint: createHash('sha256').update(root.certificate).digest('hex'),
    async exportRoot() {
      const base64 = Buffer.from(root.certificate).toString('base64');
      return JSON.stringify({
        certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`,
        key: root.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
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
          usage: [keyCertSign],
        },
      ];
      const authorities = [root];
      for (const level of levels) authorities.push(issueAuthority(authorities.at(-1)!, level));
      const notBefore = seconds(now - LEAF_BACKDATING_MS);
      const notAfter = seconds(now + LEAF_LIFETIME_MS);
      const { publicKey, privateKey } = generateKeys();
      const issuer = authorities.at(-1)!;
      const certificate = issueCertificate(
        {
          issuer: issuer.name,
          subject: nameOf(`${moduleId}.${suffix}`),
          ...{ notBefore, notAfter, publicKey },
          usage: [digitalSignature, nonRepudiation],
        },
        issuer.privateKey,
      );
      const cabundle = authorities.map((authority) => authority.certificate);
      return { privateKey, certificate, cabundle, notBefore, notAfter };
    },
  };
}

/** `issuer` null: self-signed. */
function issueAuthority(issuer: Authority | null, level: Level): Authority {
  const { publicKey, privateKey } = generateKeys();
  const name = nameOf(level.commonName);
  const certificate = issueCertificate(
    {
      issuer: issuer?.name ?? name,
      subject: name,
      notBefore: seconds(level.from),
      notAfter: seconds(level.to),
      publicKey,
      authority: { pathLength: level.pathLength },
      usage: level.usage,
    },
    issuer?.privateKey ?? privateKey,
  );
  return { certificate, name, privateKey };
}

function nameOf(commonName: string): Uint8Array {
  return distinguishedName('XX', 'PSI Bench', 'Nitro emulator', commonName.slice(0, MAX_COMMON_NAME));
}

function generateKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-384' });
}

/** Certificates count whole seconds. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function id(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
