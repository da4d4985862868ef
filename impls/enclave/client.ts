/** A client's side of the attestation: nothing about its items leaves it before {@link connectAttested} resolves. */
import type { Session } from '../../bench/contract.ts';
import { KEY_LENGTH } from '../primitives/secure-channel/hpke.ts';
import { Client } from '../primitives/third-party/client.ts';
import type { Agreement } from '../primitives/third-party/greeting.ts';
import type { RefusalReason } from './attestation/refusal.ts';
import { type Policy, verifyDocument } from './attestation/verify.ts';
import { FRAME_LENGTH, NONCE_LENGTH, unframeDocument } from './document-frame.ts';

/** What a client demands of every document besides its own nonce. PCRs and roots are not optional. */
export type Expectation = Pick<Policy, 'roots' | 'maxAgeSeconds' | 'at'> & Required<Pick<Policy, 'pcrs'>>;

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
 * Asks for an attestation with a fresh nonce, verifies it, and agrees on keys with the attested key.
 * @param expectation asked for once the document is there: an emulator may have to start first.
 * @throws AttestationError when the document is refused; then only the nonce has been sent.
 */
export async function connectAttested(
  session: Session,
  expectation: () => Expectation,
  agreement: Agreement,
): Promise<Client> {
  const host = session.channel('helper');
  const nonce = session.random.bytes(NONCE_LENGTH);
  const asked = performance.now();
  await host.send(nonce);
  const document = unframeDocument(await host.receive(FRAME_LENGTH));
  const answered = performance.now();
  const verdict = verifyDocument(document, { ...expectation(), nonce });
  session.step('attest', answered - asked);
  session.step('verify', performance.now() - answered);
  if (verdict.verdict === 'refuse') throw new AttestationError(verdict.reason, verdict.detail);
  const { publicKey } = verdict.document;
  if (publicKey?.length !== KEY_LENGTH) {
    throw new AttestationError('no-public-key', 'The document carries no X25519 public key.');
  }
  // The nonce in the key agreement's info binds the channel to this very attestation.
  return Client.connect(session, publicKey, nonce, agreement);
}
