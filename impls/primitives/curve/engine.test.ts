import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { hash_to_field } from '@noble/curves/abstract/hash-to-curve.js';
import { _map_to_curve_elligator2_curve25519, x25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { packItems } from '../items.ts';
import {
  createEngine,
  ENGINES,
  type Engine,
  engineAvailable,
  engineLabel,
  POINT_BYTES,
  resolveEngine,
} from './engine.ts';
import { encodeU, PointError, SMALL_ORDER_U } from './points.ts';
import { WasmEngine } from './wasm.ts';

const P = 2n ** 255n - 19n;
const random = { bytes: (n: number) => new Uint8Array(randomBytes(n)), fill: () => assert.fail() };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const decode = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);

/** Every engine of group curve25519, and the kernel without fused multiply-add. */
const montgomery: [string, () => Engine][] = [
  ['wasm', () => createEngine('wasm')],
  ['wasm, unfused', () => new WasmEngine({ fused: false })],
];
if (engineAvailable('sodium') === true) montgomery.push(['sodium', () => createEngine('sodium')]);

function product(engine: Engine, scalar: Uint8Array, points: Uint8Array): Uint8Array {
  const out = new Uint8Array(points.length);
  engine.multiply(scalar, points, out);
  return out;
}

/** `count` random u-coordinates below p. */
function randomPoints(count: number): Uint8Array {
  const points = new Uint8Array(randomBytes(count * POINT_BYTES));
  for (let i = 0; i < count; i++) points[i * 32 + 31]! &= 0x7f;
  return points;
}

/** X25519 by OpenSSL: an implementation that shares nothing with the engines. */
function openssl(scalar: Uint8Array, u: Uint8Array): Uint8Array {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), scalar]);
  const spki = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), u]);
  return diffieHellman({
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  });
}

/** Whether u is on the curve: whether u³ + 486662u² + u is a square. */
function onCurve(u: bigint): boolean {
  let [base, exponent, power] = [(((u + 486662n) * u + 1n) * u) % P, (P - 1n) / 2n, 1n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) power = (power * base) % P;
    base = (base * base) % P;
  }
  return power <= 1n;
}

