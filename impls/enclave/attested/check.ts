/** At the client: what it demands of an enclave, and the key that it may trust once that holds. */
import { KEY_LENGTH } from '../../primitives/secure-channel/key-length.ts';
import type { RefusalReason } from '../attestation/refusal.ts';
import { type Policy, type SignatureCache, verifyDocument } from '../attestation/verify.ts';

/** What a client demands of every document besides its own nonce. PCRs and roots are not optional. */
export type Expectation = Pick<Policy, 'roots' | 'maxAgeSeconds' | 'at' | 'allowDebug'> &
  Required<Pick<Policy, 'pcrs'>>;

/** The enclave did not prove what it had to; `reason` is the verifier's stable code. */
export class AttestationError extends Error {
  override readonly name = 'AttestationError';
  readonly reason: RefusalReason | 'no-public-key';
  constructor(reason: AttestationError['reason'], detail: string) {
    super(`the enclave's attestation was refused (${reason}): ${detail} Nothing was sent to it but a nonce.`);
    this.reason = reason;
  }
}

/**
 * The X25519 public key that a document attests.
 * @param bound the nonce that was sent, and the `user_data` that is due, if any.
 * @throws AttestationError when the document is refused, or carries no key.
 */
export function attestedKey(
  document: Uint8Array,
  expectation: Expectation,
  bound: Required<Pick<Policy, 'nonce'>> & Pick<Policy, 'userData'>,
  cache?: SignatureCache,
): Uint8Array {
  const verdict = verifyDocument(document, { ...expectation, ...bound }, cache);
  if (verdict.verdict === 'refuse') throw new AttestationError(verdict.reason, verdict.detail);
  const { publicKey } = verdict.document;
  if (publicKey?.length !== KEY_LENGTH) {
    throw new AttestationError('no-public-key', 'The document carries no X25519 public key.');
  }
  return publicKey;
}
