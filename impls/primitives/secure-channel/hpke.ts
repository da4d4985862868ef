/**
 * The key agreement of the secure channel: HPKE (RFC 9180) in base mode with
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and the export-only AEAD (0x0020, 0x0001, 0xFFFF).
 *
 * HPKE is used for its key schedule alone: both ends export secrets from one encapsulation
 * (section 5.3), and `records.ts` encrypts with them. The holder of the public key is authenticated
 * (who can't decapsulate can't make or read a record); the encapsulating side is not.
 *
 * X25519 and HKDF are those of the runtime (OpenSSL, through WebCrypto); the private key is a
 * non-extractable `CryptoKey`.
 */
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import type { Random } from '../../../bench/contract.ts';
import { KEY_LENGTH } from './key-length.ts';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new ExportOnly(),
});

/** A recipient's key pair; `publicKey` is the 32 serialised bytes. */
export interface HpkeKeyPair {
  readonly publicKey: Uint8Array;
  readonly keys: CryptoKeyPair;
}

/** The secrets both ends share after a key agreement. */
export interface SharedContext {
  /** The exported secret for `label`: `length` bytes, ≤ 8160 (RFC 9180 section 5.3). */
  exportSecret(label: string | Uint8Array, length: number): Promise<Uint8Array>;
}

/** A key pair derived from 32 bytes of `random` (`DeriveKeyPair`, RFC 9180 section 7.1.3). */
export async function generateKeyPair(random: Random): Promise<HpkeKeyPair> {
  const { publicKey, privateKey } = await suite.kem.deriveKeyPair(random.bytes(KEY_LENGTH));
  return keyPairFrom({ publicKey, privateKey: await sealed(privateKey) });
}

/** The same private key as one that no code can read out again. */
async function sealed(privateKey: CryptoKey): Promise<CryptoKey> {
  const bytes = await crypto.subtle.exportKey('pkcs8', privateKey);
  const { algorithm, usages } = privateKey;
  const key = await crypto.subtle.importKey('pkcs8', bytes, algorithm, false, usages);
  new Uint8Array(bytes).fill(0);
  return key;
}

/** Wraps an existing X25519 pair, with its public key serialised. */
export async function keyPairFrom(keys: CryptoKeyPair): Promise<HpkeKeyPair> {
  return { publicKey: new Uint8Array(await suite.kem.serializePublicKey(keys.publicKey)), keys };
}

/**
 * `SetupBaseS`: agrees on secrets with the holder of `publicKey`.
 * @param publicKey 32 bytes.
 * @param info what both ends must agree on; a difference gives different secrets.
 * @param ephemeral source of the ephemeral key, or the key pair itself (test vectors).
 * @returns the 32 bytes to send to the holder, and the secrets.
 * @throws Error when `publicKey` is no usable X25519 key (wrong length, or of small order).
 */
export async function encapsulate(
  publicKey: Uint8Array,
  info: Uint8Array,
  ephemeral: Random | CryptoKeyPair,
): Promise<{ encapsulated: Uint8Array; context: SharedContext }> {
  assertKey(publicKey, 'publicKey');
  try {
    const sender = await suite.createSenderContext({
      recipientPublicKey: await suite.kem.deserializePublicKey(publicKey),
      info,
      ekm: 'bytes' in ephemeral ? ephemeral.bytes(KEY_LENGTH) : ephemeral,
    });
    return { encapsulated: new Uint8Array(sender.enc), context: sharedContext(sender) };
  } catch (cause) {
    throw new Error('key agreement failed: the public key is not a usable X25519 key', { cause });
  }
}

/**
 * `SetupBaseR`: the other end of {@link encapsulate}. It succeeds for any valid X25519 key: only the
 * first record shows whether both ends hold the same secrets.
 * @throws Error when `encapsulated` is no usable X25519 key.
 */
export async function decapsulate(
  keyPair: HpkeKeyPair,
  encapsulated: Uint8Array,
  info: Uint8Array,
): Promise<SharedContext> {
  assertKey(encapsulated, 'encapsulated');
  try {
    return sharedContext(
      await suite.createRecipientContext({ recipientKey: keyPair.keys, enc: encapsulated, info }),
    );
  } catch (cause) {
    throw new Error('key agreement failed: the encapsulated key is not a usable X25519 key', { cause });
  }
}

interface Exporter {
  export(label: Uint8Array, length: number): Promise<ArrayBuffer>;
}

function sharedContext(exporter: Exporter): SharedContext {
  return {
    async exportSecret(label, length) {
      const bytes = typeof label === 'string' ? new TextEncoder().encode(label) : label;
      return new Uint8Array(await exporter.export(bytes, length));
    },
  };
}

function assertKey(key: Uint8Array, title: string): void {
  if (key.length !== KEY_LENGTH) {
    throw new Error(`"${title}" expected ${KEY_LENGTH} bytes, got ${key.length}`);
  }
}
