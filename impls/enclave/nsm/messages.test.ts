/** The CBOR forms, byte by byte, and answers that a module might give against the rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'cborg';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  NSM_ERROR_CODES,
  NsmError,
  type NsmRequest,
  type NsmResponse,
} from './messages.ts';
import { securityModule } from './module.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** Text as CBOR, in hex. */
const t = (text: string): string => hex(encode(text));

// As `serde_cbor` writes AWS's `Request` and `Response` enums: fields in the order of their declaration.
const REQUESTS: [NsmRequest, string][] = [
  [{ type: 'DescribeNSM' }, t('DescribeNSM')],
  [{ type: 'GetRandom' }, t('GetRandom')],
  [{ type: 'DescribePCR', index: 31 }, `a1${t('DescribePCR')}a1${t('index')}181f`],
  [
    { type: 'ExtendPCR', index: 16, data: Uint8Array.of(1, 2) },
    `a1${t('ExtendPCR')}a2${t('index')}10${t('data')}420102`,
  ],
  [{ type: 'LockPCR', index: 0 }, `a1${t('LockPCR')}a1${t('index')}00`],
  [{ type: 'LockPCRs', range: 32 }, `a1${t('LockPCRs')}a1${t('range')}1820`],
  [
    { type: 'Attestation', userData: Uint8Array.of(1), nonce: null, publicKey: null },
    `a1${t('Attestation')}a3${t('user_data')}4101${t('nonce')}f6${t('public_key')}f6`,
  ],
];
const RESPONSES: [NsmResponse, string][] = [
  [
    {
      type: 'DescribeNSM',
      versionMajor: 1,
      versionMinor: 0,
      versionPatch: 0,
      moduleId: 'i-1-enc2',
      maxPcrs: 32,
      lockedPcrs: [0, 1],
      digest: 'SHA384',
    },
    `a1${t('DescribeNSM')}a7${t('version_major')}01${t('version_minor')}00${t('version_patch')}00` +
      `${t('module_id')}${t('i-1-enc2')}${t('max_pcrs')}1820${t('locked_pcrs')}820001${t('digest')}${t('SHA384')}`,
  ],
  [{ type: 'GetRandom', random: Uint8Array.of(7) }, `a1${t('GetRandom')}a1${t('random')}4107`],
  [
    { type: 'DescribePCR', lock: true, data: Uint8Array.of(9) },
    `a1${t('DescribePCR')}a2${t('lock')}f5${t('data')}4109`,
  ],
  [{ type: 'ExtendPCR', data: Uint8Array.of(9) }, `a1${t('ExtendPCR')}a1${t('data')}4109`],
  [{ type: 'LockPCR' }, t('LockPCR')],
  [{ type: 'LockPCRs' }, t('LockPCRs')],
  [{ type: 'Attestation', document: Uint8Array.of(0x84) }, `a1${t('Attestation')}a1${t('document')}4184`],
  ...NSM_ERROR_CODES.map((error): [NsmResponse, string] => [
    { type: 'Error', error },
    `a1${t('Error')}${t(error)}`,
  ]),
];

for (const [request, expected] of REQUESTS) {
  test(`request ${request.type}`, () => {
    assert.equal(hex(encodeRequest(request)), expected);
    assert.deepEqual(decodeRequest(encodeRequest(request)), request);
  });
}
for (const [response, expected] of RESPONSES) {
  test(`response ${response.type}${response.type === 'Error' ? ` ${response.error}` : ''}`, () => {
    assert.equal(hex(encodeResponse(response)), expected);
    assert.deepEqual(decodeResponse(encodeResponse(response)), response);
  });
}

test('optional fields of Attestation may be absent', () => {
  const request = decodeRequest(encode({ Attestation: {} }));
  assert.deepEqual(request, { type: 'Attestation', userData: null, nonce: null, publicKey: null });
});

const BAD_RESPONSES: Record<string, Uint8Array> = {
  'no CBOR': Uint8Array.of(0xff),
  'no bytes': new Uint8Array(0),
  unknown: encode('Reboot'),
  'an unknown error': encode({ Error: 'Tired' }),
  'random that is text': encode({ GetRandom: { random: 'x' } }),
  'no random': encode({ GetRandom: { random: new Uint8Array(0) } }),
  'the answer to something else': encode('LockPCR'),
};
for (const [name, bytes] of Object.entries(BAD_RESPONSES)) {
  test(`an answer against the rules is an error: ${name}`, async () => {
    const nsm = securityModule({ kind: 'nitro', request: async () => bytes, close() {} });
    await assert.rejects(
      nsm.random(1),
      (error) => error instanceof NsmError && error.code === 'InvalidResponse',
    );
  });
}
