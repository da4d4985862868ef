/** Against genuine AWS documents, 2021 to 2026, of nine vendors. Not part of the project; skipped where absent. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Decoder } from 'cbor-x';
import { decode } from 'cborg';
import { parseCertificate } from './certificate.ts';
import { hex, parseDocument } from './document.ts';
import type { RefusalReason } from './refusal.ts';
import { AWS_ROOT_G1, type Policy, SignatureCache, verifyDocument } from './verify.ts';

interface Entry {
  readonly file: string;
  readonly verdict: 'accept' | 'refuse-debug' | 'refuse';
  readonly timestamp: string | null;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly module_id: string;
  readonly payload_map: string;
  readonly pcr0: string;
  readonly pcr1: string;
  readonly pcr2: string;
  readonly public_key: number | 'null';
  readonly user_data: number | 'null';
  readonly nonce: number | 'null';
}

const FOLDER = new URL('../../../../shared/data/nitro-documents/', import.meta.url);
const present = existsSync(FOLDER);
const skip = present ? false : 'the genuine documents (../shared/data/nitro-documents) are not here';
const index: Entry[] = present ? JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) : [];
const read = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, FOLDER)));
const AWS: Policy = { roots: [AWS_ROOT_G1] };
const cache = new SignatureCache();

/** Why the folder's refused documents must be refused, whatever the time. */
const REFUSED: Readonly<Record<string, RefusalReason>> = {
  'neg-nodate-base-NEG.bin': 'wrong-type', // Two bytes are missing inside: the payload's length covers the signature's head.
  'neg-2022-11-09-veracruz-NEG.bin': 'document-signature',
  'neg-2024-12-13-oyster-NEG.bin': 'root-not-pinned',
};

test('the folder holds what it should', { skip }, () => {
  assert.equal(index.filter(({ verdict }) => verdict === 'accept').length, 15);
  assert.equal(index.filter(({ verdict }) => verdict === 'refuse-debug').length, 5);
  assert.deepEqual(
    index
      .filter(({ verdict }) => verdict === 'refuse')
      .map(({ file }) => file)
      .sort(),
    Object.keys(REFUSED).sort(),
  );
});

