import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { DerReader } from '../../attestation/der.ts';
import { namedBits, oid, time, unsigned } from './der.ts';
import { createEmulatorPki, importEmulatorPki } from './pki.ts';

const AT = Date.UTC(2026, 5, 1, 12, 0, 0, 250);
const HOUR = 3_600_000;
const MODULE = 'i-emulated0123-enc4567';

const { digitalSignature, nonRepudiation, keyCertSign, cRLSign } = x509.KeyUsageFlags;
const ISSUING = digitalSignature | keyCertSign | cRLSign;
/** Root first; the leaf is no authority. */
const LEVELS = [
  { pathLength: undefined, usage: ISSUING },
  { pathLength: 2, usage: ISSUING },
  { pathLength: 1, usage: ISSUING },
  { pathLength: 0, usage: keyCertSign },
  { pathLength: undefined, usage: digitalSignature | nonRepudiation },
];

const parsed = (der: Uint8Array) => new x509.X509Certificate(Uint8Array.from(der));

test('two other readers find what was meant in all certificates, and their signatures good', async () => {
  const pki = await createEmulatorPki(AT);
  const { certificate, cabundle } = await pki.issue(MODULE, AT);
  const chain = [...cabundle, certificate];
  assert.equal(chain.length, LEVELS.length);
  for (const [i, der] of chain.entries()) {
    const ours = parsed(der);
    const issuer = parsed(chain[Math.max(0, i - 1)]!);
    const { pathLength, usage } = LEVELS[i]!;
    assert.equal(Buffer.from(ours.rawData).toString('hex'), Buffer.from(der).toString('hex'));
    assert.equal(ours.issuer, issuer.subject);
    assert.ok(await ours.verify({ publicKey: issuer.publicKey, signatureOnly: true }));
    const constraints = ours.getExtension(x509.BasicConstraintsExtension)!;
    assert.deepEqual(
      [constraints.ca, constraints.pathLength, constraints.critical],
      [i < LEVELS.length - 1, pathLength, true],
    );
    assert.equal(ours.getExtension(x509.KeyUsagesExtension)!.usages, usage);
    const identifier = ours.getExtension(x509.SubjectKeyIdentifierExtension);
    const known = await ours.publicKey.getKeyIdentifier();
    assert.equal(identifier?.keyId, i < LEVELS.length - 1 ? Buffer.from(known).toString('hex') : undefined);
    assert.match(ours.serialNumber, /^01[0-9a-f]{30}$/);

    const openssl = new X509Certificate(der);
    assert.ok(openssl.verify(new X509Certificate(chain[Math.max(0, i - 1)]!).publicKey));
    assert.equal(openssl.ca, i < LEVELS.length - 1);
    assert.match(openssl.subject, /^C=XX\nO=PSI Bench\nOU=Nitro emulator\nCN=.*emulator/);
  }
  const leaf = parsed(certificate);
  // Whole seconds, dated back by three; valid for three hours.
  assert.equal(leaf.notBefore.getTime(), Math.floor((AT - 3000) / 1000) * 1000);
  assert.equal(leaf.notAfter.getTime(), Math.floor((AT + 3 * HOUR) / 1000) * 1000);
  // Past 2049 a time has another form.
  assert.equal(parsed(cabundle[0]!).notAfter.getUTCFullYear(), 2056);
});

test('a root made elsewhere issues under the same fingerprint', async () => {
  const pki = await createEmulatorPki(AT);
  const again = await importEmulatorPki(await pki.exportRoot());
  assert.equal(again.fingerprint, pki.fingerprint);
  const [root, regional] = (await again.issue(MODULE, AT)).cabundle;
  assert.equal(createHash('sha256').update(root!).digest('hex'), pki.fingerprint);
  assert.ok(new X509Certificate(regional!).verify(new X509Certificate(root!).publicKey));
});

test('DER: numbers, bits, times and identifiers as X.690 has them', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
      const read = new DerReader(unsigned(bytes), 'a number').unsigned('number', 20);
      assert.equal(BigInt(`0x${hex(read)}`), BigInt(`0x${hex(bytes)}`));
    }),
  );
  assert.equal(hex(namedBits([0, 5, 6])), '03020186');
  assert.equal(hex(namedBits([])), '030100');
  assert.equal(hex(oid(1, 2, 840, 10045, 4, 3, 3)), '06082a8648ce3d040303');
  assert.equal(Buffer.from(time(Date.UTC(2049, 11, 31, 23, 59, 59)).subarray(2)).toString(), '491231235959Z');
  assert.equal(Buffer.from(time(Date.UTC(2050, 0, 1)).subarray(2)).toString(), '20500101000000Z');
});
