/**
 * Fixed work that says how fast the machine is at this moment. It is sampled beside what is measured,
 * so that records of a noisy machine can be put side by side; no figure is ever divided by it.
 */

import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
} from 'node:crypto';
import { performance } from 'node:perf_hooks';

/** Medians, in µs per operation. */
export interface Yardsticks {
  /** One X25519 by OpenSSL: integer multiplication. */
  readonly x25519Us: number;
  /** AES-128-CTR over 1 MiB in one call: the AES unit. */
  readonly aesMiBUs: number;
  /** Copying 1 MiB within a buffer of 16 MiB: the memory. */
  readonly copyMiBUs: number;
}

/** Samples all yardsticks, in about 30 ms. */
export function sampleYardsticks(): Yardsticks {
  return { x25519Us: sampleX25519(), aesMiBUs: sampleAes(), copyMiBUs: sampleCopy() };
}

const keys = (() => {
  let pair: ReturnType<typeof importKeys> | undefined;
  return () => {
    pair ??= importKeys();
    return pair;
  };
})();

/** Key objects made from JWK: OpenSSL keeps less to do per operation with them than with raw keys. */
function importKeys() {
  const mine = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const theirs = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return {
    privateKey: createPrivateKey({ key: mine, format: 'jwk' }),
    publicKey: createPublicKey({ key: theirs, format: 'jwk' }),
  };
}

/** One X25519 by OpenSSL, in µs; takes about `budgetMs`. */
export function sampleX25519(budgetMs = 8): number {
  const pair = keys();
  return medianUs(() => void diffieHellman(pair), 8, budgetMs);
}

/** AES-128-CTR over 1 MiB in one call, in µs; takes about `budgetMs`. */
export function sampleAes(budgetMs = 8): number {
  const key = Buffer.alloc(16, 1);
  const nonce = Buffer.alloc(16);
  const plain = Buffer.alloc(2 ** 20);
  return medianUs(() => void createCipheriv('aes-128-ctr', key, nonce).update(plain), 1, budgetMs);
}

/** Copying 1 MiB between places of a buffer that no cache near the core holds, in µs. */
export function sampleCopy(budgetMs = 8): number {
  const buffer = Buffer.alloc(2 ** 24, 1);
  let at = 0;
  return medianUs(
    () => {
      buffer.copyWithin(at ^ (2 ** 23), at, at + 2 ** 20);
      at = (at + 2 ** 20) % 2 ** 24;
    },
    16,
    budgetMs,
  );
}

/** Median time of one call, over batches of `batch` calls, after one batch of warm-up. */
function medianUs(work: () => void, batch: number, budgetMs: number): number {
  const times: number[] = [];
  for (let i = 0; i < batch; i++) work();
  const end = performance.now() + budgetMs;
  let before = performance.now();
  do {
    for (let i = 0; i < batch; i++) work();
    const now = performance.now();
    times.push(((now - before) * 1000) / batch);
    before = now;
  } while (before < end);
  times.sort((a, b) => a - b);
  return times[times.length >> 1]!;
}
