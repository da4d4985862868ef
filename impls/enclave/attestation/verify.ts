/**
 * Verifies AWS Nitro Enclaves attestation documents, and those of the emulator in `../nsm`, which have the same form
 * under another root. `README.md` lists every rule with its reason code.
 *
 * Everything fails closed: whatever the bytes, the answer is a {@link Verification}, and it is `accept` only when every rule
 * has been checked and holds. It does not ask for revocation lists: leaf certificates live three hours.
 */
import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { checkValidity, type SignatureCache, verifyChain, verifyEs384 } from './chain.ts';
import {
  type AttestationDocument,
  equalBytes,
  hex,
  type ParsedDocument,
  PROTECTED_ES384,
  parseDocument,
} from './document.ts';
import { type CheckedPolicy, checkPolicy, type Policy } from './policy.ts';
import { Refusal, type RefusalReason } from './refusal.ts';
import { recogniseWrapping } from './wrapping.ts';

export { SignatureCache } from './chain.ts';
export type { AttestationDocument } from './document.ts';
export { AWS_ROOT_G1, type Policy } from './policy.ts';
export type { RefusalReason } from './refusal.ts';

/** Only an accepted document is called `document`; what a refused one claims is called `unverified`. */
export type Verification =
  | {
      readonly verdict: 'accept';
      readonly document: AttestationDocument;
      readonly payloadMap: ParsedDocument['payloadMap'];
      /** Root first, leaf last. */
      readonly chain: readonly Certificate[];
      /** SHA-256 of the root certificate, lower-case hex. */
      readonly root: string;
      /** The time it was verified for, ms since 1970. */
      readonly at: number;
    }
  | {
      readonly verdict: 'refuse';
      readonly reason: RefusalReason;
      /** One sentence for a person. It may quote the document. */
      readonly detail: string;
      /** What the document claims, where it could be parsed. Nothing here may be relied on. */
      readonly unverified: AttestationDocument | null;
    };

/**
 * Verifies one document.
 *
 * Order: encoding, structure, chain, signature (is it genuine?), then times (is it current?), then nonce, debug mode,
 * PCRs, bound values (is it the one wanted?). The first rule that fails gives the reason.
 *
 * @param bytes the document, untagged COSE_Sign1, of any content whatsoever
 * @param cache give the same one to several calls to verify issuers' signatures once
 * @throws {TypeError} for a policy that is empty or malformed, and never because of the document
 */
export function verifyDocument(bytes: Uint8Array, policy: Policy, cache?: SignatureCache): Verification {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('"bytes" expected a Uint8Array.');
  const checked = checkPolicy(policy);
  let unverified: AttestationDocument | null = null;
  try {
    const wrapping = recogniseWrapping(bytes);
    if (wrapping) {
      throw new Refusal('not-binary', `This is ${wrapping.kind}, not the document's bytes: decode it first.`);
    }
    const parsed = parseDocument(bytes);
    unverified = parsed.document;
    return verifyParsed(parsed, checked, cache);
  } catch (error) {
    if (error instanceof Refusal) {
      return { verdict: 'refuse', reason: error.reason, detail: error.message, unverified };
    }
    const detail = `The verifier failed: ${error instanceof Error ? error.message : String(error)}.`;
    return { verdict: 'refuse', reason: 'internal-error', detail, unverified };
  }
}

function verifyParsed(parsed: ParsedDocument, policy: CheckedPolicy, cache?: SignatureCache): Verification {
  const { document, payloadMap, payload, signature } = parsed;
  const chain = verifyChain(document.cabundle, document.certificate, policy.roots, cache);
  const leaf = chain.at(-1)!;
  if (!verifyEs384(leaf, signatureStructure(payload), signature)) {
    throw new Refusal('document-signature', "The document is not signed by its leaf certificate's key.");
  }
  const at = policy.at ?? document.timestamp;
  checkValidity(chain, at, policy);
  checkTimestamp(document.timestamp, leaf, at, policy);
  checkExpectations(document, policy);
  const root = hex(createHash('sha256').update(chain[0]!.der).digest());
  return { verdict: 'accept', document, payloadMap, chain, root, at };
}

/** `Sig_structure` of RFC 9052 §4.4: ["Signature1", protected, external_aad = h'', payload], payload as received. */
export function signatureStructure(payload: Uint8Array, header: Uint8Array = PROTECTED_ES384): Uint8Array {
  return Buffer.concat([
    Buffer.from('846a5369676e617475726531', 'hex'),
    byteStringHead(header.length),
    header,
    byteStringHead(0),
    byteStringHead(payload.length),
    payload,
  ]);
}

/** Head of a CBOR byte string of less than 65536 bytes. */
function byteStringHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length);
  if (length < 256) return Uint8Array.of(0x58, length);
  return Uint8Array.of(0x59, length >> 8, length & 255);
}

function checkTimestamp(timestamp: number, leaf: Certificate, at: number, policy: CheckedPolicy): void {
  const made = new Date(timestamp).toISOString();
  // Conditions state what must hold, so that a NaN refuses.
  if (!(timestamp >= leaf.notBefore && timestamp <= leaf.notAfter)) {
    throw new Refusal(
      'timestamp-outside-certificate',
      `Its timestamp ${made} is outside its certificate's validity.`,
    );
  }
  if (!(timestamp <= at + policy.clockSkewMs)) {
    throw new Refusal(
      'timestamp-in-future',
      `Its timestamp ${made} is ${(timestamp - at) / 1000} s in the future; ${policy.clock} ${new Date(at).toISOString()}.`,
    );
  }
  if (policy.maxAgeMs !== null && !(at - timestamp <= policy.maxAgeMs)) {
    throw new Refusal(
      'document-too-old',
      `It is ${(at - timestamp) / 1000} s old; ${policy.maxAgeMs / 1000} s are allowed; ${policy.clock} ${new Date(at).toISOString()}.`,
    );
  }
}

function checkExpectations(document: AttestationDocument, policy: CheckedPolicy): void {
  if (policy.nonce && !(document.nonce && equalBytes(document.nonce, policy.nonce))) {
    throw new Refusal(
      'nonce-mismatch',
      `Its nonce is ${show(document.nonce)}, not the one that was asked for.`,
    );
  }
  // One zero register is enough to refuse: no measurement has the value zero.
  const zero = [0, 1, 2].filter((index) => document.pcrs.get(index)!.every((byte) => byte === 0));
  if (zero.length > 0 && !policy.allowDebug) {
    throw new Refusal('debug-mode', `PCR ${zero.join(', ')} is zero: the enclave ran in debug mode.`);
  }
  for (const [index, expected] of policy.pcrs) {
    const actual = document.pcrs.get(index) ?? null;
    if (!(actual && equalBytes(actual, expected))) {
      throw new Refusal('pcr-mismatch', `PCR ${index} is ${show(actual)}, expected ${hex(expected)}.`);
    }
  }
  if (policy.publicKey && !(document.publicKey && equalBytes(document.publicKey, policy.publicKey))) {
    throw new Refusal(
      'public-key-mismatch',
      `Its public_key is ${show(document.publicKey)}, not the expected one.`,
    );
  }
  if (policy.userData && !(document.userData && equalBytes(document.userData, policy.userData))) {
    throw new Refusal(
      'user-data-mismatch',
      `Its user_data is ${show(document.userData)}, not the expected one.`,
    );
  }
}

function show(value: Uint8Array | null): string {
  if (value === null) return 'absent';
  return value.length > 48 ? `${hex(value.subarray(0, 48))}…` : hex(value) || 'empty';
}
