import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DhkemX25519HkdfSha256 } from '@hpke/core';
import { decapsulate, encapsulate, generateKeyPair, keyPairFrom } from './hpke.ts';

/** RFC 9180, appendix A.7.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export-only AEAD, base mode. */
const vector = {
  info: '4f6465206f6e2061204772656369616e2055726e',
  ikmE: '55bc245ee4efda25d38f2d54d5bb6665291b99f8108a8c4b686c2b14893ea5d9',
  skEm: '095182b502f1f91f63ba584c7c3ec473d617b8b4c2cec3fad5af7fa6748165ed',
  enc: 'e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918',
  skRm: '33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848',
  pkRm: '194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664',
  exports: [
    ['', '7a36221bd56d50fb51ee65edfd98d06a23c4dc87085aa5866cb7087244bd2a36'],
    ['00', 'd5535b87099c6c3ce80dc112a2671c6ec8e811a2f284f948cec6dd1708ee33f0'],
    ['54657374436f6e74657874', 'ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e'],
  ],
} as const;

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

async function pair(privateKey: string, publicKey: string): Promise<CryptoKeyPair> {
  const kem = new DhkemX25519HkdfSha256();
  return {
    privateKey: await kem.deserializePrivateKey(hex(privateKey)),
    publicKey: await kem.deserializePublicKey(hex(publicKey)),
  };
}

test('A.7.1: encapsulation and exported secrets', async () => {
  const { encapsulated, context } = await encapsulate(
    hex(vector.pkRm),
    hex(vector.info),
    await pair(vector.skEm, vector.enc),
  );
  assert.equal(toHex(encapsulated), vector.enc);
  for (const [label, secret] of vector.exports) {
    assert.equal(toHex(await context.exportSecret(hex(label), 32)), secret);
  }
});

test('A.7.1: decapsulation and exported secrets', async () => {
  const recipient = await keyPairFrom(await pair(vector.skRm, vector.pkRm));
  assert.equal(toHex(recipient.publicKey), vector.pkRm);
  const context = await decapsulate(recipient, hex(vector.enc), hex(vector.info));
  for (const [label, secret] of vector.exports) {
    assert.equal(toHex(await context.exportSecret(hex(label), 32)), secret);
  }
});

test('A.7.1: a key pair comes from the random bytes given (DeriveKeyPair)', async () => {
  const random = { bytes: () => hex(vector.ikmE), fill: () => assert.fail('not used') };
  assert.equal(toHex((await generateKeyPair(random)).publicKey), vector.enc);
});

test('keys of the wrong length and of small order are refused', async () => {
  const random = { bytes: () => hex(vector.ikmE), fill: () => assert.fail('not used') };
  await assert.rejects(
    encapsulate(new Uint8Array(31), new Uint8Array(0), random),
    /"publicKey" expected 32 bytes, got 31/,
  );
  await assert.rejects(encapsulate(new Uint8Array(32), new Uint8Array(0), random), /not a usable X25519 key/);
  const recipient = await generateKeyPair(random);
  await assert.rejects(
    decapsulate(recipient, new Uint8Array(32), new Uint8Array(0)),
    /not a usable X25519 key/,
  );
});

test('the private key of a pair that was made cannot be read out', async () => {
  const { keys } = await generateKeyPair({
    bytes: (n) => new Uint8Array(n).fill(7),
    fill: (target) => target,
  });
  assert.equal(keys.privateKey.extractable, false);
  for (const format of ['pkcs8', 'jwk', 'raw'] as const) {
    await assert.rejects(crypto.subtle.exportKey(format, keys.privateKey));
  }
});
