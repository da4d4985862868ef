/** The emulated security module: requests and answers, PCRs, errors, documents. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { decode, encode } from 'cborg';
import { AWS_ROOT_G1, type Policy, type Verification, verifyDocument } from '../attestation/verify.ts';
import { createEmulatorPki } from './certificates/pki.ts';
import { EmulatedNsm, type EmulatedNsmOptions } from './emulated.ts';
import { NsmError, type NsmErrorCode } from './messages.ts';
import { type SecurityModule, securityModule } from './module.ts';
import { bootPcr, extend } from './pcr.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const pki = await createEmulatorPki(AT);
const PCRS = { 0: bootPcr(text('image')), 1: bootPcr(text('boot')), 2: bootPcr(text('application')) };
const ZERO = new Uint8Array(48);

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function device(options: Partial<EmulatedNsmOptions> = {}): EmulatedNsm {
  return new EmulatedNsm({ pki, pcrs: PCRS, clock: () => AT, ...options });
}

function module(options: Partial<EmulatedNsmOptions> = {}): SecurityModule {
  return securityModule(device(options));
}

function verify(document: Uint8Array, policy: Partial<Policy> = {}): Verification {
  return verifyDocument(document, { roots: [pki.fingerprint], at: AT, ...policy });
}

function accepted(verdict: Verification): Extract<Verification, { verdict: 'accept' }> {
  assert.equal(verdict.verdict, 'accept', JSON.stringify(verdict));
  return verdict as Extract<Verification, { verdict: 'accept' }>;
}

async function code(promise: Promise<unknown>): Promise<NsmErrorCode | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    assert.ok(error instanceof NsmError, String(error));
    return error.code;
  }
}

test('a boot measurement is a zero PCR extended by the digest', () => {
  // SHA-384 written out, so that a change to `extend` cannot hide here.
  const digest = createHash('sha384').update('image').digest();
  const expected = createHash('sha384')
    .update(Buffer.concat([ZERO, digest]))
    .digest('hex');
  assert.equal(Buffer.from(bootPcr(text('image'))).toString('hex'), expected);
});

test('DescribeNSM', async () => {
  const description = await module({ moduleId: 'i-emulated0-enc1' }).describe();
  assert.deepEqual(description, {
    versionMajor: 1,
    versionMinor: 0,
    versionPatch: 0,
    moduleId: 'i-emulated0-enc1',
    maxPcrs: 32,
    lockedPcrs: Array.from({ length: 16 }, (_, i) => i),
    digest: 'SHA384',
  });
});

test('GetRandom: at most 256 bytes an answer, as many answers as it takes', async () => {
  const answer = decode(await device().request(encode('GetRandom')));
  assert.equal(answer.GetRandom.random.length, 256);
  const [a, b] = [await module().random(600), await module().random(600)];
  assert.equal(a.length, 600);
  assert.notDeepEqual(a, b);
  assert.notDeepEqual(a.subarray(0, 256), a.subarray(256, 512));
  assert.equal((await module().random(0)).length, 0);
});

test('PCRs: boot measurements are locked, the rest is zero, 16 and up can be extended and locked', async () => {
  const nsm = module();
  assert.deepEqual(await nsm.describePcr(1), { lock: true, data: PCRS[1] });
  assert.deepEqual(await nsm.describePcr(3), { lock: true, data: ZERO });
  assert.deepEqual(await nsm.describePcr(16), { lock: false, data: ZERO });
  const once = await nsm.extendPcr(16, text('a'));
  assert.deepEqual(once, extend(ZERO, text('a')));
  const twice = await nsm.extendPcr(16, new Uint8Array(0));
  assert.deepEqual(twice, extend(once, new Uint8Array(0)));
  await nsm.lockPcr(16);
  assert.deepEqual(await nsm.describePcr(16), { lock: true, data: twice });
  await nsm.lockPcrs(20); // It covers locked ones.
  await nsm.lockPcrs(0);
  const { lockedPcrs } = await nsm.describe();
  assert.deepEqual(
    lockedPcrs,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

test('a document carries exactly the locked PCRs', async () => {
  const nsm = module();
  await nsm.extendPcr(17, text('role'));
  const before = accepted(verify(await nsm.attest()));
  assert.deepEqual(
    [...before.document.pcrs.keys()],
    Array.from({ length: 16 }, (_, i) => i),
  );
  await nsm.lockPcr(17);
  const value = extend(ZERO, text('role'));
  const after = accepted(verify(await nsm.attest(), { pcrs: { ...PCRS, 17: value } }));
  assert.deepEqual([...after.document.pcrs.keys()], [...Array.from({ length: 16 }, (_, i) => i), 17]);
  await nsm.lockPcrs(32);
  assert.equal(accepted(verify(await nsm.attest())).document.pcrs.size, 32);
});

test('a document of the form that AWS sends: untagged, ES384, payload map of indefinite length', async () => {
  const document = await module().attest();
  assert.equal(Buffer.from(document.subarray(0, 8)).toString('hex'), '8444a1013822a059');
  const verdict = accepted(verify(document));
  assert.equal(verdict.payloadMap, 'indefinite');
  assert.equal(verdict.chain.length, 5);
  const { publicKey, userData, nonce } = verdict.document;
  assert.deepEqual([publicKey, userData, nonce], [null, null, null]);
});

test('a document carries what it was asked to, up to 1024 bytes each', async () => {
  const [userData, nonce, publicKey] = [1, 2, 3].map((fill) => new Uint8Array(1024).fill(fill)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  accepted(verify(await module().attest({ userData, nonce, publicKey }), { userData, nonce, publicKey }));
});

test('documents are refused by a client that pins AWS, or another emulator', async () => {
  const document = await module().attest();
  const other = await createEmulatorPki(AT);
  for (const root of [AWS_ROOT_G1, other.fingerprint]) {
    const verdict = verify(document, { roots: [root] });
    assert.equal(verdict.verdict === 'refuse' && verdict.reason, 'root-not-pinned');
  }
});

test('debug mode is refused', async () => {
  const document = await module({ debug: true }).attest();
  const verdict = verify(document);
  assert.equal(verdict.verdict === 'refuse' && verdict.reason, 'debug-mode');
  accepted(verify(document, { allowDebug: true }));
});

test('certificates: five levels, named as emulated, with the lifetimes of AWS', async () => {
  const { chain, document } = accepted(verify(await module().attest()));
  assert.deepEqual(
    chain.map(({ isCa, pathLength }) => [isCa, pathLength]),
    [
      [true, null],
      [true, 2],
      [true, 1],
      [true, 0],
      [false, null],
    ],
  );
  const hours = chain.map(({ notBefore, notAfter }) => (notAfter - notBefore) / HOUR);
  assert.deepEqual(hours.slice(1), [20 * 24, 6 * 24, 24, 3 + 3 / 3600]);
  for (const der of [...document.cabundle, document.certificate]) {
    assert.match(new X509Certificate(der).subject, /C=XX\nO=PSI Bench\nOU=Nitro emulator\nCN=.*emulat/);
  }
  assert.match(document.moduleId, /^i-emulated[0-9a-f]{9}-enc[0-9a-f]{16}$/);
});

test('the leaf certificate is kept while it lasts, then renewed, also when the clock is set back', async () => {
  let now = AT;
  const nsm = module({ clock: () => now });
  const leafAt = async (time: number) => {
    now = time;
    return Buffer.from(accepted(verify(await nsm.attest(), { at: time })).document.certificate).toString(
      'hex',
    );
  };
  const first = await leafAt(AT);
  assert.equal(await leafAt(AT + 2 * HOUR), first);
  const second = await leafAt(AT + 3 * HOUR);
  assert.notEqual(second, first);
  const monthLater = await leafAt(AT + 30 * 24 * HOUR);
  assert.notEqual(monthLater, second);
  assert.notEqual(await leafAt(AT + 24 * HOUR), monthLater);
});

test('every error', async () => {
  const nsm = module();
  assert.equal(await code(nsm.describePcr(32)), 'InvalidIndex');
  assert.equal(await code(nsm.extendPcr(32, text('x'))), 'InvalidIndex');
  assert.equal(await code(nsm.lockPcr(32)), 'InvalidIndex');
  assert.equal(await code(nsm.lockPcrs(33)), 'InvalidIndex');
  assert.equal(await code(nsm.extendPcr(0, text('x'))), 'ReadOnlyIndex');
  assert.equal(await code(nsm.lockPcr(15)), 'ReadOnlyIndex');
  await nsm.lockPcr(16);
  assert.equal(await code(nsm.extendPcr(16, text('x'))), 'ReadOnlyIndex');
  assert.equal(await code(nsm.attest({ nonce: new Uint8Array(1025) })), 'InputTooLarge');
  assert.equal(await code(nsm.attest({ userData: new Uint8Array(1025) })), 'InputTooLarge');
  assert.equal(await code(nsm.attest({ publicKey: new Uint8Array(1025) })), 'InputTooLarge');
  assert.equal(await code(nsm.attest({ nonce: new Uint8Array(5000) })), 'InputTooLarge');
  assert.equal(await code(nsm.attest({ publicKey: new Uint8Array(0) })), 'InvalidArgument');
  const broken = module({ pki: { ...pki, issue: () => Promise.reject(new Error('no more certificates')) } });
  assert.equal(await code(broken.attest()), 'InternalError');
  assert.equal((await broken.describe()).maxPcrs, 32); // A failure does not stop the next request.
});

const REFUSED_REQUESTS: Record<string, [Uint8Array, NsmErrorCode]> = {
  'no bytes': [new Uint8Array(0), 'InvalidOperation'],
  'no CBOR': [Uint8Array.of(0xff), 'InvalidOperation'],
  'bytes after the request': [Uint8Array.of(...encode('GetRandom'), 0), 'InvalidOperation'],
  'an unknown request': [encode('Reboot'), 'InvalidOperation'],
  'a request named like a property': [encode({ constructor: {} }), 'InvalidOperation'],
  'a number': [encode(1), 'InvalidOperation'],
  'two requests in one map': [encode({ LockPCR: { index: 16 }, LockPCRs: { range: 1 } }), 'InvalidOperation'],
  'DescribePCR without index': [encode({ DescribePCR: {} }), 'InvalidArgument'],
  'DescribePCR as text': [encode('DescribePCR'), 'InvalidArgument'],
  'an index that is text': [encode({ DescribePCR: { index: '0' } }), 'InvalidArgument'],
  'a negative index': [encode({ LockPCR: { index: -1 } }), 'InvalidArgument'],
  'an index beyond 16 bits': [encode({ LockPCR: { index: 65536 } }), 'InvalidArgument'],
  'ExtendPCR without data': [encode({ ExtendPCR: { index: 16 } }), 'InvalidArgument'],
  'LockPCRs without range': [encode({ LockPCRs: { index: 1 } }), 'InvalidArgument'],
  'a nonce that is text': [encode({ Attestation: { nonce: 'n' } }), 'InvalidArgument'],
  'more than 0x1000 bytes': [
    encode({ ExtendPCR: { index: 16, data: new Uint8Array(4096) } }),
    'InputTooLarge',
  ],
};
for (const [name, [request, error]] of Object.entries(REFUSED_REQUESTS)) {
  test(`answered with an error: ${name} → ${error}`, async () => {
    assert.deepEqual(decode(await device().request(request)), { Error: error });
  });
}

test('requests are answered in order, on their content at the time of the call', async () => {
  const nsm = device();
  const lock = encode({ LockPCR: { index: 16 } });
  const answers = [
    nsm.request(encode({ Attestation: {} })),
    nsm.request(lock),
    nsm.request(encode('DescribeNSM')),
  ];
  lock.fill(0);
  const [first, second, third] = (await Promise.all(answers)).map((answer) => decode(answer));
  assert.equal(accepted(verify(first.Attestation.document)).document.pcrs.size, 16);
  assert.equal(second, 'LockPCR');
  assert.equal(third.DescribeNSM.locked_pcrs.length, 17);
});

test('a measurement must be a PCR value at a boot index', () => {
  assert.throws(() => device({ pcrs: { 16: ZERO } }), /index 16/);
  assert.throws(
    () => device({ pcrs: { 0: new Uint8Array(32) } }),
    /"pcrs\[0\]" expected a Uint8Array of 48 bytes/,
  );
});
