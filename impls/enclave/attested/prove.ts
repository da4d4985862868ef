/** Inside the enclave: proving to a client which code holds a key. */
import type { Random } from '../../../bench/contract.ts';
import { frameDocument, NONCE_LENGTH } from '../document-frame.ts';
import type { SecurityModule } from '../nsm/module.ts';

/** Random bytes of the security module, drawn before they are needed: one request of it. */
export async function moduleRandom(module: SecurityModule): Promise<Random> {
  let pool = await module.random(256);
  const fill = (target: Uint8Array) => {
    if (target.length > pool.length) throw new Error('the random bytes of this run are used up');
    target.set(pool.subarray(0, target.length));
    pool.fill(0, 0, target.length);
    pool = pool.subarray(target.length);
    return target;
  };
  return { fill, bytes: (length) => fill(new Uint8Array(length)) };
}

/**
 * The answer to a client's nonce: a framed document that attests `publicKey`.
 * @param userData what else the client shall be sure of, e.g. which service the connection leads to.
 * @throws Error when the nonce has another length than {@link NONCE_LENGTH}.
 */
export async function proveKey(
  module: SecurityModule,
  publicKey: Uint8Array,
  nonce: Uint8Array,
  userData?: Uint8Array,
): Promise<Uint8Array> {
  if (nonce.length !== NONCE_LENGTH)
    throw new Error(`a nonce has ${NONCE_LENGTH} bytes, not ${nonce.length}`);
  return frameDocument(await module.attest({ nonce, publicKey, ...(userData && { userData }) }));
}
