/**
 * Vectors of NIST: the examples of FIPS 180-4 with their additions for SHA-256 (csrc.nist.gov, "Examples
 * with Intermediate Values", "SHA2 additional"), and from CAVP, SHA256ShortMsg.rsp.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packItems } from '../items.ts';
import { Digester } from './digest.ts';

const text = (message: string) => Buffer.from(message);
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const repeat = (byte: number, times: number) => Buffer.alloc(times, byte);

const VECTORS: readonly (readonly [name: string, message: Uint8Array, digest: string])[] = [
  ['FIPS 180-4, one block', text('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'FIPS 180-4, two blocks',
    text('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a million a', repeat(0x61, 1e6), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ['CAVP, 0 bits', bytes(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['CAVP, 8 bits', bytes('d3'), '28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1'],
  ['CAVP, 16 bits', bytes('11af'), '5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98'],
  ['CAVP, 24 bits', bytes('b4190e'), 'dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2'],
  ['CAVP, 32 bits', bytes('74ba2521'), 'b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e'],
  ['#1, 1 byte', bytes('bd'), '68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b'],
  ['#2, 4 bytes', bytes('c98c8e55'), '7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504'],
  ['#3, 55 bytes', repeat(0, 55), '02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7'],
  ['#4, 56 bytes', repeat(0, 56), 'd4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb'],
  ['#5, 57 bytes', repeat(0, 57), '65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785'],
  ['#6, 64 bytes', repeat(0, 64), 'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b'],
  ['#7, 1000 bytes', repeat(0, 1000), '541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53'],
  ['#8, 1000 bytes', repeat(0x41, 1000), 'c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4'],
  ['#9, 1005 bytes', repeat(0x55, 1005), 'f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0'],
  ['#10, 10^6 bytes', repeat(0, 1e6), 'd29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025'],
];

// All in one set, so that very unequal lengths share the lanes, and one exceeds the kernel's memory.
const digests = new Digester({ width: 32 }).items(packItems(VECTORS.map(([, message]) => message)));

VECTORS.forEach(([name, message, expected], i) => {
  test(`SHA-256, ${name}`, () => {
    assert.equal(Buffer.from(digests.subarray(i * 32, i * 32 + 32)).toString('hex'), expected);
    const alone = new Digester({ width: 32 }).items(packItems([message]));
    assert.equal(Buffer.from(alone).toString('hex'), expected);
  });
});
