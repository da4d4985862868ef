/** The public keys of a run's hashes, all from one salt that the sender draws. */
import { createCipheriv } from 'node:crypto';
import type { VoleKeys } from './vole.ts';

export const SALT_BYTES = 16;

export interface PublicKeys {
  readonly vole: VoleKeys;
  /** Of the hash that a function's values go through: tags, say. */
  readonly output: Uint8Array;
}

/** AES_salt(1), …, AES_salt(4), the numbers as little-endian blocks: for left and right nodes, outputs, transfers. */
export function publicKeys(salt: Uint8Array): PublicKeys {
  const blocks = new Uint8Array(64);
  for (let k = 0; k < 4; k++) blocks[16 * k] = k + 1;
  const keys = createCipheriv('aes-128-ecb', salt, null).setAutoPadding(false).update(blocks);
  const key = (k: number) => Uint8Array.from(keys.subarray(16 * k, 16 * k + 16));
  return { vole: { left: key(0), right: key(1), transfer: key(3) }, output: key(2) };
}
