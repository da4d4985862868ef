import { createHash, X509Certificate } from 'node:crypto';
import { parseCertificate } from './certificate.ts';
import { type AttestationDocument, hex, type ParsedDocument } from './document.ts';
import { AWS_ROOT_G1 } from './policy.ts';

/**
 * A document's fields for `--json`, in snake case as in the document itself, byte strings in hex; all `null` where it
 * could not be parsed. Of a refused document these are claims.
 */
export function documentFields(document: AttestationDocument | null): Record<string, unknown> {
  return {
    module_id: document?.moduleId ?? null,
    timestamp: document ? new Date(document.timestamp).toISOString() : null,
    timestamp_ms: document?.timestamp ?? null,
    root: document ? fingerprint(document.cabundle[0]!) : null,
    pcrs: document
      ? Object.fromEntries([...document.pcrs].map(([index, value]) => [index, hex(value)]))
      : null,
    public_key: document?.publicKey ? hex(document.publicKey) : null,
    user_data: document?.userData ? hex(document.userData) : null,
    nonce: document?.nonce ? hex(document.nonce) : null,
  };
}

/** A parsed document for a person, many lines. It says that nothing has been verified. */
export function describeDocument(parsed: ParsedDocument): string {
  const { document, payloadMap, payload, signature } = parsed;
  const zero = [...document.pcrs]
    .filter(([, value]) => value.every((byte) => byte === 0))
    .map(([index]) => index);
  const lines = [
    'Attestation document, not verified (see "bench attest verify")',
    '',
    'header     COSE_Sign1, untagged, ES384 (algorithm -35)',
    `payload    ${payload.length} bytes, map of ${payloadMap} length`,
    `signature  ${hex(signature.subarray(0, 16))}… (${signature.length} bytes)`,
    `module     ${printable(document.moduleId)}`,
    `made at    ${new Date(document.timestamp).toISOString()}`,
    '',
    ...[...document.pcrs]
      .filter(([index]) => !zero.includes(index))
      .map(([index, value]) => `${`PCR ${index}`.padEnd(11)}${hex(value)}`),
    `zero PCRs  ${zero.join(', ') || 'none'}`,
    ...(zero.includes(0) ? ['           PCR 0 is zero: the enclave ran in debug mode'] : []),
    '',
    ...(['publicKey', 'userData', 'nonce'] as const).map((field) => {
      const name = { publicKey: 'public_key', userData: 'user_data', nonce: 'nonce' }[field];
      const value = document[field];
      return `${name.padEnd(11)}${value === null ? 'null' : `${hex(value)} (${value.length} bytes)`}`;
    }),
    '',
    `root       SHA-256 ${fingerprint(document.cabundle[0]!)}${rootName(document)}`,
    ...[...document.cabundle, document.certificate].flatMap((der, i, all) =>
      describeCertificate(der, i === all.length - 1 ? 'leaf' : `issuer ${i}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function describeCertificate(der: Uint8Array, name: string): string[] {
  try {
    const { notBefore, notAfter } = parseCertificate(der, name);
    const subject = new X509Certificate(der).subject.split('\n').join(', ');
    return [
      `${name.padEnd(11)}${printable(subject)}`,
      `           ${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()}`,
    ];
  } catch (error) {
    return [
      `${name.padEnd(11)}unreadable: ${error instanceof Error ? printable(error.message) : 'unknown error'}`,
    ];
  }
}

function rootName(document: AttestationDocument): string {
  return fingerprint(document.cabundle[0]!) === AWS_ROOT_G1 ? ' (AWS Nitro Enclaves root G1)' : '';
}

function fingerprint(der: Uint8Array): string {
  return hex(createHash('sha256').update(der).digest());
}

/** Text from a document, safe for a terminal: control and format characters are escaped. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
