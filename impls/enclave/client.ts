/** A client's side of the attestation: nothing about its items leaves it before {@link connectAttested} resolves. */
import type { Session } from '../../bench/contract.ts';
import { Client } from '../primitives/third-party/client.ts';
import type { Agreement } from '../primitives/third-party/greeting.ts';
import { attestedKey, type Expectation } from './attested/check.ts';
import { FRAME_LENGTH, NONCE_LENGTH, unframeDocument } from './document-frame.ts';

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
  session.step('attest', answered - asked);
  const publicKey = attestedKey(document, expectation(), { nonce });
  session.step('verify', performance.now() - answered);
  // The nonce in the key agreement's info binds the channel to this very attestation.
  return Client.connect(session, publicKey, nonce, agreement);
}
