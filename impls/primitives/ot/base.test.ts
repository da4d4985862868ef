import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { hash_to_field } from '@noble/curves/abstract/hash-to-curve.js';
import { _map_to_curve_elligator2_curve25519, x25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { seededRandom, systemRandom } from '../../../bench/party/random.ts';
import { encodeU, SMALL_ORDER_U } from '../curve/points.ts';
import {
  BASE_OT_DOMAIN,
  type BaseOtOptions,
  BaseOtReceiver,
  BaseOtSender,
  basePartsOf,
  baseReceiverBytes,
  baseSenderBytes,
} from './base.ts';

const P = 2n ** 255n - 19n;
const options = (peer: string, count: number, random = systemRandom): BaseOtOptions => ({
  count,
  context: 'test, 3 and 4 items',
  random,
  peer,
});

function both(count: number, choices: Uint8Array) {
  const sender = new BaseOtSender(options('receiver', count));
  const receiver = new BaseOtReceiver({ ...options('sender', count), choices });
  return { sender, receiver };
}

const key = (keys: Uint8Array, j: number) => Buffer.from(keys.subarray(16 * j, 16 * j + 16)).toString('hex');
const bit = (bits: Uint8Array, j: number) => ((bits[j >> 3] ?? assert.fail()) >> (j & 7)) & 1;

/** Hashing by noble, with inversion as a power. */
function hashToCurve(message: Uint8Array): Uint8Array {
  const field = { DST: BASE_OT_DOMAIN, p: P, m: 1, k: 128, expand: 'xmd' as const, hash: sha512 };
  const [[element = 0n] = []] = hash_to_field(message, 1, field);
  const { xMn, xMd } = _map_to_curve_elligator2_curve25519(element);
  let [inverse, base] = [1n, xMd];
  for (let e = P - 2n; e > 0n; e >>= 1n) {
    if (e & 1n) inverse = (inverse * base) % P;
    base = (base * base) % P;
  }
  return encodeU((xMn * inverse) % P);
}

describe('base transfers', () => {
  test('the receiver gets the key that its bit names, and all keys differ', () => {
    for (const count of [0, 1, 7, 128, 448]) {
      const choices = systemRandom.bytes(Math.ceil(count / 8));
      const { sender, receiver } = both(count, choices);
      assert.equal(sender.message.length, baseSenderBytes(count));
      assert.equal(receiver.message.length, baseReceiverBytes(count));
      const chosen = receiver.keys(sender.message);
      const { zero, one } = sender.keys(receiver.message);
      const seen = new Set<string>();
      for (let j = 0; j < count; j++) {
        assert.equal(key(chosen, j), key(bit(choices, j) ? one : zero, j));
        seen.add(key(zero, j)).add(key(one, j));
      }
      assert.equal(seen.size, 2 * count);
    }
  });

  test('messages and keys are those of a plain second implementation with the same randomness', () => {
    const count = 12;
    const choices = Uint8Array.of(0b10110100, 0b0101);
    const sender = new BaseOtSender(options('receiver', count, seededRandom('S')));
    const receiver = new BaseOtReceiver({ ...options('sender', count, seededRandom('R')), choices });

    const clamped = (bytes: Uint8Array) => {
      const k = Uint8Array.from(bytes);
      k[0]! &= 248;
      k[31] = ((k[31] ?? 0) & 127) | 64;
      return k;
    };
    const context = 'test, 3 and 4 items';
    const points = Array.from({ length: count }, (_, j) =>
      hashToCurve(Buffer.from(`base oblivious transfer, public point ${j} of ${context}`)),
    );
    const s = seededRandom('S');
    const a = clamped(s.bytes(32));
    const senders = Buffer.concat([s.bytes(16), ...points.map((p) => x25519.scalarMult(a, p))]);
    assert.deepEqual(Buffer.from(sender.message), senders);

    const r = seededRandom('R');
    const [b, decoy] = [clamped(r.bytes(32)), clamped(r.bytes(32))];
    const nonce = r.bytes(16);
    const pairs = points.flatMap((p, j) => {
      const own = x25519.scalarMult(b, p);
      const other = x25519.scalarMult(decoy, hashToCurve(r.bytes(32)));
      return bit(choices, j) ? [other, own] : [own, other];
    });
    const receivers = Buffer.concat([nonce, ...pairs]);
    assert.deepEqual(Buffer.from(receiver.message), receivers);

    const prefix = Buffer.alloc(128);
    prefix.write('psi-ot-1:key');
    prefix.set(senders.subarray(0, 16), 64);
    prefix.set(nonce, 80);
    prefix.writeUInt32BE(context.length, 96);
    prefix.write(context, 100);
    const hash = (j: number, i: number) => {
      const number = Buffer.of(0, 0, 0, j, i);
      const shared = x25519.scalarMult(a, pairs[2 * j + i] ?? assert.fail());
      const own = senders.subarray(16 + 32 * j, 48 + 32 * j);
      const theirs = receivers.subarray(16 + 64 * j, 80 + 64 * j);
      return createHash('sha256')
        .update(Buffer.concat([prefix, number, own, theirs, shared]))
        .digest()
        .subarray(0, 16);
    };
    const keys = sender.keys(receiver.message);
    for (let j = 0; j < count; j++) {
      assert.equal(key(keys.zero, j), hash(j, 0).toString('hex'));
      assert.equal(key(keys.one, j), hash(j, 1).toString('hex'));
    }
  });

  test('the message can travel in parts, each made and worked on by itself', () => {
    const choices = systemRandom.bytes(3);
    for (const size of [1, 7, 19, 40]) {
      const { sender, receiver } = both(19, choices);
      const parts = [...receiver.parts(size)];
      assert.equal(parts.length, Math.ceil(19 / size));
      for (const [i, [from, to]] of [...basePartsOf(19, size)].entries()) {
        assert.deepEqual(parts[i], receiver.message.subarray(from, to));
      }
      const forged = Uint8Array.from(parts[0] ?? assert.fail());
      forged.fill(0, 16, 48);
      assert.throws(() => sender.take(forged), /the receiver's point 0 of base transfer 0 has small order/);
      for (const part of parts.slice(0, -1)) sender.take(part);
      assert.throws(() => sender.keys(), /must have 1232 bytes, got/);
      sender.take(parts.at(-1) ?? assert.fail());
      const { zero, one } = sender.keys();
      const chosen = receiver.keys(sender.message);
      for (let j = 0; j < 19; j++) assert.equal(key(chosen, j), key(bit(choices, j) ? one : zero, j));
    }
  });

  test('the session is in the keys: another context or nonce, other keys', () => {
    const { sender, receiver } = both(8, Uint8Array.of(0x5a));
    const altered = receiver.message.slice();
    altered[0]! ^= 1;
    const chosen = receiver.keys(sender.message);
    const { zero, one } = sender.keys(altered);
    const elsewhere = new BaseOtSender({ ...options('receiver', 8), context: 'another' });
    const others = elsewhere.keys(receiver.message);
    for (let j = 0; j < 8; j++) {
      for (const keys of [zero, one, others.zero, others.one]) assert.notEqual(key(keys, j), key(chosen, j));
    }
  });

  test('both places look alike: on the curve, never small, no value twice', () => {
    const onCurve = (u: bigint) => {
      let [base, power] = [(((u + 486662n) * u + 1n) * u) % P, 1n];
      for (let e = (P - 1n) / 2n; e > 0n; e >>= 1n) {
        if (e & 1n) power = (power * base) % P;
        base = (base * base) % P;
      }
      return power <= 1n;
    };
    const { receiver } = both(32, systemRandom.bytes(4));
    const seen = new Set<bigint>();
    for (let at = 16; at < receiver.message.length; at += 32) {
      const u = receiver.message
        .subarray(at, at + 32)
        .reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
      assert.ok(onCurve(u));
      assert.ok(!SMALL_ORDER_U.includes(u));
      seen.add(u);
    }
    assert.equal(seen.size, 64);
  });

  test('what a peer gets wrong is named', () => {
    const { sender, receiver } = both(3, Uint8Array.of(5));
    const forged = (message: Uint8Array, at: number, u: bigint) => {
      const copy = message.slice();
      copy.set(encodeU(u), at);
      return copy;
    };
    assert.throws(
      () => sender.keys(receiver.message.subarray(1)),
      /the receiver's message of base transfers must have 208 bytes, got 207: it plays another protocol/,
    );
    assert.throws(
      () => receiver.keys(new Uint8Array(0)),
      /the sender's message .* must have 112 bytes, got 0/,
    );
    assert.throws(
      () => sender.keys(forged(receiver.message, 16 + 32 * 3, 0n)),
      /the receiver's point 1 of base transfer 1 has small order/,
    );
    assert.throws(
      () => receiver.keys(forged(sender.message, 16 + 32 * 2, P)),
      /the sender's point of base transfer 2 is no canonical encoding/,
    );
    // A fault leaves the state as it was.
    receiver.keys(sender.message);
    sender.keys(receiver.message);
    assert.throws(() => receiver.keys(sender.message), /have been taken already/);
    assert.throws(() => sender.keys(receiver.message), /have been taken already/);
    assert.throws(() => both(9, Uint8Array.of(1)), /"choices" must have 2 bytes, got 1/);
  });
});
