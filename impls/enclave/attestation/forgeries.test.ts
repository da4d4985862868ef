/** Every trap of the field, one validly signed document each, wrong in exactly one way; README.md explains them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encode } from 'cborg';
import { hex } from './document.ts';
import {
  bytes,
  type CertificateChange,
  type DocumentChange,
  derValue,
  digitalSignature,
  forgeDocument,
  forgeIdentity,
  join,
  keyCertSign,
  pcrMap,
  replaceOnce,
  x509,
} from './forge.ts';
import { REFUSAL_REASONS, type RefusalReason } from './refusal.ts';
import { type Policy, verifyDocument } from './verify.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const identity = await forgeIdentity(AT);
const stranger = await forgeIdentity(AT);
const ROOTS = [identity.root];
const base = forgeDocument(identity, AT);

type Extra = Omit<Policy, 'roots'>;
interface Row {
  readonly reason: RefusalReason;
  readonly name: string;
  readonly make: () => Uint8Array | Promise<Uint8Array>;
  readonly policy?: Extra;
  readonly roots?: readonly string[];
}
const rows: Row[] = [];
const add = (reason: RefusalReason, name: string, make: Row['make'], policy: Extra = {}) =>
  rows.push({ reason, name, make, policy });
/** A document wrong in its structure. */
const doc = (reason: RefusalReason, name: string, change: DocumentChange, policy: Extra = {}) =>
  add(reason, name, () => forgeDocument(identity, AT, change), policy);
/** A document with one wrong field value, encoded, in hex or bytes. */
const field = (reason: RefusalReason, key: string, value: string | Uint8Array, name: string) =>
  doc(reason, `${key}: ${name}`, { fields: { [key]: typeof value === 'string' ? bytes(value) : value } });
/** A chain in which one certificate is wrong; its root is pinned. */
const chain = (
  reason: RefusalReason,
  name: string,
  changes: Record<number, CertificateChange>,
  policy: Extra = {},
) =>
  add(
    reason,
    `chain: ${name}`,
    async () => {
      const forged = await forgeIdentity(AT, changes);
      pinned.add(forged.root);
      return forgeDocument(forged, AT);
    },
    policy,
  );
const pinned = new Set(ROOTS);

// The outer structure.
add('too-large', 'more bytes than a security module can answer', () => new Uint8Array(0x3001));
add('cbor-malformed', 'no bytes at all', () => new Uint8Array(0));
add('cbor-malformed', 'a byte string that promises 4 GiB', () => bytes('845affffffff'));
add('cbor-malformed', 'a byte string that promises 2^63 bytes', () => bytes('845b8000000000000000'));
add('cbor-malformed', 'a reserved head', () => bytes('845c'));
add('cbor-tag', 'COSE tag 18', () => join(bytes('d2'), base));
add('cbor-indefinite', 'outer array of indefinite length', () =>
  join(bytes('9f'), base.subarray(1), bytes('ff')),
);
add('cbor-non-minimal', 'outer array with a long head', () => join(bytes('9804'), base.subarray(1)));
add('trailing-bytes', 'a byte after the end', () => join(base, bytes('00')));
add('trailing-bytes', 'the document twice', () => join(base, base));
add('cose-structure', 'an array of three', () => join(bytes('83'), base.subarray(1)));
add('cose-structure', 'an array of five', () => join(bytes('85'), base.subarray(1), bytes('f6')));
add('wrong-type', 'a map', () => bytes('a0'));
add('wrong-type', 'detached payload', () => bytes('8444a1013822a0f640'));
add('wrong-type', 'deeply nested arrays', () => join(bytes('84'), new Uint8Array(12000).fill(0x81)));
for (const [name, header] of Object.entries({
  'none (empty string)': '',
  'none (empty map)': 'a0',
  'ES256 (-7)': 'a10126',
  'ES512 (-36)': 'a1013823',
  'EdDSA (-8)': 'a10127',
  'HMAC (5)': 'a10105',
  'the text "ES384"': 'a101654553333834',
  '-35 with a longer head': 'a101390022',
  '-35 and a key id': 'a2013822044100',
  '-35 twice': 'a2013822013822',
  '-35 and a critical parameter': 'a201382202810b',
})) {
  doc('algorithm-not-es384', `algorithm: ${name}`, { header: bytes(header) });
}
doc('algorithm-not-es384', 'algorithm only in the unprotected header', {
  header: new Uint8Array(0),
  unprotected: bytes('a1013822'),
});
doc('unprotected-header', 'the algorithm in both headers', { unprotected: bytes('a1013822') });
doc('unprotected-header', 'an unsigned key id', { unprotected: bytes('a1044100') });
doc('signature-length', 'signature cut to 95 bytes', { signature: (s) => s.subarray(0, 95) });
doc('signature-length', '64 zero bytes, as QEMU emits', { signature: () => new Uint8Array(64) });
doc('signature-length', 'signature in DER', {
  signature: (s) => derValue(0x30, join(derValue(2, s), bytes('0500'))),
});

