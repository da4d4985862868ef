/**
 * What `bench ab` and the measuring process of a revision say to each other: one JSON object per line, a
 * question on stdin, its answer on stdout. The process is `bench serve-pairs <flags of bench run>` of the
 * revision's own command line, so that this, and the flags, are all that two revisions must agree on.
 * Change it only together with its version.
 */
export const PAIR_PROTOCOL = 1;

/** Said first, without being asked. */
export interface Hello {
  readonly benchPairs: number;
}

export type Question =
  | { readonly do: 'cells' }
  /** Starts the processes of a cell and warms them. */
  | { readonly do: 'open'; readonly cell: string }
  /** Plays the open cell so many times, in a row. */
  | { readonly do: 'measure'; readonly runs: number }
  /** Ends the processes. */
  | { readonly do: 'close' };

export interface ServedCell {
  readonly cell: string;
  /** Null, or why it is not measured: `skipped` or `unavailable`. */
  readonly obstacle: { readonly outcome: string; readonly reason: string } | null;
}

/** Sums over the runs, and what is the same in each. */
export interface Measurement {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly bytes: number;
  readonly messages: number;
  readonly flights: number;
}

export type Answer =
  | { readonly cells: readonly ServedCell[] }
  /** CPU time of the last warm-up run. */
  | { readonly opened: { readonly cpuMs: number } }
  | { readonly measured: Measurement }
  | { readonly closed: true }
  | { readonly failure: { readonly outcome: string; readonly reason: string } };
