/** What must be accepted, what a policy may not be, and that no bytes make the verifier throw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'cborg';
import fc from 'fast-check';
import { hex } from './document.ts';
import { bytes, forgeDocument, forgeIdentity, join, pcrMap } from './forge.ts';
import { AWS_ROOT_G1, type Policy, SignatureCache, verifyDocument } from './verify.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const identity = await forgeIdentity(AT);
const base = forgeDocument(identity, AT);
const POLICY: Policy = { roots: [identity.root], at: AT };
const NONCE = bytes('00112233445566778899aabbccddeeff');

/** 'accept', or the reason. */
function outcome(document: Uint8Array, policy: Partial<Policy> = {}, cache?: SignatureCache): string {
  const verdict = verifyDocument(document, { ...POLICY, ...policy }, cache);
  return verdict.verdict === 'accept' ? 'accept' : verdict.reason;
}

test('accepted: payload map of definite length, fields in any order', () => {
  const definite = forgeDocument(identity, AT, { payload: (all) => join(bytes('a9'), ...all) });
  assert.equal(outcome(definite), 'accept');
  const reversed = forgeDocument(identity, AT, {
    payload: (all) => join(bytes('bf'), ...[...all].reverse(), bytes('ff')),
  });
  assert.equal(outcome(reversed), 'accept');
});

test('accepted: every expectation met', () => {
  const document = forgeDocument(identity, AT, {
    fields: {
      nonce: encode(NONCE),
      public_key: encode(bytes('04aa')),
      user_data: encode(new Uint8Array(1024).fill(7)),
    },
  });
  const policy: Partial<Policy> = {
    nonce: NONCE,
    publicKey: bytes('04aa'),
    userData: new Uint8Array(1024).fill(7),
    pcrs: { 0: '01'.repeat(48), 1: new Uint8Array(48).fill(2), 9: '0A'.repeat(48) },
    maxAgeSeconds: 0,
    clockSkewSeconds: 0,
  };
  assert.equal(outcome(document, policy), 'accept');
});

test('accepted: a locked PCR above 15, pinned', () => {
  const pcrs = pcrMap({}, [join(encode(31), encode(new Uint8Array(48).fill(9)))]);
  assert.equal(
    outcome(forgeDocument(identity, AT, { fields: { pcrs } }), { pcrs: { 31: '09'.repeat(48) } }),
    'accept',
  );
});

test('accepted: debug mode where it is allowed', () => {
  const zeros = encode(new Uint8Array(48));
  const document = forgeDocument(identity, AT, {
    fields: { pcrs: pcrMap({ 0: zeros, 1: zeros, 2: zeros }) },
  });
  assert.equal(outcome(document), 'debug-mode');
  assert.equal(outcome(document, { allowDebug: true }), 'accept');
});

test('accepted: ages and clock skews up to their limits', () => {
  assert.equal(outcome(base, { at: AT + 1000, maxAgeSeconds: 1 }), 'accept');
  assert.equal(outcome(base, { at: new Date(AT - 3000) }), 'accept');
  assert.equal(outcome(base, { at: 'document', maxAgeSeconds: 0 }), 'accept');
});