// The payload.
doc('cbor-duplicate-key', 'module_id twice', { extra: [join(encode('module_id'), encode('i-other'))] });
doc('cbor-duplicate-key', 'PCR 0 twice', {
  fields: { pcrs: pcrMap({}, [join(encode(0), encode(new Uint8Array(48)))]) },
});
doc('unknown-field', 'a tenth field', { extra: [join(encode('comment'), encode('hello'))] });
doc('unknown-field', 'a field named like a property of every object', {
  extra: [join(encode('__proto__'), encode('x'))],
});
for (const key of [
  'module_id',
  'digest',
  'timestamp',
  'pcrs',
  'certificate',
  'cabundle',
  'public_key',
  'user_data',
  'nonce',
]) {
  doc('missing-field', `without ${key}`, { fields: { [key]: null } });
}
doc('trailing-bytes', 'bytes in the payload after the map', {
  payload: (all) => join(bytes('bf'), ...all, bytes('ff00')),
});
doc('cbor-malformed', 'payload map without its break', { payload: (all) => join(bytes('bf'), ...all) });
doc('cbor-malformed', 'definite map that promises a tenth entry', {
  payload: (all) => join(bytes('aa'), ...all),
});
doc('trailing-bytes', 'definite map that promises eight entries', {
  payload: (all) => join(bytes('a8'), ...all),
});
doc('cbor-non-minimal', 'definite map with a long head', { payload: (all) => join(bytes('b809'), ...all) });
doc('cbor-tag', 'tagged payload map (55799)', { payload: (all) => join(bytes('d9d9f7a9'), ...all) });
doc('wrong-type', 'payload is an array', { payload: (all) => join(bytes('89'), ...all) });
doc('wrong-type', 'break in the place of a value', {
  fields: { nonce: null },
  payload: (all) => join(bytes('bf'), ...all, encode('nonce'), bytes('ff')),
});
doc('wrong-type', 'a key that is no text', { extra: [bytes('0000')] });
doc('cbor-utf8', 'a key that is not UTF-8', { extra: [bytes('62c328f6')] });
field('cbor-utf8', 'module_id', '62c328', 'not UTF-8');
field('cbor-utf8', 'module_id', '62c0af', 'overlong UTF-8');
field('cbor-utf8', 'module_id', '63eda080', 'a lone surrogate');
field('field-length', 'module_id', '60', 'empty');
field('wrong-type', 'module_id', encode(bytes('aabb')), 'bytes');
field('cbor-indefinite', 'module_id', '7f6161ff', 'indefinite text');
field('cbor-non-minimal', 'module_id', '780161', 'long head');
field('digest-not-sha384', 'digest', encode('SHA256'), 'SHA256');
field('digest-not-sha384', 'digest', encode('sha384'), 'other case');
field('wrong-type', 'timestamp', encode('2026-03-01'), 'text');
field('wrong-type', 'timestamp', encode(-1), 'negative');
field('wrong-type', 'timestamp', 'fb4278c68f3d000000', 'float');
field('wrong-type', 'timestamp', 'f97e00', 'NaN');
field('cbor-tag', 'timestamp', join(bytes('c1'), encode(AT)), 'tagged as a date');
field('cbor-tag', 'timestamp', 'c24106', 'bignum');
field('cbor-non-minimal', 'timestamp', '1b0000000000000001', 'long head');
field('timestamp-invalid', 'timestamp', '00', 'zero');
field('timestamp-invalid', 'timestamp', encode(8.64e15 + 1), 'after the last date');
field('cbor-malformed', 'timestamp', '1bffffffffffffffff', '2^64 - 1');
field('cbor-malformed', 'timestamp', '1f', 'indefinite integer');
field('wrong-type', 'pcrs', '80', 'an array');
field('cbor-indefinite', 'pcrs', join(bytes('bf'), pcrMap().subarray(1), bytes('ff')), 'indefinite map');
field('pcr-index', 'pcrs', pcrMap({}, [join(encode(32), encode(new Uint8Array(48)))]), 'index 32');
field('wrong-type', 'pcrs', pcrMap({}, [join(encode('16'), encode(new Uint8Array(48)))]), 'index as text');
field(
  'cbor-non-minimal',
  'pcrs',
  pcrMap({ 0: null }, [join(bytes('1800'), encode(new Uint8Array(48)))]),
  'index 0 as 1800',
);
field('pcr-length', 'pcrs', pcrMap({ 0: encode(new Uint8Array(47)) }), '47 bytes');
field('pcr-length', 'pcrs', pcrMap({ 3: encode(new Uint8Array(32)) }), '32 bytes');
field('pcr-length', 'pcrs', pcrMap({ 2: bytes('40') }), 'empty');
field('wrong-type', 'pcrs', pcrMap({ 1: encode('a'.repeat(48)) }), 'text value');
field('pcrs-incomplete', 'pcrs', pcrMap({ 0: null }), 'without PCR 0');
field('pcrs-incomplete', 'pcrs', 'a0', 'none');
field(
  'cbor-indefinite',
  'certificate',
  join(bytes('5f'), encode(identity.certificate), bytes('ff')),
  'indefinite bytes',
);
field('field-length', 'module_id', encode('€'.repeat(1024)), '1,024 characters of three bytes');
field('field-length', 'certificate', encode(new Uint8Array(1025)), '1025 bytes');
field('field-length', 'certificate', '40', 'empty');
field('chain-length', 'cabundle', '80', 'empty');
field('chain-length', 'cabundle', encode(Array.from({ length: 9 }, () => identity.cabundle[0])), 'nine');
field(
  'cbor-indefinite',
  'cabundle',
  join(bytes('9f'), ...identity.cabundle.map((c) => encode(c)), bytes('ff')),
  'indefinite array',
);
for (const key of ['public_key', 'user_data', 'nonce']) {
  field('field-length', key, encode(new Uint8Array(1025)), '1025 bytes');
  field('wrong-type', key, encode('text'), 'text');
  field('wrong-type', key, 'f7', 'undefined');
  field('wrong-type', key, 'f4', 'false');
}
field('field-length', 'public_key', '40', 'empty');
doc('nitrotpm-document', 'nitrotpm_pcrs in the place of pcrs', {
  fields: { pcrs: null },
  extra: [join(encode('nitrotpm_pcrs'), pcrMap())],
});

