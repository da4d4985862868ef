import { createHash, verify } from 'node:crypto';
import { type Certificate, parseCertificate } from './certificate.ts';
import { equalBytes, hex } from './document.ts';
import type { CheckedPolicy } from './policy.ts';
import { Refusal } from './refusal.ts';

/**
 * Remembers which certificate signatures were good, so that the same certificate under the same key is computed
 * once. The entry is the SHA-256 of the issuer's point and the whole certificate, and only good signatures are
 * entered, so a hit means exactly what the computation would: whether a signature is good depends on these bytes
 * alone. Validity, names and all other rules are checked anew every time.
 */
export class SignatureCache {
  readonly #good = new Set<string>();
  readonly #capacity: number;

  constructor(capacity = 256) {
    this.#capacity = capacity;
  }

  /** `check()`, or true without calling it when it is known to be true for these bytes. */
  verified(point: Uint8Array, certificate: Uint8Array, check: () => boolean): boolean {
    const key = createHash('sha256').update(point).update(certificate).digest('base64');
    if (this.#good.has(key)) return true;
    if (!check()) return false;
    if (this.#good.size >= this.#capacity) this.#good.delete(this.#good.values().next().value!);
    this.#good.add(key);
    return true;
  }
}

/**
 * Checks everything about a chain that does not depend on the time: the root is pinned, each certificate is well
 * formed, names its predecessor as issuer and is signed by it; issuers may issue, and so far down; the leaf may sign
 * and may not issue.
 *
 * @param cabundle issuers, root first, at least one
 * @param roots SHA-256 fingerprints of the pinned roots, lower-case hex
 * @returns the chain, root first, leaf last
 * @throws {Refusal}
 */
export function verifyChain(
  cabundle: readonly Uint8Array[],
  leaf: Uint8Array,
  roots: ReadonlySet<string>,
  cache?: SignatureCache,
): Certificate[] {
  // The root stands first. Taking it from the other end, or any certificate that matches, would let a chain that
  // merely contains the root pass.
  const fingerprint = hex(createHash('sha256').update(cabundle[0]!).digest());
  if (!roots.has(fingerprint)) {
    throw new Refusal('root-not-pinned', `The chain's root ${fingerprint} is none of the pinned roots.`);
  }
  const last = cabundle.length;
  const chain = [...cabundle, leaf].map((der, i) =>
    parseCertificate(der, i === last ? 'the leaf certificate' : `certificate ${i}`),
  );
  chain.forEach((certificate, i) => {
    const issuer = chain[Math.max(i - 1, 0)]!;
    if (!equalBytes(certificate.issuer, issuer.subject)) {
      throw new Refusal(
        'issuer-name',
        `${capital(certificate.name)} does not name ${issuer.name} as its issuer.`,
      );
    }
    if (i < last) checkIssuer(certificate, last - 1 - i);
    else checkLeaf(certificate);
  });
  chain.forEach((certificate, i) => {
    const issuer = chain[Math.max(i - 1, 0)]!;
    const check = () => verifyEs384(issuer, certificate.tbs, certificate.signature);
    if (!(cache ? cache.verified(issuer.point, certificate.der, check) : check())) {
      throw new Refusal(
        'certificate-signature',
        `${capital(certificate.name)} is not signed by ${issuer.name}.`,
      );
    }
  });
  return chain;
}

/** `below`: how many issuers stand between this one and the leaf. */
function checkIssuer(issuer: Certificate, below: number): void {
  const name = capital(issuer.name);
  if (!issuer.isCa) throw new Refusal('issuer-not-ca', `${name} issued another, but is no CA.`);
  if (!issuer.keyUsage?.keyCertSign) {
    throw new Refusal('issuer-key-usage', `${name} issued another, but its key usage lacks keyCertSign.`);
  }
  if (issuer.pathLength !== null && issuer.pathLength < below) {
    throw new Refusal(
      'issuer-path-length',
      `${name} allows ${issuer.pathLength} issuers below it, but ${below} follow.`,
    );
  }
}

function checkLeaf(leaf: Certificate): void {
  if (leaf.isCa || leaf.keyUsage?.keyCertSign)
    throw new Refusal('leaf-is-ca', 'The leaf certificate is a CA.');
  if (!leaf.keyUsage?.digitalSignature) {
    throw new Refusal('leaf-key-usage', "The leaf certificate's key usage lacks digitalSignature.");
  }
}

/**
 * Refuses unless every certificate is valid at `at` (ms since 1970; not NaN), give or take `skewMs`.
 * @param clock says in a refusal where `at` comes from
 */
export function checkValidity(
  chain: readonly Certificate[],
  at: number,
  { clockSkewMs: skewMs, clock }: Pick<CheckedPolicy, 'clockSkewMs' | 'clock'>,
): void {
  const now = () => `${clock} ${new Date(at).toISOString()}`;
  for (const certificate of chain) {
    // Written so that a NaN on either side refuses.
    if (!(at + skewMs >= certificate.notBefore)) {
      const from = new Date(certificate.notBefore).toISOString();
      throw new Refusal(
        'certificate-not-yet-valid',
        `${capital(certificate.name)} is valid from ${from} only; ${now()}.`,
      );
    }
    if (!(at - skewMs <= certificate.notAfter)) {
      const until = new Date(certificate.notAfter).toISOString();
      throw new Refusal(
        'certificate-expired',
        `${capital(certificate.name)} was valid until ${until}; ${now()}.`,
      );
    }
  }
}

/** ECDSA on P-384 with SHA-384 under a certificate's key; `signature` is r ‖ s. */
export function verifyEs384(signer: Certificate, message: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha384', message, { key: signer.publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

function capital(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}
