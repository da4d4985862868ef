/** The figures that can be compared, all of which are better when they are less. */

import { UsageError } from '../errors.ts';
import type { OkSample } from '../record/samples.ts';
import { nearest } from '../words.ts';

export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly unit: 'ms' | 'bytes' | 'messages' | 'flights';
  /** The same in every run of a cell: compared without tolerance, on whatever machine. */
  readonly exact: boolean;
  /** Null where it was not measured. */
  of(sample: OkSample): number | null;
}

const sum = (...parts: readonly (number | null)[]) => parts.reduce<number>((a, b) => a + (b ?? 0), 0);

export const METRICS: readonly Metric[] = [
  { name: 'wall', title: 'time', unit: 'ms', exact: false, of: ({ wallMs }) => wallMs },
  {
    name: 'cpu',
    title: 'CPU time of all parties',
    unit: 'ms',
    exact: false,
    of: (sample) => sum(sample.receiverCpuMs, sample.senderCpuMs, sample.helperCpuMs),
  },
  { name: 'online', title: 'time of phase online', unit: 'ms', exact: false, of: ({ onlineMs }) => onlineMs },
  {
    name: 'memory',
    title: "the largest party's peak memory",
    unit: 'bytes',
    exact: false,
    of({ receiverPeakBytes, senderPeakBytes, helperPeakBytes }) {
      if (receiverPeakBytes === null || senderPeakBytes === null) return null;
      return Math.max(receiverPeakBytes, senderPeakBytes, helperPeakBytes ?? 0);
    },
  },
  {
    name: 'bytes',
    title: 'bytes sent by all parties',
    unit: 'bytes',
    exact: true,
    of: (sample) => sum(sample.receiverSentBytes, sample.senderSentBytes, sample.helperSentBytes),
  },
  { name: 'messages', title: 'messages', unit: 'messages', exact: true, of: ({ messages }) => messages },
  { name: 'flights', title: 'flights', unit: 'flights', exact: true, of: ({ flights }) => flights },
];

export const EXACT_METRICS: readonly Metric[] = METRICS.filter(({ exact }) => exact);

/** @throws UsageError naming the nearest known */
export function metricNamed(name: string): Metric {
  const names = METRICS.map((metric) => metric.name);
  const found = METRICS.find((metric) => metric.name === name);
  if (found) return found;
  const guess = nearest(name, names);
  throw new UsageError(
    `--metric ${name} is unknown${guess ? `: did you mean ${guess}?` : ''} There are ${names.join(', ')}`,
  );
}
