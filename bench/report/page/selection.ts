/** What the reader has chosen, and what of the data that leaves. */

import type { ChartData } from '../charts/chart.ts';
import type { ClaimRow } from '../claims/text.ts';
import type { PageMachine } from './data.ts';

export interface Selection {
  /** The part that is shown. */
  readonly machine: number;
  /** The machine that is set beside that of the part; null for none. */
  readonly other: number | null;
  readonly sizes: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  readonly impls: ReadonlySet<string>;
  readonly slowdown: number;
  readonly log: boolean;
}

/** A pair of set sizes as one choice. */
export function sizeKey({ receiverSize, senderSize }: { receiverSize: number; senderSize: number }): string {
  return `${receiverSize}×${senderSize}`;
}

export function selectCharts({ charts }: PageMachine, { sizes, networks, impls }: Selection): ChartData {
  const points = charts.points.filter(
    (point) => sizes.has(sizeKey(point)) && networks.has(point.network) && impls.has(point.label),
  );
  return { ...charts, points };
}

/**
 * The claims about what is chosen. Rivals that are not chosen stay: a claim is about all that was measured,
 * and a verdict must not turn because somebody hid a line.
 */
export function selectClaims({ claims }: PageMachine, { sizes, networks, impls }: Selection): ClaimRow[] {
  return claims.filter(
    (row) => sizes.has(sizeKey(row)) && networks.has(row.network) && impls.has(row.claim.subject),
  );
}

/** Enclaves alone are slowed down; an enclave compared with another is slowed down as much as that. */
export function slowdownOf({ claim }: ClaimRow, slowdown: number): number {
  return claim.kind === 'enclave' && claim.against !== 'plain-enclave' ? slowdown : 1;
}

/** The slider is logarithmic: 0 … 100 for factors 1 … 100. */
export function factorOf(position: number): number {
  return Number((10 ** (position / 50)).toPrecision(3));
}

export function positionOf(factor: number): number {
  return 50 * Math.log10(factor);
}