test('a clock that is a little off refuses nothing fresh; beyond that, the refusal says what the clock says', (t) => {
  // The leaf is valid from three seconds before the document was made.
  const slow = AT - 3000 - 60_000;
  assert.equal(outcome(forgeDocument(identity, AT - 3000), { at: slow }), 'accept');
  assert.equal(outcome(base, { at: slow - 1 }), 'certificate-not-yet-valid');
  assert.equal(outcome(base, { at: AT + 3 * 3_600_000 + 60_000 }), 'accept');
  assert.equal(outcome(base, { at: slow, clockSkewSeconds: 0 }), 'certificate-not-yet-valid');
  const detail = (policy: Partial<Policy>) => {
    const verdict = verifyDocument(base, { ...POLICY, ...policy });
    return verdict.verdict === 'refuse' ? verdict.detail : '';
  };
  assert.match(detail({ at: AT + 864e5 }), /the time to verify for is 2026-03-02T12:00:00\.000Z\.$/);
  t.mock.timers.enable({ apis: ['Date'], now: AT - 3_600_000 });
  assert.match(
    detail({ at: undefined }),
    /valid from 2026-03-01T11:59:57\.000Z only; this machine's clock says 2026-03-01T11:00:00\.000Z\.$/,
  );
  t.mock.timers.setTime(AT - 61_001);
  assert.match(detail({ at: undefined }), /in the future; this machine's clock says 2026-03-01T11:58:58/);
  t.mock.timers.setTime(AT + 3_600_000);
  assert.match(detail({ at: undefined, maxAgeSeconds: 9 }), /this machine's clock says 2026-03-01T13:00:00/);
});

test('accepted: root given in capitals with colons, among others', () => {
  const colons = identity.root.toUpperCase().match(/../g)!.join(':');
  assert.equal(outcome(base, { roots: [AWS_ROOT_G1, colons] }), 'accept');
  assert.equal(outcome(base, { roots: [AWS_ROOT_G1] }), 'root-not-pinned');
});

test('accepted: the signature with n - s in the place of s, which is why bytes are no replay key', () => {
  const n = BigInt(
    '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  );
  const document = forgeDocument(identity, AT, {
    signature: (signature) => {
      const s = BigInt(`0x${hex(signature.subarray(48))}`);
      return join(signature.subarray(0, 48), bytes((n - s).toString(16).padStart(96, '0')));
    },
  });
  assert.equal(outcome(document), 'accept');
});

test('a verdict on a refused document holds what it claims, marked as unverified', () => {
  const verdict = verifyDocument(base, { ...POLICY, nonce: NONCE });
  assert.equal(verdict.verdict === 'refuse' && verdict.unverified?.moduleId, 'i-forge-enc1');
  assert.equal('document' in verdict, false);
});

test('the cache changes no verdict', async () => {
  const cache = new SignatureCache();
  for (let i = 0; i < 3; i++) assert.equal(outcome(base, {}, cache), 'accept');
  assert.equal(outcome(base, { at: AT + 86_400_000 }, cache), 'certificate-expired');
  assert.equal(outcome(base, { roots: [AWS_ROOT_G1] }, cache), 'root-not-pinned');
  const forged = await forgeIdentity(AT, { 3: { strangerSigns: true } });
  const document = forgeDocument(forged, AT);
  for (let i = 0; i < 2; i++)
    assert.equal(outcome(document, { roots: [forged.root] }, cache), 'certificate-signature');
  const wrongKey = { ...identity, privateKey: forged.privateKey };
  assert.equal(outcome(forgeDocument(wrongKey, AT), {}, cache), 'document-signature');
  const tiny = new SignatureCache(1);
  for (let i = 0; i < 2; i++) assert.equal(outcome(base, {}, tiny), 'accept');
});

// A rule that everything passes is a caller's mistake: it throws, whatever the document.
const BAD_POLICIES: Record<string, { readonly policy: Record<string, unknown>; readonly names: RegExp }> = {
  'no roots': { policy: { roots: [] }, names: /policy\.roots/ },
  'roots missing': { policy: { roots: undefined }, names: /policy\.roots/ },
  'a root that is no SHA-256': { policy: { roots: ['641a'] }, names: /fingerprint/ },
  'an empty root': { policy: { roots: [''] }, names: /fingerprint/ },
  'an empty nonce': { policy: { nonce: new Uint8Array(0) }, names: /policy\.nonce/ },
  'an undefined nonce': { policy: { nonce: undefined }, names: /policy\.nonce/ },
  'a nonce that is text': { policy: { nonce: '0011' }, names: /policy\.nonce/ },
  'no PCRs': { policy: { pcrs: {} }, names: /policy\.pcrs/ },
  'undefined PCRs': { policy: { pcrs: undefined }, names: /policy\.pcrs/ },
  'an empty PCR': { policy: { pcrs: { 0: '' } }, names: /policy\.pcrs\[0\]/ },
  'an empty PCR in bytes': { policy: { pcrs: { 0: new Uint8Array(0) } }, names: /policy\.pcrs\[0\]/ },
  'an undefined PCR': { policy: { pcrs: { 1: undefined } }, names: /policy\.pcrs\[1\]/ },
  'a PCR of 47 bytes': { policy: { pcrs: { 2: '00'.repeat(47) } }, names: /policy\.pcrs\[2\]/ },
  'a PCR that is not hex': { policy: { pcrs: { 2: 'zz'.repeat(48) } }, names: /policy\.pcrs\[2\]/ },
  'PCR 32': { policy: { pcrs: { 32: '00'.repeat(48) } }, names: /PCR 32/ },
  'PCR -1': { policy: { pcrs: { [-1]: '00'.repeat(48) } }, names: /PCR -1/ },
  'a time that is NaN': { policy: { at: Number.NaN }, names: /policy\.at/ },
  'an invalid Date': { policy: { at: new Date('yesterday') }, names: /policy\.at/ },
  'a time that is text': { policy: { at: '2026-01-01' }, names: /policy\.at/ },
  'a negative age': { policy: { maxAgeSeconds: -1 }, names: /maxAgeSeconds/ },
  'an age that is NaN': { policy: { maxAgeSeconds: Number.NaN }, names: /maxAgeSeconds/ },
  'an infinite age': { policy: { maxAgeSeconds: Number.POSITIVE_INFINITY }, names: /maxAgeSeconds/ },
  'an undefined age': { policy: { maxAgeSeconds: undefined }, names: /maxAgeSeconds/ },
  'a skew that is NaN': { policy: { clockSkewSeconds: Number.NaN }, names: /clockSkewSeconds/ },
  'allowDebug that is text': { policy: { allowDebug: 'false' }, names: /allowDebug/ },
  'an empty public key': { policy: { publicKey: new Uint8Array(0) }, names: /policy\.publicKey/ },
  'undefined user data': { policy: { userData: undefined }, names: /policy\.userData/ },
  'a misspelt rule': { policy: { nonces: NONCE }, names: /policy\.nonces/ },
};
for (const [name, { policy, names }] of Object.entries(BAD_POLICIES)) {
  test(`no policy: ${name}`, () => {
    assert.throws(
      () => verifyDocument(base, { ...POLICY, ...policy } as Policy),
      (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, names);
        return true;
      },
    );
  });
}

test('bytes must be a Uint8Array', () => {
  assert.throws(() => verifyDocument('84' as unknown as Uint8Array, POLICY), TypeError);
});

test('no bytes make it throw, or pass', () => {
  const cache = new SignatureCache();
  const anywhere = fc.nat(base.length - 1);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
      assert.notEqual(outcome(garbage, {}, cache), 'accept');
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(anywhere, fc.nat(40), fc.uint8Array({ maxLength: 40 }), (at, removed, inserted) => {
      const document = join(base.subarray(0, at), inserted, base.subarray(at + removed));
      const same = Buffer.compare(document, base) === 0;
      const reason = outcome(document, {}, cache);
      assert.equal(reason === 'accept', same);
      assert.notEqual(reason, 'internal-error');
    }),
    { numRuns: 1000 },
  );
});

test('no payload that is signed makes it throw', () => {
  const cache = new SignatureCache();
  fc.assert(
    fc.property(fc.nat(2800), fc.nat(8), fc.uint8Array({ maxLength: 8 }), (at, removed, inserted) => {
      const document = forgeDocument(identity, AT, {
        payload: (all) => {
          const payload = join(bytes('bf'), ...all, bytes('ff'));
          return join(payload.subarray(0, at), inserted, payload.subarray(at + removed));
        },
      });
      assert.notEqual(outcome(document, {}, cache), 'internal-error');
    }),
    { numRuns: 500 },
  );
});
