/**
 * Which break-even maps a record gives: at the sizes at which the order turns somewhere between the slowest and
 * the fastest link of the map. Where there is none, a sentence says why.
 */

import { formatSize, significant } from '../../format/numbers.ts';
import type { Chart, ChartData, ChartView } from './chart.ts';
import { type BreakEvenOptions, breakEvenChart, LINKS } from './drawing/break-even.ts';
import { sizeNames } from './drawing/series.ts';
import { FEWEST_NETWORKS, modelledRatio, sidesOf } from './modelled-ratio.ts';
import { nameOf, type Point } from './point.ts';

/** Of one enclave: those whose maps are most evenly divided. */
const MOST_MAPS = 2;

interface Candidate {
  readonly subject: Point;
  readonly size: number;
  readonly ratio: BreakEvenOptions['ratio'];
  readonly worstError: number | null;
  /** Over how much of the map the subject is ahead, 0 to 1. */
  readonly ahead: number;
}

/** Every enclave at every balanced size that has models; those of `points`, which are of one data set. */
function candidatesOf(
  points: readonly Point[],
  { models }: ChartData,
  { slowdown = 1 }: ChartView,
): Candidate[] {
  return [...Map.groupBy(points, ({ receiverSize }) => receiverSize)].flatMap(([size, own]) => {
    const { subjects, rivals } = sidesOf(own);
    return subjects.flatMap((subject) => {
      const model = modelledRatio(subject, rivals, models, slowdown);
      if (model === null) return [];
      const ratio: BreakEvenOptions['ratio'] = (bandwidthBps, rttMs) => model.ratio({ bandwidthBps, rttMs });
      const wins = LINKS.filter(({ bandwidthBps, rttMs }) => ratio(bandwidthBps, rttMs) > 1);
      return [{ subject, size, ratio, worstError: model.worstError, ahead: wins.length / LINKS.length }];
    });
  });
}

const turns = ({ ahead }: Candidate) => ahead > 0 && ahead < 1;

/** The maps, by enclave and size. */
export function breakEvenMaps(points: readonly Point[], data: ChartData, view: ChartView): Chart[] {
  const bySubject = Map.groupBy(candidatesOf(points, data, view), ({ subject }) => subject.label);
  return [...bySubject.values()].flatMap((own) =>
    own
      .filter(turns)
      .toSorted((a, b) => Math.abs(a.ahead - 0.5) - Math.abs(b.ahead - 0.5) || a.size - b.size)
      .slice(0, MOST_MAPS)
      .toSorted((a, b) => a.size - b.size)
      .map((candidate) => mapOf(candidate, points, data, view)),
  );
}

/** Why an enclave has no map, a sentence each. */
export function missingMaps(points: readonly Point[], data: ChartData, view: ChartView): string[] {
  const candidates = candidatesOf(points, data, view);
  return sidesOf(points).subjects.flatMap((subject) => {
    const own = candidates.filter((candidate) => candidate.subject.label === subject.label);
    if (own.some(turns)) return [];
    const sizes = own.map(({ size }) => formatSize(size)).join(', ');
    if (own.length === 0)
      return [
        `No break-even map of ${nameOf(subject)}: at no size were it and all its rivals measured over the ` +
          `${FEWEST_NETWORKS} networks that the model needs.`,
      ];
    const [always, never] = [own.filter(({ ahead }) => ahead === 1), own.filter(({ ahead }) => ahead === 0)];
    const said = (some: readonly Candidate[], who: string) =>
      some.length === 0 ? [] : [`${who} at ${some.map(({ size }) => formatSize(size)).join(', ')}`];
    return [
      `No break-even map of ${nameOf(subject)}: at the sizes that have a model (${sizes}) the order turns over no link ` +
        `from 1 Mbit/s to 10 Gbit/s and 0.1 to 400 ms. Modelled to be faster throughout: ` +
        `${[...said(always, nameOf(subject)), ...said(never, 'cryptography')].join('; ')}.`,
    ];
  });
}

function mapOf(
  { subject, size, ratio, worstError }: Candidate,
  points: readonly Point[],
  { links }: ChartData,
  { slowdown = 1, width }: ChartView,
): Chart {
  const measured = Object.entries(links).flatMap(([name, link]) => {
    const here = points.filter((point) => point.network === name && point.receiverSize === size);
    const own = here.find((point) => point.label === subject.label);
    const theirs = sidesOf(here).rivals.map((point) => point.ms);
    if (link === null || link.rttMs <= 0 || own === undefined || theirs.length === 0) return [];
    return [{ name, ...link, ratio: Math.min(...theirs) / (own.ms * slowdown) }];
  });
  const corners = [1e6, 1e10].flatMap((bps) => [0.1, 400].map((rtt) => ratio(bps, rtt)));
  const [least, most] = [Math.min(...corners), Math.max(...corners)].map((value) => significant(value, 2));
  const where = measured.map((link) => `${link.name} ${significant(link.ratio)}`).join(', ');
  const checked =
    worstError === null
      ? 'nothing checks the model here'
      : `off by up to ${significant(worstError * 100, 2)} % at a measured network (rings) when that is held out`;
  const slowed = slowdown === 1 ? '' : `, slowed down ${significant(slowdown, 2)} ×`;
  const alt =
    `Modelled ratio of the fastest private cryptography's time to that of ${nameOf(subject)}${slowed} at ` +
    `${formatSize(size)} items per party: ${least} to ${most} times at the corners from ` +
    `1 Mbit/s to 10 Gbit/s and 0.1 to 400 ms.${where === '' ? '' : ` Measured: ${where}.`}`;
  const spec = breakEvenChart({
    ...(width !== undefined && { width }),
    title: `Break-even of ${nameOf(subject)}${slowed} at ${sizeNames([size])[size]} items per party`,
    subtitle: ["MODELLED: the fastest private cryptography's time over its time;", checked],
    alt,
    ratio,
    measured,
    subject: subject.label,
    rivals: 'cryptography',
  });
  return { id: `break-even-${subject.label}-${formatSize(size)}`, alt, spec };
}
