/** What the page carries of the records: plain JSON. */

import type { Mode } from '../../record/samples.ts';
import type { ChartData } from '../charts/chart.ts';
import type { ClaimRow } from '../claims/text.ts';

/** A part of the report: one output in one mode on one machine. */
export interface PageMachine {
  readonly name: string;
  /** Index of its machine in {@link PageData.hosts}. */
  readonly host: number;
  readonly output: string;
  readonly mode: Mode;
  readonly charts: ChartData;
  readonly claims: readonly ClaimRow[];
}

/** A machine: its name, and what it is, in words. */
export interface PageHost {
  readonly name: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export interface PageData {
  readonly runs: readonly string[];
  readonly hosts: readonly PageHost[];
  readonly machines: readonly PageMachine[];
}
