/** Which claims are made of a setting, and where along a line of settings the order turns. */

import type { Kind } from '../../contract.ts';
import { type Contender, type Evidence, gather } from './decide.ts';

/** What a subject is compared with. */
export type Against = 'cryptography' | 'plain-enclave' | 'third-party' | 'open';

/** A claim and what is known of it; the verdict is `decide(evidence)`. */
export interface Claim {
  readonly subject: string;
  readonly impl: string;
  readonly kind: Kind;
  readonly against: Against;
  readonly evidence: Evidence;
}

/** What a claim compares with, in short; the claim is always that the subject is faster. */
export const RIVALS: Readonly<Record<Against, string>> = {
  cryptography: 'private cryptography',
  'plain-enclave': 'the plain enclave',
  'third-party': 'a third party',
  open: 'what is not private',
};

/** What a claim says of its subject. */
export const STATEMENTS: Readonly<Record<Against, string>> = {
  cryptography: 'is faster than the fastest private cryptography',
  'plain-enclave': 'is faster than the plain enclave',
  'third-party': 'is faster than a trusted third party',
  open: 'is faster than what is not private',
};

/**
 * All claims of one setting, which allow for the number of `decisions` of their kind on the machine: each enclave against private cryptography, against what is not private and
 * against a trusted third party; each further enclave against the plain one; and what is not private
 * against private cryptography. Claims without any rival in the record are left out, except the first
 * kind: that nothing was there to compare with is then what it says.
 */
export function claimsOf(
  contenders: readonly Contender[],
  decisions: Readonly<Partial<Record<Against, number>>> = {},
): Claim[] {
  // Rows of records come in shuffled order; claims do not.
  const sorted = contenders.toSorted((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  const of = (kind: Kind) => sorted.filter((contender) => contender.kind === kind);
  const claims: Claim[] = [];
  const claim = (subject: Contender, against: Against, rivals: readonly Contender[]) => {
    if (rivals.length === 0 && against !== 'cryptography') return;
    const { label, impl, kind } = subject;
    claims.push({
      subject: label,
      impl,
      kind,
      against,
      evidence: gather(subject, rivals, decisions[against]),
    });
  };
  const enclaves = of('enclave');
  for (const subject of enclaves) claim(subject, 'cryptography', of('cryptography'));
  for (const subject of of('open')) claim(subject, 'cryptography', of('cryptography'));
  const plain = enclaves.filter(({ impl }) => impl === 'enclave');
  for (const subject of enclaves) {
    if (subject.impl !== 'enclave') claim(subject, 'plain-enclave', plain);
  }
  for (const subject of enclaves) claim(subject, 'third-party', of('third-party'));
  for (const subject of enclaves) claim(subject, 'open', of('open'));
  return claims;
}

/** A setting along a line: its place (a size, a bandwidth) and the ratio found there. */
export interface Place {
  readonly at: number;
  /** Above 1 the subject is faster; null where there is none. */
  readonly ratio: number | null;
}

/** Between two neighbours the order changes. */
export interface Turn {
  readonly from: number;
  readonly to: number;
  /** Where a straight line through both, on logarithmic axes, crosses 1: an interpolation. */
  readonly about: number;
  readonly fasterAbove: 'subject' | 'rival';
}

/** The crossovers along `places`, which need not be sorted; places are positive. */
export function findTurns(places: readonly Place[]): Turn[] {
  const known = places
    .flatMap(({ at, ratio }) => (ratio === null ? [] : [{ at, ratio }]))
    .toSorted((a, b) => a.at - b.at);
  return known.slice(1).flatMap((right, i) => {
    const left = known[i]!;
    const [a, b] = [Math.log(left.ratio), Math.log(right.ratio)];
    if (a === 0 || a * b > 0 || left.at === right.at) return [];
    const share = a / (a - b);
    const about = Math.exp(Math.log(left.at) + share * (Math.log(right.at) - Math.log(left.at)));
    return [{ from: left.at, to: right.at, about, fasterAbove: b > 0 ? 'subject' : 'rival' }];
  });
}
