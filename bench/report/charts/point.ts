/** What charts are drawn from: one plain object per measured cell. */

import type { Section } from '../cell.ts';

/** CPU time in ms of each phase. */
export interface PhaseTimes {
  readonly setup: number;
  readonly prepare: number;
  readonly online: number;
}

export interface Point {
  readonly dataset: string;
  readonly network: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly impl: string;
  readonly label: string;
  readonly section: Section;
  /** Whether it is an enclave, simulated or not. */
  readonly isEnclave: boolean;
  readonly ms: number;
  readonly low: number;
  readonly high: number;
  /** Of all parties together. */
  readonly bytes: number;
  readonly flights: number;
  readonly peakBytes: number | null;
  readonly cpu: Readonly<Record<string, PhaseTimes>>;
  /** Of its sets of processes. */
  readonly medians: readonly number[];
}

/** A cell without a point, where its neighbours have one. */
export interface Missing
  extends Pick<Point, 'dataset' | 'network' | 'receiverSize' | 'senderSize' | 'label'> {
  readonly outcome: 'skipped' | 'unavailable' | 'failed' | 'not run';
}

/** What must be said of a row wherever it is drawn; '' for what is private by cryptography. */
export function caveatOf(section: Section): string {
  return {
    private: '',
    enclave: 'hardware trusted',
    simulated: 'simulated',
    'trusted-party': 'third party',
    'not-private': 'not private',
  }[section];
}

/** Whether a row is drawn apart from the private ones: dashed and hollow. */
export function isApart(section: Section): boolean {
  return section !== 'private';
}

/** The name in a chart, with its caveat. */
export function nameOf(point: Pick<Point, 'label' | 'section'>): string {
  const caveat = caveatOf(point.section);
  return caveat === '' ? point.label : `${point.label} (${caveat})`;
}