for (const entry of index) {
  const { file } = entry;
  if (entry.verdict === 'refuse') {
    test(`${file} is refused at its own time and now`, () => {
      for (const at of ['document', undefined] as const) {
        const verdict = verifyDocument(read(file), { ...AWS, at, allowDebug: true });
        assert.equal(verdict.verdict === 'refuse' && verdict.reason, REFUSED[file]);
      }
    });
    continue;
  }
  test(`${file} is accepted at its own time`, () => {
    const pcrs = { 0: entry.pcr0, 1: entry.pcr1, 2: entry.pcr2 };
    const policy: Policy = { ...AWS, at: Date.parse(entry.timestamp!), pcrs, maxAgeSeconds: 0 };
    const debug = entry.verdict === 'refuse-debug';
    if (debug) {
      const refused = verifyDocument(read(file), policy);
      assert.equal(refused.verdict === 'refuse' && refused.reason, 'debug-mode');
    }
    const verdict = verifyDocument(read(file), { ...policy, allowDebug: debug });
    assert.equal(verdict.verdict, 'accept', JSON.stringify(verdict));
    if (verdict.verdict !== 'accept') return;
    const { document, chain, root, payloadMap } = verdict;
    assert.equal(document.moduleId, entry.module_id);
    assert.equal(new Date(document.timestamp).toISOString(), entry.timestamp);
    assert.equal(new Date(chain.at(-1)!.notBefore).toISOString(), entry.valid_from);
    assert.equal(new Date(chain.at(-1)!.notAfter).toISOString(), entry.valid_to);
    assert.equal(`${payloadMap} map`, entry.payload_map);
    assert.equal(root, AWS_ROOT_G1);
    assert.equal(chain.length, 5);
    assert.equal(document.publicKey?.length ?? 'null', entry.public_key);
    assert.equal(document.userData?.length ?? 'null', entry.user_data);
    assert.equal(document.nonce?.length ?? 'null', entry.nonce);
  });
  test(`${file} is refused now: expired`, () => {
    const verdict = verifyDocument(read(file), { ...AWS, allowDebug: true });
    assert.equal(verdict.verdict === 'refuse' && verdict.reason, 'certificate-expired');
  });
  test(`${file} is refused outside its certificate's validity, to the millisecond`, () => {
    const from = Date.parse(entry.valid_from);
    const to = Date.parse(entry.valid_to);
    const at = (time: number) => {
      const verdict = verifyDocument(
        read(file),
        { ...AWS, at: time, allowDebug: true, clockSkewSeconds: 1e6 },
        cache,
      );
      return verdict.verdict === 'accept' ? 'accept' : verdict.reason;
    };
    // Within the allowance for clocks, but made in the future beyond it: the timestamp is not before the leaf.
    const skew = 1e9;
    const early = at(from - skew);
    assert.ok(early === 'accept' || early === 'timestamp-in-future', early);
    assert.deepEqual(
      [at(from - skew - 1), at(from), at(to + skew), at(to + skew + 1)],
      ['certificate-not-yet-valid', 'accept', 'accept', 'certificate-expired'],
    );
  });
  test(`${file} reads the same with cborg, cbor-x and OpenSSL`, () => {
    const options = { strict: true, allowIndefinite: true, rejectDuplicateMapKeys: true, useMaps: true };
    const [, , payload] = decode(read(file), options) as [Uint8Array, unknown, Uint8Array, Uint8Array];
    const fields = decode(payload, options) as Map<string, unknown>;
    const { document } = parseDocument(read(file));
    const theirs = new Decoder({ mapsAsObjects: false, useRecords: false }).decode(payload) as typeof fields;
    const plain = (value: unknown) => (value instanceof Uint8Array ? hex(value) : String(value));
    for (const [name, value] of theirs) {
      if (name !== 'pcrs' && name !== 'cabundle') assert.equal(plain(value), plain(fields.get(name)), name);
    }
    assert.equal(theirs.size, fields.size);
    assert.deepEqual((theirs.get('cabundle') as Uint8Array[]).map(hex), document.cabundle.map(hex));
    const pcrs = theirs.get('pcrs') as Map<number, Uint8Array>;
    assert.deepEqual(
      [...pcrs].map(([index, value]) => [Number(index), hex(value)]),
      [...(fields.get('pcrs') as Map<number, Uint8Array>)].map(([index, value]) => [index, hex(value)]),
    );
    assert.deepEqual(
      { ...document, certificate: hex(document.certificate), cabundle: document.cabundle.map(hex) },
      {
        moduleId: fields.get('module_id'),
        timestamp: fields.get('timestamp'),
        pcrs: fields.get('pcrs'),
        certificate: hex(fields.get('certificate') as Uint8Array),
        cabundle: (fields.get('cabundle') as Uint8Array[]).map(hex),
        publicKey: fields.get('public_key'),
        userData: fields.get('user_data'),
        nonce: fields.get('nonce'),
      },
    );
    for (const der of [...document.cabundle, document.certificate]) {
      const mine = parseCertificate(der, 'certificate');
      const theirs = new X509Certificate(der);
      assert.equal(mine.notBefore, Date.parse(theirs.validFrom));
      assert.equal(mine.notAfter, Date.parse(theirs.validTo));
      assert.equal(mine.isCa, theirs.ca);
      assert.ok(mine.publicKey.equals(theirs.publicKey));
    }
  });
}

// One with definite and two with indefinite payload map, with and without optional fields.
for (const file of [
  'ok-2022-08-04-nitriding-prod.bin',
  'ok-2025-12-25-dstack-debug.bin',
  'ok-2026-02-06-epsilon-prod.bin',
]) {
  test(`${file}: a flip in any byte is refused`, { skip }, () => {
    const document = read(file);
    const policy: Policy = { ...AWS, at: 'document', allowDebug: true };
    assert.equal(verifyDocument(document, policy, cache).verdict, 'accept');
    for (let i = 0; i < document.length; i++) {
      // One bit per byte, another one in the next; `genuine.slow.ts` flips all of them.
      const bit = 1 << (i & 7);
      document[i]! ^= bit;
      assert.equal(verifyDocument(document, policy, cache).verdict, 'refuse', `byte ${i}, bit ${i & 7}`);
      document[i]! ^= bit;
    }
    assert.equal(verifyDocument(document, policy, cache).verdict, 'accept');
  });
  test(`${file}: every truncation is refused`, { skip }, () => {
    const document = read(file);
    for (let length = 0; length < document.length; length++) {
      assert.equal(verifyDocument(document.subarray(0, length), AWS, cache).verdict, 'refuse');
    }
  });
}

test("AWS's published root certificate has the pinned fingerprint", { skip }, () => {
  const pem = readFileSync(new URL('AWS_NitroEnclaves_Root-G1.pem', FOLDER));
  assert.equal(createHash('sha256').update(new X509Certificate(pem).raw).digest('hex'), AWS_ROOT_G1);
});
