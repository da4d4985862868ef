/** Where the order would turn over bandwidth and round-trip time: modelled, and said to be. */

import { formatBps, formatMs, formatSize, significant } from '../format/numbers.ts';
import type { ChartData } from './charts/chart.ts';
import { modelledRatio, sidesOf } from './charts/modelled-ratio.ts';
import { nameOf, type Point } from './charts/point.ts';
import { findTurns } from './claims/list.ts';

/** The lines along which links are varied: a place on the other axis each. */
const RTTS = [0.2, 20, 100];
const BANDWIDTHS = [1e7, 1e8, 1e9];
const STEPS = 160;

export interface LinkTurn {
  readonly subject: string;
  readonly sizes: string;
  /** `bandwidth, at RTT 20 ms`. */
  readonly along: string;
  readonly finding: string;
  readonly error: string;
}

/** For every enclave and every balanced size with models: where the modelled ratio crosses 1. */
export function linkTurns(data: ChartData): LinkTurn[] {
  const balanced = data.points.filter((point) => point.receiverSize === point.senderSize);
  const bySize = [...Map.groupBy(balanced, (point) => `${point.dataset} ${point.receiverSize}`).values()];
  return bySize.flatMap((points) => {
    const { subjects, rivals } = sidesOf(points);
    return subjects.flatMap((subject) => turnsOf(subject, rivals, data.models));
  });
}

function turnsOf(subject: Point, rivals: readonly Point[], models: ChartData['models']): LinkTurn[] {
  const model = modelledRatio(subject, rivals, models, 1);
  if (model === null) return [];
  const row = (along: string, finding: string): LinkTurn => ({
    subject: nameOf(subject),
    sizes: formatSize(subject.receiverSize),
    along,
    finding,
    error: model.worstError === null ? 'unchecked' : `${significant(model.worstError * 100, 2)} %`,
  });
  const scan = (
    low: number,
    high: number,
    at: (place: number) => number,
    format: (place: number) => string,
  ) => {
    const places = Array.from({ length: STEPS + 1 }, (_, i) => low * (high / low) ** (i / STEPS));
    const turns = findTurns(places.map((place) => ({ at: place, ratio: at(place) })));
    if (turns.length === 0)
      return `no crossover: ${at(low) > 1 ? subject.label : 'cryptography'} is faster throughout`;
    return turns
      .map(
        ({ about, fasterAbove }) =>
          `at ${format(about)}: above it ${fasterAbove === 'subject' ? subject.label : 'cryptography'} is faster`,
      )
      .join('; ');
  };
  return [
    ...RTTS.map((rttMs) =>
      row(
        `1 Mbit/s to 10 Gbit/s, at RTT ${formatMs(rttMs)}`,
        scan(1e6, 1e10, (bandwidthBps) => model.ratio({ bandwidthBps, rttMs }), formatBps),
      ),
    ),
    ...BANDWIDTHS.map((bandwidthBps) =>
      row(
        `RTT 0.1 to 400 ms, at ${formatBps(bandwidthBps)}`,
        scan(0.1, 400, (rttMs) => model.ratio({ bandwidthBps, rttMs }), formatMs),
      ),
    ),
  ];
}