// What is handed over is not the document's bytes.
const asText: Record<string, (document: Uint8Array) => string> = {
  base64: (document) => Buffer.from(document).toString('base64'),
  'base64 in lines': (document) => `${Buffer.from(document).toString('base64').replace(/.{76}/g, '$&\n')}\n`,
  base64url: (document) => Buffer.from(document).toString('base64url'),
  hexadecimal: hex,
  'a JSON list of integers': (document) => JSON.stringify([...document]),
  'a JSON list in lines': (document) => JSON.stringify([...document], null, 1),
  'JSON around base64': (document) => JSON.stringify({ document: Buffer.from(document).toString('base64') }),
  PEM: (document) => `-----BEGIN DOCUMENT-----\n${Buffer.from(document).toString('base64')}\n`,
};
for (const [name, write] of Object.entries(asText)) {
  add('not-binary', name, () => new Uint8Array(Buffer.from(write(base))));
}
add('not-binary', "the security module's answer", () => encode({ Attestation: { document: base } }));

// Certificates, one by one.
const level = (reason: RefusalReason, name: string, change: CertificateChange) =>
  chain(reason, name, { 4: change });
level('certificate-malformed', 'no certificate', { wrap: () => bytes('0000') });
level('certificate-malformed', 'bytes after the certificate', { wrap: (der) => join(der, bytes('00')) });
level('certificate-malformed', 'cut short', { wrap: (der) => der.subarray(0, -1) });
level('certificate-malformed', 'BER: indefinite length', {
  wrap: (der) => join(bytes('3080'), der.subarray(4), bytes('0000')),
});
level('certificate-malformed', 'BER: length with a leading zero', {
  wrap: (der) => join(bytes('308300'), der.subarray(2)),
});
level('certificate-malformed', 'signature with unused bits', { wrap: unaligned });
level('certificate-malformed', 'keyUsage with a wrong count of unused bits: not DER', {
  patch: (tbs) => replaceOnce(tbs, '03020780', '03020080'),
});
level('certificate-malformed', 'keyUsage with a zero byte at its end: not DER', {
  usage: null,
  extensions: [new x509.Extension('2.5.29.15', true, Uint8Array.of(3, 3, 7, 0x80, 0))],
});
level('certificate-malformed', 'cA that is false in so many bytes: not DER', {
  ca: null,
  extensions: [new x509.Extension('2.5.29.19', true, Uint8Array.of(0x30, 3, 1, 1, 0))],
});
level('certificate-malformed', 'critical that is false in so many bytes: not DER', {
  patch: (tbs) => replaceOnce(tbs, '0603551d0f0101ff', '0603551d0f010100'),
});
chain('certificate-malformed', 'an empty issuer, which names an empty subject', {
  3: { subject: '' },
  4: { issuer: '' },
});
level('certificate-version', 'version 2', { patch: (tbs) => replaceOnce(tbs, 'a003020102', 'a003020101') });
level('certificate-algorithm', 'signed with SHA-256', { hash: 'SHA-256' });
level('certificate-algorithm', 'signed with SHA-512', { hash: 'SHA-512' });
level('certificate-algorithm', 'inner algorithm differs from outer', {
  patch: (tbs) => replaceOnce(tbs, '06082a8648ce3d040303', '06082a8648ce3d040302'),
});
const notBefore = Buffer.from('260301115957Z').toString('hex');
for (const [name, time] of Object.entries({
  'month 13': '261301115957Z',
  'day 0': '260300115957Z',
  '30 February': '260230115957Z',
  'hour 24': '260301245957Z',
  'second 60': '260301115960Z',
  'no Z': '2603011159570',
  letters: '26030111595xZ',
  'NUL bytes': '\0\0\0\0\0\0\0\0\0\0\0\0Z',
})) {
  level('certificate-date', `mangled date, ${name}`, {
    patch: (tbs) => replaceOnce(tbs, notBefore, Buffer.from(time, 'latin1').toString('hex')),
  });
}
level('certificate-date', 'ends before it begins', { from: AT + HOUR, to: AT - HOUR });
for (const curve of ['P-256', 'P-521'] as const) {
  add('certificate-key-not-p384', `chain: ${curve} leaf`, async () => {
    const forged = await forgeIdentity(AT, { 4: { curve } });
    pinned.add(forged.root);
    // Its signature has another length, which would be refused first.
    return forgeDocument(forged, AT, { signature: () => new Uint8Array(96) });
  });
}
chain('certificate-key-not-p384', 'P-256 intermediate', { 2: { curve: 'P-256' } });
level('certificate-key-invalid', 'point not on the curve', {
  patch: (tbs) => changeByteAfter(tbs, '03620004', 40),
});
level('certificate-key-invalid', 'point with a wrong first byte', {
  patch: (tbs) => replaceOnce(tbs, '03620004', '03620005'),
});
level('certificate-extension', 'unknown critical extension', {
  extensions: [new x509.Extension('1.2.3.4', true, new Uint8Array([5, 0]))],
});
level('certificate-extension', 'critical name constraints', {
  extensions: [new x509.Extension('2.5.29.30', true, Uint8Array.of(0x30, 0))],
});
level('certificate-extension', 'basicConstraints twice', {
  extensions: [new x509.BasicConstraintsExtension(true, 3, true)],
});

