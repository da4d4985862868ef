/**
 * The two sources behind {@link Random}: the operating system's, for every measured run, and a seeded
 * one, for tests and for the exact baseline only.
 */
import { createCipheriv, createHash, randomFillSync } from 'node:crypto';
import type { Random } from '../contract.ts';

const POOL_BYTES = 1 << 16;
/** Requests above this go to the operating system directly: copying through the pool would cost more. */
const DIRECT_BYTES = 1 << 12;
/** The most that one call of randomFillSync takes (getrandom and WebCrypto draw similar lines). */
const FILL_BYTES = 1 << 30;

const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** Copies `target.length` bytes out of the pool and wipes them there, so that no output is kept. */
function fillFromPool(target: Uint8Array): void {
  let done = 0;
  while (done < target.length) {
    if (used === POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const count = Math.min(target.length - done, POOL_BYTES - used);
    target.set(pool.subarray(used, used + count), done);
    pool.fill(0, used, used + count);
    used += count;
    done += count;
  }
}

/**
 * The operating system's random bytes. Small requests are cut from a 64 KiB pool, which is wiped as it
 * is used: one system call would cost more than the rest of a small request.
 */
export const systemRandom: Random = {
  bytes(length) {
    return systemRandom.fill(new Uint8Array(checkLength(length)));
  },
  fill(target) {
    if (target.length <= DIRECT_BYTES) fillFromPool(target);
    else {
      for (let start = 0; start < target.length; start += FILL_BYTES) {
        randomFillSync(target.subarray(start, start + FILL_BYTES));
      }
    }
    return target;
  },
};

/**
 * FOR TESTS ONLY: bytes that depend on `seed` alone. Whoever knows the seed knows every secret drawn
 * from it; a record made this way says so and is kept out of reports.
 *
 * AES-256-CTR over zeros, keyed by SHA-256 of a label and the seed. The bytes do not depend on how
 * they are asked for: `bytes(3)` and `bytes(5)` are together what `bytes(8)` is.
 */
export function seededRandom(seed: string | Uint8Array): Random {
  const key = createHash('sha256').update('psi-bench seeded random, for tests only\0').update(seed).digest();
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16));
  const zeros = new Uint8Array(1 << 14);
  let block = new Uint8Array(0);
  let start = 0;
  const random: Random = {
    bytes(length) {
      return random.fill(new Uint8Array(checkLength(length)));
    },
    fill(target) {
      let done = 0;
      while (done < target.length) {
        if (start === block.length) {
          block = cipher.update(zeros);
          start = 0;
        }
        const count = Math.min(target.length - done, block.length - start);
        target.set(block.subarray(start, start + count), done);
        start += count;
        done += count;
      }
      return target;
    },
  };
  return random;
}

function checkLength(length: number): number {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new RangeError(`"length" expected a whole number of bytes, got ${length}`);
  }
  return length;
}
