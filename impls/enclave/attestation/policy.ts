import { hex, MAX_PCRS, PCR_BYTES } from './document.ts';

/** SHA-256 of AWS's Nitro Enclaves root certificate G1, valid until 2049-10-28. */
export const AWS_ROOT_G1 = '641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b';

/**
 * What a caller demands of a document. A rule that is given must hold: one given as `undefined` or empty is an
 * error of the caller's, not a rule that everything passes.
 */
export interface Policy {
  /** SHA-256 fingerprints of the roots to trust, in hex, with or without colons. At least one. */
  readonly roots: readonly string[];
  /**
   * The time of the verification: a Date, ms since 1970, or 'document' for the document's own timestamp (a look at
   * old documents: it says nothing about freshness). Default: now.
   */
  readonly at?: Date | number | 'document' | undefined;
  /** How old a document may be, in seconds. Default: as old as its leaf certificate lives, three hours. */
  readonly maxAgeSeconds?: number;
  /**
   * How far `at` may be off, in seconds: its timestamp may be so far ahead, and `at` so far outside the
   * certificates' validity. Default 60. Genuine leaves are backdated by no more than three seconds, so a clock
   * that is a little slow would refuse fresh documents.
   */
  readonly clockSkewSeconds?: number;
  /** The nonce that the document must carry: fresh for every document, not empty. */
  readonly nonce?: Uint8Array;
  /** Values of PCRs by index, 48 bytes or 96 hex digits. A PCR that the document lacks is a mismatch. */
  readonly pcrs?: Readonly<Record<number, Uint8Array | string>>;
  /** Whether to accept enclaves in debug mode, whose host reads everything and whose PCRs 0, 1, 2 are zero. */
  readonly allowDebug?: boolean;
  /** The value that `public_key` must have, not empty. */
  readonly publicKey?: Uint8Array;
  /** The value that `user_data` must have, not empty. */
  readonly userData?: Uint8Array;
}

/** A policy checked and made uniform. */
export interface CheckedPolicy {
  readonly roots: ReadonlySet<string>;
  /** ms since 1970; `null` = the document's own timestamp. */
  readonly at: number | null;
  /** Where `at` comes from, for refusals: "this machine's clock says". */
  readonly clock: string;
  /** `null`: no limit but the leaf certificate's. */
  readonly maxAgeMs: number | null;
  readonly clockSkewMs: number;
  readonly nonce: Uint8Array | null;
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  readonly allowDebug: boolean;
  readonly publicKey: Uint8Array | null;
  readonly userData: Uint8Array | null;
}

const DEFAULT_CLOCK_SKEW_SECONDS = 60;
const KNOWN = new Set([
  'roots',
  'at',
  'maxAgeSeconds',
  'clockSkewSeconds',
  'nonce',
  'pcrs',
  'allowDebug',
  'publicKey',
  'userData',
]);

/** @throws {TypeError} naming the rule that is empty, malformed or unknown. */
export function checkPolicy(policy: Policy): CheckedPolicy {
  for (const [key, value] of Object.entries(policy)) {
    if (!KNOWN.has(key)) throw new TypeError(`"policy.${key}" is no rule.`);
    if (value === undefined && key !== 'at') {
      throw new TypeError(`"policy.${key}" is undefined: leave it out, or say what you expect.`);
    }
  }
  if (policy.allowDebug !== undefined && typeof policy.allowDebug !== 'boolean') {
    throw new TypeError('"policy.allowDebug" expected true or false.');
  }
  return {
    roots: checkRoots(policy.roots),
    at: checkTime(policy.at),
    clock: policy.at === undefined ? "this machine's clock says" : 'the time to verify for is',
    maxAgeMs: policy.maxAgeSeconds === undefined ? null : milliseconds(policy.maxAgeSeconds, 'maxAgeSeconds'),
    clockSkewMs: milliseconds(policy.clockSkewSeconds ?? DEFAULT_CLOCK_SKEW_SECONDS, 'clockSkewSeconds'),
    nonce: checkBytes(policy.nonce, 'nonce'),
    pcrs: checkPcrs(policy.pcrs),
    allowDebug: policy.allowDebug ?? false,
    publicKey: checkBytes(policy.publicKey, 'publicKey'),
    userData: checkBytes(policy.userData, 'userData'),
  };
}

/** A SHA-256 fingerprint as 64 lower-case hex digits. @throws {TypeError} */
export function normalizeFingerprint(fingerprint: string): string {
  const digits = String(fingerprint).replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) {
    throw new TypeError(
      `A root's fingerprint is a SHA-256 in hex, 64 digits, not ${JSON.stringify(fingerprint)}.`,
    );
  }
  return digits;
}

function checkRoots(roots: readonly string[]): Set<string> {
  if (!Array.isArray(roots) || roots.length === 0) {
    throw new TypeError('"policy.roots" expected at least one fingerprint, for example AWS_ROOT_G1.');
  }
  return new Set(roots.map(normalizeFingerprint));
}

function checkTime(at: Policy['at']): number | null {
  if (at === 'document') return null;
  const time = at === undefined ? Date.now() : at instanceof Date ? at.getTime() : at;
  // NaN would make every comparison false.
  if (typeof time !== 'number' || Number.isNaN(new Date(time).getTime())) {
    throw new TypeError('"policy.at" expected a valid Date, ms since 1970, or \'document\'.');
  }
  return time;
}

function milliseconds(seconds: number, name: string): number {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
    throw new TypeError(`"policy.${name}" expected a number of seconds, 0 or more.`);
  }
  return seconds * 1000;
}

function checkBytes(value: Uint8Array | undefined, name: string): Uint8Array | null {
  if (value === undefined) return null;
  if (!(value instanceof Uint8Array) || value.length === 0) {
    throw new TypeError(`"policy.${name}" expected a Uint8Array that is not empty.`);
  }
  return value;
}

function checkPcrs(pcrs: Policy['pcrs']): Map<number, Uint8Array> {
  const checked = new Map<number, Uint8Array>();
  if (pcrs === undefined) return checked;
  const entries = Object.entries(pcrs);
  if (entries.length === 0)
    throw new TypeError('"policy.pcrs" is empty: leave it out, or pin at least one PCR.');
  for (const [key, value] of entries) {
    const index = Number(key);
    if (!/^\d+$/.test(key) || index >= MAX_PCRS)
      throw new TypeError(`"policy.pcrs" has no PCR ${key}: 0 to 31.`);
    const digits = value instanceof Uint8Array ? hex(value) : String(value).toLowerCase();
    if (!/^[0-9a-f]*$/.test(digits) || digits.length !== 2 * PCR_BYTES) {
      throw new TypeError(`"policy.pcrs[${key}]" expected 48 bytes, or 96 hex digits.`);
    }
    checked.set(index, Buffer.from(digits, 'hex'));
  }
  return checked;
}
