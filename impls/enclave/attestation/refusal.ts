/**
 * Why a document is refused: a closed list of stable codes. `README.md` beside this file says for each which rule
 * it stands for and which attack or mistake it stops. Codes are part of the interface (`--json` prints them): add,
 * never rename.
 */
export const REFUSAL_REASONS = [
  // Encoding (RFC 8949), of the outer structure and of the payload.
  'not-binary',
  'too-large',
  'cbor-malformed',
  'cbor-tag',
  'cbor-indefinite',
  'cbor-non-minimal',
  'cbor-utf8',
  'cbor-duplicate-key',
  'trailing-bytes',
  'wrong-type',
  // COSE_Sign1 (RFC 9052).
  'cose-structure',
  'algorithm-not-es384',
  'unprotected-header',
  'signature-length',
  // Payload.
  'nitrotpm-document',
  'unknown-field',
  'missing-field',
  'field-length',
  'digest-not-sha384',
  'timestamp-invalid',
  'pcr-index',
  'pcr-length',
  'pcrs-incomplete',
  // Certificates, one by one (RFC 5280).
  'certificate-malformed',
  'certificate-version',
  'certificate-algorithm',
  'certificate-date',
  'certificate-key-not-p384',
  'certificate-key-invalid',
  'certificate-extension',
  // The chain.
  'root-not-pinned',
  'chain-length',
  'issuer-name',
  'issuer-not-ca',
  'issuer-path-length',
  'issuer-key-usage',
  'leaf-is-ca',
  'leaf-key-usage',
  'certificate-signature',
  // The document's own signature.
  'document-signature',
  // Time.
  'certificate-not-yet-valid',
  'certificate-expired',
  'timestamp-outside-certificate',
  'timestamp-in-future',
  'document-too-old',
  // What the caller expects.
  'nonce-mismatch',
  'debug-mode',
  'pcr-mismatch',
  'public-key-mismatch',
  'user-data-mismatch',
  // A fault of the verifier itself. No known document causes it; it exists so that such a fault refuses.
  'internal-error',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Thrown inside the verifier only; `verifyDocument` turns it into a verdict. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.name = 'Refusal';
    this.reason = reason;
  }
}
