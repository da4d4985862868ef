/** Every bit of three genuine documents, one by one: some 110,000 verifications. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AWS_ROOT_G1, type Policy, SignatureCache, verifyDocument } from './verify.ts';

const FOLDER = new URL('../../../../shared/data/nitro-documents/', import.meta.url);
const skip = existsSync(FOLDER)
  ? false
  : 'the genuine documents (../shared/data/nitro-documents) are not here';

for (const file of [
  'ok-2022-08-04-nitriding-prod.bin',
  'ok-2025-12-25-dstack-debug.bin',
  'ok-2026-02-06-epsilon-prod.bin',
]) {
  test(`${file}: a flip of any bit is refused`, { skip }, () => {
    const document = new Uint8Array(readFileSync(new URL(file, FOLDER)));
    const cache = new SignatureCache();
    const policy: Policy = { roots: [AWS_ROOT_G1], at: 'document', allowDebug: true };
    assert.equal(verifyDocument(document, policy, cache).verdict, 'accept');
    for (let i = 0; i < document.length * 8; i++) {
      document[i >> 3]! ^= 1 << (i & 7);
      assert.equal(verifyDocument(document, policy, cache).verdict, 'refuse', `byte ${i >> 3}, bit ${i & 7}`);
      document[i >> 3]! ^= 1 << (i & 7);
    }
  });
}