// The chain.
const bundle = (reason: RefusalReason, name: string, cabundle: readonly Uint8Array[]) =>
  field(reason, 'cabundle', encode(cabundle), name);
add('root-not-pinned', 'chain: a root of its own', () => forgeDocument(stranger, AT));
bundle('root-not-pinned', 'reversed, pinned root last', [...identity.cabundle].reverse());
bundle('root-not-pinned', 'pinned root second', [stranger.cabundle[0]!, ...identity.cabundle]);
bundle('root-not-pinned', 'without its root', identity.cabundle.slice(1));
doc('certificate-signature', 'chain: pinned root, the rest of a stranger with the same names', {
  identity: { ...stranger, cabundle: [identity.cabundle[0]!, ...stranger.cabundle.slice(1)] },
});
doc('issuer-name', 'chain: an intermediate left out', {
  identity: { ...identity, cabundle: identity.cabundle.filter((_, i) => i !== 2) },
});
doc('issuer-name', 'chain: intermediates swapped', {
  identity: { ...identity, cabundle: [0, 2, 1, 3].map((i) => identity.cabundle[i]!) },
});
for (const i of [1, 2, 3, 4]) {
  chain('issuer-name', `level ${i} names another issuer`, { [i]: { issuer: 'CN=somebody' } });
  chain('certificate-signature', `level ${i} signed by a stranger`, { [i]: { strangerSigns: true } });
}
chain('certificate-signature', 'pinned root, not signed by itself', { 0: { strangerSigns: true } });
for (const i of [0, 1, 2, 3]) {
  chain('issuer-not-ca', `level ${i} is no CA`, { [i]: { ca: false } });
  chain('issuer-not-ca', `level ${i} without basicConstraints`, { [i]: { ca: null } });
  chain('issuer-key-usage', `level ${i} may not sign certificates`, { [i]: { usage: digitalSignature } });
  chain('issuer-key-usage', `level ${i} without key usage`, { [i]: { usage: null } });
}
chain('issuer-path-length', 'regional with path length 1', { 1: { pathLength: 1 } });
chain('issuer-path-length', 'root with path length 2', { 0: { pathLength: 2 } });
chain('leaf-is-ca', 'leaf is a CA', { 4: { ca: true } });
chain('leaf-is-ca', 'leaf may sign certificates', { 4: { usage: digitalSignature | keyCertSign } });
chain('leaf-key-usage', 'leaf may not sign', { 4: { usage: x509.KeyUsageFlags.keyAgreement } });
chain('leaf-key-usage', 'leaf without key usage', { 4: { usage: null } });
chain('issuer-not-ca', 'an enclave in the place of the instance', {
  3: { ca: false, usage: digitalSignature },
});