for (const [name, create] of montgomery) {
  describe(`curve25519 by ${name}`, () => {
    const engine = create();

    test('RFC 7748, section 5.2: two vectors', () => {
      const vectors = [
        [
          'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
          'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
          'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
        ],
        [
          '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
          'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a413',
          '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
        ],
      ];
      for (const [scalar, u, expected] of vectors) {
        const k = clamped(Buffer.from(scalar!, 'hex'));
        assert.equal(hex(product(engine, k, Buffer.from(u!, 'hex'))), expected);
      }
    });

    test('RFC 7748, section 5.2: iterated 1 and 1,000 times', () => {
      let k: Uint8Array = encodeU(9n);
      let u: Uint8Array = k;
      for (let i = 1; i <= 1000; i++) {
        const next = product(engine, clamped(k), u);
        // RFC 7748 ignores bit 255 of a received u; an engine refuses it. Results never have it.
        [k, u] = [next, k];
        if (i === 1) assert.equal(hex(k), '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
      }
      assert.equal(hex(k), '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
    });

    test('RFC 7748, section 6.1: Diffie-Hellman', () => {
      const bob = clamped(
        Buffer.from('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb', 'hex'),
      );
      const alice = Buffer.from('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a', 'hex');
      assert.equal(
        hex(product(engine, bob, encodeU(9n))),
        'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
      );
      assert.equal(
        hex(product(engine, bob, alice)),
        '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
      );
    });

    test('every batch size from 1 to 9, both sides of a full batch: the same as one by one', () => {
      const scalar = engine.scalar(random);
      const points = randomPoints(engine.batch + 5);
      const all = product(engine, scalar, points);
      for (let n = 1; n <= 9; n++) {
        assert.deepEqual(product(engine, scalar, points.subarray(0, n * 32)), all.subarray(0, n * 32));
      }
      for (const i of [0, 1, engine.batch - 1, engine.batch, engine.batch + 4]) {
        const one = points.subarray(i * 32, i * 32 + 32);
        assert.deepEqual(product(engine, scalar, one), all.subarray(i * 32, i * 32 + 32));
      }
    });

    test('multiplications commute, and nothing given gives nothing', () => {
      const [a, b] = [engine.scalar(random), engine.scalar(random)];
      const points = randomPoints(7);
      assert.deepEqual(
        product(engine, a, product(engine, b, points)),
        product(engine, b, product(engine, a, points)),
      );
      assert.equal(product(engine, a, new Uint8Array(0)).length, 0);
    });

    test('refuses every small order, on curve and twist, at any place', () => {
      const scalar = engine.scalar(random);
      for (const u of SMALL_ORDER_U) {
        for (const place of [0, 1, 4]) {
          const points = randomPoints(5);
          points.set(encodeU(u), place * 32);
          assert.throws(() => product(engine, scalar, points), {
            name: 'PointError',
            message: `point ${place} has small order`,
          });
        }
      }
    });

    test('refuses p and above, and bit 255', () => {
      const scalar = engine.scalar(random);
      const bad = [P, P + 1n, P + 2n, P + 9n, P + 18n, 2n ** 255n, 2n ** 255n + 9n, 2n ** 256n - 1n, 2n * P];
      for (const u of bad) {
        assert.throws(
          () => product(engine, scalar, encodeU(u)),
          new PointError(0, 'is no canonical encoding'),
          `${u} was taken`,
        );
      }
    });

    test('takes the neighbours of what it refuses', () => {
      const scalar = engine.scalar(random);
      const fine = SMALL_ORDER_U.flatMap((u) => [u - 1n, u + 1n, u + 2n ** 64n, u ^ (1n << 192n)])
        .filter((u) => u > 1n && u < P - 1n)
        .concat([2n, 9n, P - 2n, P - 19n, 2n ** 254n, 2n ** 255n - 20n - 2n ** 64n]);
      for (const u of fine) {
        assert.deepEqual(product(engine, scalar, encodeU(u)), x25519.scalarMult(scalar, encodeU(u)));
      }
    });

    test('names the argument that does not fit', () => {
      const scalar = engine.scalar(random);
      const out = new Uint8Array(64);
      assert.throws(
        () => engine.multiply(scalar.subarray(1), randomPoints(1), out),
        /"scalar" must have 32 bytes/,
      );
      assert.throws(() => engine.multiply(scalar, new Uint8Array(33), out), /"points" must be whole points/);
      assert.throws(() => engine.multiply(scalar, randomPoints(3), out), /"out" must hold 3 points/);
      assert.throws(() => engine.hash(packItems(['a', 'b', 'c']), out), /"out" must hold 3 points/);
    });
  });
}

describe('engines of group curve25519', () => {
  test('4,096 random points: the kernel gives what OpenSSL and every other engine give', () => {
    const points = randomPoints(4096);
    const scalar = createEngine('wasm').scalar(random);
    const [first, ...others] = montgomery.map(([, create]) => product(create(), scalar, points));
    for (const other of others) assert.deepEqual(other, first);
    for (let at = 0; at < points.length; at += 32) {
      assert.deepEqual(
        new Uint8Array(openssl(scalar, points.subarray(at, at + 32))),
        first!.subarray(at, at + 32),
      );
    }
  });

  test('masked values are identical for the same scalar and items', () => {
    const items = packItems(Array.from({ length: 1200 }, (_, i) => `item ${i}`));
    const scalar = createEngine('wasm').scalar(random);
    const [first, ...others] = montgomery.map(([, create]) => {
      const engine = create();
      const points = new Uint8Array(items.count * 32);
      engine.hash(items, points);
      return product(engine, scalar, points);
    });
    for (const other of others) assert.deepEqual(other, first);
  });

  test('a masked value does not tell curve from twist: all hashes are on the curve', () => {
    const engine = createEngine('wasm');
    const count = 400;
    const items = packItems(Array.from({ length: count }, () => randomBytes(16)));
    const hashed = new Uint8Array(count * 32);
    engine.hash(items, hashed);
    const masked = product(engine, engine.scalar(random), hashed);
    // The control: arbitrary u-coordinates keep their side under masking, so without Elligator the bit leaks.
    const raw = randomPoints(count);
    const maskedRaw = product(engine, engine.scalar(random), raw);
    let rawOnCurve = 0;
    for (let at = 0; at < count * 32; at += 32) {
      const u = (bytes: Uint8Array) => decode(bytes.subarray(at, at + 32));
      assert.ok(onCurve(u(hashed)) && onCurve(u(masked)));
      assert.equal(onCurve(u(raw)), onCurve(u(maskedRaw)));
      rawOnCurve += Number(onCurve(u(raw)));
    }
    assert.ok(rawOnCurve > count / 4 && rawOnCurve < (count * 3) / 4);
  });
});

describe('hash to curve25519', () => {
  /** Appendix J.4.2 of RFC 9380: message, Q.x (before the cofactor is cleared), P.x (after). */
  const vectors = [
    [
      '',
      '51125222da5e763d97f3c10fcc92ea6860b9ccbbd2eb1285728f566721c1e65b',
      '1bb913f0c9daefa0b3375378ffa534bda5526c97391952a7789eb976edfe4d08',
    ],
    [
      'abc',
      '7d56d1e08cb0ccb92baf069c18c49bb5a0dcd927eff8dcf75ca921ef7f3e6eeb',
      '7c22950b7d900fa866334262fcaea47a441a578df43b894b4625c9b450f9a026',
    ],
    [
      'abcdef0123456789',
      '3fbe66b9c9883d79e8407150e7c2a1c8680bee496c62fabe4619a72b3cabe90f',
      '31ad08a8b0deeb2a4d8b0206ca25f567ab4e042746f792f4b7973f3ae2096c52',
    ],
    [
      `q128_${'q'.repeat(128)}`,
      '227e0bb89de700385d19ec40e857db6e6a3e634b1c32962f370d26f84ff19683',
      '027877759d155b1997d0d84683a313eb78bdb493271d935b622900459d52ceaa',
    ],
    [
      `a512_${'a'.repeat(512)}`,
      '3bcd651ee54d5f7b6013898aab251ee8ecc0688166fce6e9548d38472f6bd196',
      '5fd892c0958d1a75f54c3182a18d286efab784e774d1e017ba2fb252998b5dc1',
    ],
  ];
  const domain = 'QUUX-V01-CS02-with-curve25519_XMD:SHA-512_ELL2_NU_';
  const bigEndian = (value: string) => encodeU(BigInt(`0x${value}`));

  for (const fused of [true, false]) {
    test(`RFC 9380, J.4.2: curve25519_XMD:SHA-512_ELL2_NU_ (${fused ? 'fused' : 'unfused'})`, () => {
      const engine = new WasmEngine({ fused, domain });
      const points = new Uint8Array(vectors.length * 32);
      engine.hash(packItems(vectors.map(([message]) => message!)), points);
      // The kernel multiplies by any 255-bit scalar: by 8 it clears the cofactor.
      const cleared = product(engine, encodeU(8n), points);
      vectors.forEach(([, q, p], i) => {
        assert.deepEqual(points.subarray(i * 32, i * 32 + 32), bigEndian(q!));
        assert.deepEqual(cleared.subarray(i * 32, i * 32 + 32), bigEndian(p!));
      });
    });
  }

  test('items of all lengths from 0 to 300, and one that the kernel has no room for, hash alike in any company', () => {
    const engine = createEngine('wasm');
    const list = Array.from({ length: 301 }, (_, n) => new Uint8Array(n).fill(n));
    list.splice(150, 0, new Uint8Array(70_000).fill(7), new Uint8Array(65_536), new Uint8Array(65_537));
    const together = new Uint8Array(list.length * 32);
    engine.hash(packItems(list), together);
    const unique = new Set<string>();
    list.forEach((item, i) => {
      const alone = new Uint8Array(32);
      engine.hash(packItems([item]), alone);
      assert.deepEqual(alone, together.subarray(i * 32, i * 32 + 32));
      unique.add(hex(alone));
    });
    assert.equal(unique.size, list.length);
  });

  test('the map agrees with @noble/curves on 300 random field elements', () => {
    const engine = new WasmEngine({ domain });
    const items = Array.from({ length: 300 }, () => randomBytes(20));
    const points = new Uint8Array(items.length * 32);
    engine.hash(packItems(items), points);
    const field = { DST: domain, p: P, m: 1, k: 128, expand: 'xmd' as const, hash: sha512 };
    items.forEach((item, i) => {
      const { xMn, xMd } = _map_to_curve_elligator2_curve25519(hash_to_field(item, 1, field)[0]![0]!);
      const u = decode(points.subarray(i * 32, i * 32 + 32));
      assert.equal((u * xMd) % P, xMn);
    });
  });
});

describe('ristretto255 by noble', () => {
  const engine = createEngine('noble');

  test('RFC 9496, A.1: multiples of the generator', () => {
    const generator = Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex');
    const multiples = [
      'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
      '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919',
      '94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259',
    ];
    multiples.forEach((expected, i) => {
      assert.equal(hex(product(engine, encodeU(BigInt(i + 1)), generator)), expected);
    });
  });

  test('RFC 9496, A.2: refuses what is no encoding, and the identity', () => {
    const bad = [
      '00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
      'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      '0100000000000000000000000000000000000000000000000000000000000000',
      '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371',
    ];
    const scalar = engine.scalar(random);
    for (const point of bad) {
      assert.throws(
        () => product(engine, scalar, Buffer.from(point, 'hex')),
        new PointError(0, 'is no canonical encoding'),
      );
    }
    assert.throws(() => product(engine, scalar, new Uint8Array(32)), new PointError(0, 'has small order'));
  });

  test('RFC 9497, A.1.1: ristretto255-SHA512, OPRF mode: hash to group, blind, evaluate', () => {
    const key = '5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e';
    const blind = '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706';
    const vectors = [
      [
        '00',
        '609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c',
        '7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e',
      ],
      [
        '5a'.repeat(17),
        'da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418',
        'b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25',
      ],
    ];
    for (const [input, blinded, evaluated] of vectors) {
      const point = new Uint8Array(32);
      engine.hash(packItems([Buffer.from(input!, 'hex')]), point);
      const masked = product(engine, Buffer.from(blind, 'hex'), point);
      assert.equal(hex(masked), blinded);
      assert.equal(hex(product(engine, Buffer.from(key, 'hex'), masked)), evaluated);
    }
  });
});

test('auto names an engine that is available; each engine says its group', () => {
  const name = resolveEngine('auto');
  assert.ok(ENGINES.includes(name));
  assert.equal(engineAvailable(name), true);
  assert.equal(engineLabel(name), createEngine(name).name);
  assert.deepEqual(
    ENGINES.filter((each) => engineAvailable(each) === true).map((each) => createEngine(each).group),
    ENGINES.filter((each) => engineAvailable(each) === true).map((each) =>
      each === 'noble' ? 'ristretto255' : 'curve25519',
    ),
  );
});

function clamped(scalar: Uint8Array): Uint8Array {
  const k = Uint8Array.from(scalar);
  k[0]! &= 0xf8;
  k[31]! = (k[31]! & 0x7f) | 0x40;
  return k;
}
