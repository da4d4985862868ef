/** What charts are made from, and what they are. */

import type { Link } from '../../network/link.ts';
import type { Model } from '../../network/model.ts';
import type { Missing, Point } from './point.ts';

export interface ChartData {
  readonly points: readonly Point[];
  /** Cells of balanced and other sets that have no point: skipped, unavailable, or with failed runs. */
  readonly missing: readonly Missing[];
  /** What each network is: as calibrated where that is known. Null for the bare loopback. */
  readonly links: Readonly<Record<string, Link | null>>;
  /** One per implementation and pair of sets, by `modelKey`. */
  readonly models: Readonly<Record<string, Model>>;
}

export interface Chart {
  /** Name of its file, without ending. */
  readonly id: string;
  /** The finding, in words; also what a screen reader says. */
  readonly alt: string;
  readonly spec: object;
}

export interface ChartView {
  readonly log?: boolean;
  readonly width?: number;
  /** Multiplies the time of enclaves in the break-even map. */
  readonly slowdown?: number;
}