// The signature.
doc('document-signature', 'signed by another key', {
  identity: { ...identity, privateKey: stranger.privateKey },
});
doc('document-signature', 'payload changed after signing', {
  tamper: (payload) => replaceOnce(payload, '01'.repeat(48), `00${'01'.repeat(47)}`),
});
doc('document-signature', 'payload re-encoded after signing, same fields', {
  tamper: (payload) => join(bytes('a9'), payload.subarray(1, -1)),
});
doc('document-signature', '96 zero bytes', { signature: () => new Uint8Array(96) });
doc('document-signature', '96 bytes ff', { signature: () => new Uint8Array(96).fill(255) });
doc('document-signature', 'r and s swapped', { signature: (s) => join(s.subarray(48), s.subarray(0, 48)) });

// Time.
for (const i of [0, 1, 2, 3, 4]) {
  chain('certificate-expired', `level ${i} expired`, { [i]: { from: AT - DAY, to: AT - 61_000 } });
  chain('certificate-not-yet-valid', `level ${i} not yet valid`, {
    [i]: { from: AT + 61_000, to: AT + DAY },
  });
}
add('certificate-expired', 'four hours later', () => base, { at: AT + 4 * HOUR });
add('certificate-expired', 'now', () => base, { at: undefined });
add('certificate-not-yet-valid', 'a year before', () => base, { at: AT - 365 * DAY });
const timestamp = (reason: RefusalReason, name: string, time: number, policy: Extra = {}) =>
  doc(reason, `timestamp ${name}`, { fields: { timestamp: encode(time) } }, policy);
timestamp('timestamp-outside-certificate', 'before the leaf certificate', AT - 4000);
timestamp('timestamp-outside-certificate', 'after the leaf certificate', AT + 4 * HOUR);
timestamp('timestamp-in-future', 'beyond the clock skew', AT + 61_000);
timestamp('timestamp-in-future', 'with no skew allowed', AT + 1, { clockSkewSeconds: 0 });
timestamp('timestamp-in-future', 'an hour ahead, with a maximum age', AT + HOUR, { maxAgeSeconds: 10 });
add('document-too-old', 'an hour old, ten minutes allowed', () => base, {
  at: AT + HOUR,
  maxAgeSeconds: 600,
});
add('document-too-old', 'a millisecond too old', () => base, { at: AT + 1001, maxAgeSeconds: 1 });

