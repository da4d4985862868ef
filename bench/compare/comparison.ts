/** What a comparison found: made by `compareRecords` and by `bench ab`, printed by `formats.ts`. */
import type { Verdict } from './verdict.ts';

/** What one run cost, all parties together. */
export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Both sides' costs, taken in turns. */
export interface Pair {
  readonly base: Cost;
  readonly head: Cost;
}

/** The ratio head / base. */
export interface RatioFound {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Confidence of the interval, 0 to 1. */
  readonly coverage: number;
}

/** One figure of one cell on both sides. */
export interface Finding {
  readonly metric: string;
  readonly unit: string;
  readonly exact: boolean;
  readonly base: number;
  readonly head: number;
  /** How many runs, or pairs, the figures rest on. */
  readonly n: { readonly base: number; readonly head: number };
  /** Null for exact figures. */
  readonly ratio: RatioFound | null;
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface CellComparison {
  readonly cell: string;
  readonly verdict: Verdict;
  /** Why, in a few words; '' when the figures say it all. */
  readonly reason: string;
  /** The side that alone has the cell, where nothing is wrong with it there. */
  readonly onlyIn?: 'base' | 'head';
  /** The first is the headline. Empty where nothing could be compared. */
  readonly findings: readonly Finding[];
  /** Of revisions: every pair, in order, confirmation included. For the JSON view. */
  readonly pairs?: readonly Pair[];
}

/** One side: what was compared. */
export interface Side {
  readonly name: string;
  readonly commit: string | null;
}

export interface Comparison {
  readonly kind: 'records' | 'revisions';
  readonly base: Side;
  readonly head: Side;
  readonly metric: string;
  /** The relative change that counts. */
  readonly threshold: number;
  readonly cells: readonly CellComparison[];
  readonly warnings: readonly string[];
}