// What the caller expects.
const NONCE = bytes('00112233445566778899aabbccddeeff');
add('nonce-mismatch', 'no nonce', () => base, { nonce: NONCE });
for (const [name, other] of Object.entries({
  'another nonce': 'ff112233445566778899aabbccddeeff',
  'the nonce, cut': '00112233445566778899aabbccddee',
  'the nonce and more': '00112233445566778899aabbccddeeff00',
  'an empty nonce': '',
})) {
  doc('nonce-mismatch', name, { fields: { nonce: encode(bytes(other)) } }, { nonce: NONCE });
}
add('pcr-mismatch', 'PCR 0 differs in its last byte', () => base, { pcrs: { 0: `${'01'.repeat(47)}00` } });
add('pcr-mismatch', 'PCR 2 differs, 0 and 1 agree', () => base, {
  pcrs: { 0: '01'.repeat(48), 1: '02'.repeat(48), 2: '02'.repeat(48) },
});
add('pcr-mismatch', 'PCR 16 is missing', () => base, { pcrs: { 16: '00'.repeat(48) } });
add('pcr-mismatch', 'PCR 31 is missing', () => base, { pcrs: { 31: new Uint8Array(48) } });
const zeros = encode(new Uint8Array(48));
field('debug-mode', 'pcrs', pcrMap({ 0: zeros, 1: zeros, 2: zeros }), 'PCRs 0, 1, 2 zero');
field('debug-mode', 'pcrs', pcrMap({ 0: zeros }), 'PCR 0 zero');
field('debug-mode', 'pcrs', pcrMap({ 2: zeros }), 'PCR 2 zero');
doc(
  'debug-mode',
  'debug mode, zero PCRs expected',
  { fields: { pcrs: pcrMap({ 0: zeros }) } },
  { pcrs: { 0: '00'.repeat(48) } },
);
add('public-key-mismatch', 'no public key', () => base, { publicKey: NONCE });
doc(
  'public-key-mismatch',
  'another public key',
  { fields: { public_key: encode(bytes('01')) } },
  { publicKey: NONCE },
);
add('user-data-mismatch', 'no user data', () => base, { userData: NONCE });
doc(
  'user-data-mismatch',
  'other user data',
  { fields: { user_data: encode(bytes('01')) } },
  { userData: NONCE },
);

function changeByteAfter(data: Uint8Array, mark: string, distance: number): Uint8Array {
  const copy = data.slice();
  copy[Buffer.from(copy).indexOf(Buffer.from(mark, 'hex')) + distance]! ^= 1;
  return copy;
}

function unaligned(der: Uint8Array): Uint8Array {
  const copy = der.slice();
  // The signature is the last value: BIT STRING of 103 to 105 bytes, first content byte = unused bits.
  const start = Buffer.from(copy).lastIndexOf(Buffer.from('06082a8648ce3d040303', 'hex')) + 12;
  copy[start] = 1;
  return copy;
}

test('the document that all forgeries start from is accepted', () => {
  const verdict = verifyDocument(base, { roots: ROOTS, at: AT });
  assert.equal(verdict.verdict, 'accept', JSON.stringify(verdict));
});

for (const { reason, name, make, policy } of rows) {
  test(`refused: ${name} → ${reason}`, async () => {
    const document = await make();
    const verdict = verifyDocument(document, { at: AT, ...policy, roots: [...pinned] });
    assert.equal(verdict.verdict, 'refuse');
    assert.equal(verdict.verdict === 'refuse' && verdict.reason, reason, JSON.stringify(verdict));
    assert.match(verdict.detail, /^[A-Z].*[.…]$/s);
  });
}

test('every reason has a forgery', () => {
  const covered = new Set<string>(rows.map(({ reason }) => reason));
  const missing = REFUSAL_REASONS.filter((reason) => !covered.has(reason));
  assert.deepEqual(missing, ['internal-error']); // Nothing known causes it.
});

test('README.md explains every reason', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const missing = REFUSAL_REASONS.filter((reason) => !readme.includes(`\`${reason}\``));
  assert.deepEqual(missing, []);
});
