/** Which charts a report has, from plain data: the same list serves the files and the page. */

import { formatBps, formatBytes, formatMs, formatSize, significant } from '../../format/numbers.ts';
import type { Link } from '../../network/index.ts';
import type { Model } from '../../network/model.ts';
import { PUBLISHED_ENCLAVES } from '../published.ts';
import { type BreakEvenOptions, breakEvenChart } from './break-even.ts';
import { modelledRatio, sidesOf } from './modelled-ratio.ts';
import { phasesChart } from './phases.ts';
import { nameOf, type Point } from './point.ts';
import { ratioChart } from './ratio.ts';
import { seriesChart, sizeNames } from './series.ts';
import { paretoFrontier, trafficChart } from './traffic.ts';

export interface ChartData {
  readonly points: readonly Point[];
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

/** All charts that the data are enough for, in the order in which a report shows them. */
export function listCharts(data: ChartData, view: ChartView = {}): Chart[] {
  const datasets = [...new Set(data.points.map((point) => point.dataset))];
  return datasets.flatMap((dataset) => {
    const points = data.points.filter((point) => point.dataset === dataset);
    const suffix = datasets.length === 1 ? '' : `-${dataset}`;
    return chartsOf(points, data, view).map((chart) => ({ ...chart, id: slug(chart.id + suffix) }));
  });
}

function chartsOf(points: readonly Point[], data: ChartData, view: ChartView): Chart[] {
  const networks = [...new Set(points.map((point) => point.network))];
  const balanced = points.filter((point) => point.receiverSize === point.senderSize && point.senderSize > 0);
  const charts: Chart[] = ratioCharts(balanced, data, view);
  for (const network of networks) {
    const own = balanced.filter((point) => point.network === network);
    if (own.length > 0) charts.push(timeChart(own, network, view));
  }
  for (const network of networks) {
    // Whoever sends nothing has no place on a logarithmic axis.
    const focus = focusOf(balanced.filter((point) => point.network === network)).filter(
      ({ bytes }) => bytes > 0,
    );
    if (focus.length > 1) charts.push(trafficOf(focus, network, view));
  }
  const size = focusOf(balanced)[0]?.receiverSize;
  if (size !== undefined) {
    const atSize = balanced.filter((point) => point.receiverSize === size);
    charts.push(...breakEvenMaps(atSize, data, view));
    const first = focusOf(atSize.filter((point) => point.network === atSize[0]!.network));
    charts.push(phasesOf(first, view));
  }
  const memory = balanced.filter((point) => point.peakBytes !== null && point.network === networks[0]);
  if (memory.length > 0) charts.push(memoryChart(memory, view));
  const unbalanced = unbalancedChart(
    points.filter((point) => point.receiverSize > 0 && point.senderSize > 0),
    view,
  );
  if (unbalanced !== null) charts.push(unbalanced);
  return charts;
}

/** The points of the size that most implementations reach; of several such, the largest. */
function focusOf(points: readonly Point[]): Point[] {
  const bySize = [...Map.groupBy(points, (point) => point.receiverSize).values()];
  const reach = (own: readonly Point[]) => new Set(own.map((point) => point.label)).size;
  return (
    bySize.toSorted((a, b) => reach(b) - reach(a) || b[0]!.receiverSize - a[0]!.receiverSize).at(0) ?? []
  );
}

const sizeText = (size: number) => sizeNames([size])[size]!;

/** `a 1 ms, b 2 ms`, the least first. */
function ranking(
  points: readonly Point[],
  value: (point: Point) => number,
  format: (value: number) => string,
): string {
  return points
    .toSorted((a, b) => value(a) - value(b))
    .map((point) => `${nameOf(point)} ${format(value(point))}`)
    .join(', ');
}

function onNetwork(network: string): string {
  return network === 'none' ? 'loopback, no network' : `network ${network}`;
}

const LEGEND = 'dashed and hollow: simulated, or not private by cryptography';

function timeChart(points: readonly Point[], network: string, view: ChartView): Chart {
  const focus = focusOf(points);
  const size = focus[0]!.receiverSize;
  return {
    id: `time-${network}`,
    alt: `Total time against set size, ${onNetwork(network)}. At ${formatSize(size)} items per party: ${ranking(focus, (point) => point.ms, formatMs)}.`,
    spec: seriesChart(points, {
      ...view,
      title: `Total time, ${onNetwork(network)}`,
      subtitle: `median and 95 % interval; ${LEGEND}`,
      alt: `Total time against set size, ${onNetwork(network)}. At ${formatSize(size)} items per party: ${ranking(focus, (point) => point.ms, formatMs)}.`,
      x: (point) => point.receiverSize,
      xTitle: 'items per party',
      y: (point) => point.ms,
      yTitle: 'time, all phases',
      unit: 'time',
      intervals: true,
    }),
  };
}

function trafficOf(points: readonly Point[], network: string, view: ChartView): Chart {
  const size = points[0]!.receiverSize;
  const frontier = paretoFrontier(points.filter((point) => point.section === 'private'));
  const best = frontier.map((point) => point.label).join(', ');
  const alt =
    `Bytes against time at ${formatSize(size)} items per party, ${onNetwork(network)}: ` +
    `${ranking(points, (point) => point.bytes, formatBytes)}. ` +
    (best === ''
      ? 'Nothing private by cryptography was measured.'
      : `Pareto-optimal among private protocols: ${best}.`);
  return {
    id: `traffic-${network}`,
    alt,
    spec: trafficChart(points, {
      ...view,
      title: `Bytes and time at ${sizeText(size)} items per party, ${onNetwork(network)}`,
      subtitle: `line: Pareto-optimal among private protocols; hollow: simulated or not private`,
      alt,
    }),
  };
}

/** The ratio of the matrix over sizes, a line per network; for the plain enclave, or the first there is. */
function ratioCharts(
  points: readonly Point[],
  { links }: ChartData,
  { slowdown = 1, width }: ChartView,
): Chart[] {
  const enclaves = [...new Set(points.filter(({ isEnclave }) => isEnclave).map(({ label }) => label))];
  const subject = enclaves.includes('enclave') ? 'enclave' : enclaves[0];
  const places = Map.groupBy(points, ({ network, receiverSize }) => `${network} ${receiverSize}`);
  const found = [...places.values()].flatMap((own) => {
    const mine = own.find(({ label }) => label === subject);
    const best = sidesOf(own).rivals.toSorted((a, b) => a.ms - b.ms)[0];
    if (mine === undefined || best === undefined) return [];
    const { network, receiverSize: size } = mine;
    const link = links[network];
    const networkName = link
      ? `${network}: ${formatBps(link.bandwidthBps)}, ${formatMs(link.rttMs)}`
      : 'loopback';
    return [{ network, networkName, size, ratio: best.ms / (mine.ms * slowdown), rival: best.label }];
  });
  if (new Set(found.map(({ size }) => size)).size < 2) return [];
  const networks = [...Map.groupBy(found, ({ networkName }) => networkName)];
  const texts = networks.map(([name, own]) => {
    const sorted = own.toSorted((a, b) => a.size - b.size);
    const ratios = sorted.map(
      ({ size, ratio, rival }) => `${formatSize(size)} ${significant(ratio)} (${rival})`,
    );
    return `${name}: ${ratios.join(', ')}`;
  });
  const alt = `The best cryptography's time over that of ${subject ?? ''}, by items per party; above 1 the enclave is faster. ${texts.join('. ')}.`;
  const slowdowns = PUBLISHED_ENCLAVES.flatMap(({ hardware, what, factor }) =>
    factor === null || factor <= 1
      ? []
      : [{ name: `${hardware}, ${what}: ${significant(factor)} × (published)`, factor }],
  );
  const spec = ratioChart(found, {
    ...(width !== undefined && { width }),
    title: 'Who is faster, and by how much',
    subtitle: 'above 1 the simulated enclave is faster; dotted: what hardware is published to slow down by',
    alt,
    slowdowns,
  });
  return [{ id: 'ratio', alt, spec }];
}

function phasesOf(points: readonly Point[], view: ChartView): Chart {
  const { receiverSize, network } = points[0]!;
  const total = (point: Point) =>
    Object.values(point.cpu).reduce((sum, cpu) => sum + cpu.setup + cpu.prepare + cpu.online, 0);
  const alt = `CPU time of each party by phase at ${formatSize(receiverSize)} items per party, ${onNetwork(network)}. All parties together: ${ranking(points, total, formatMs)}.`;
  return {
    id: 'phases',
    alt,
    spec: phasesChart(
      points.toSorted((a, b) => total(a) - total(b)),
      {
        ...(view.width !== undefined && { width: view.width - 120 }),
        title: `Where the work is, at ${sizeText(receiverSize)} items per party, ${onNetwork(network)}`,
        subtitle: 'CPU time of each party, its phases as shares; dashed: simulated or not private',
        alt,
        format: formatMs,
      },
    ),
  };
}

function memoryChart(points: readonly Point[], view: ChartView): Chart {
  const focus = focusOf(points);
  const peak = (point: Point) => point.peakBytes!;
  const alt = `Peak memory of the largest party against set size. At ${formatSize(focus[0]!.receiverSize)} items per party: ${ranking(focus, peak, formatBytes)}.`;
  return {
    id: 'memory',
    alt,
    spec: seriesChart(points, {
      ...view,
      title: 'Memory of the largest party',
      subtitle: `peak of the process, runtime included; ${LEGEND}`,
      alt,
      x: (point) => point.receiverSize,
      xTitle: 'items per party',
      y: peak,
      yTitle: 'peak memory',
      unit: 'bytes',
    }),
  };
}

/** Sets of unequal sizes: one size of the receiver, those of the sender along the axis. */
function unbalancedChart(points: readonly Point[], view: ChartView): Chart | null {
  const candidates = [...Map.groupBy(points, (point) => `${point.network} ${point.receiverSize}`).values()]
    .filter((own) => own.some((point) => point.senderSize !== point.receiverSize))
    .filter((own) => own.every((point) => point.senderSize > 0));
  const most = candidates.toSorted((a, b) => b.length - a.length)[0];
  if (most === undefined) return null;
  const { receiverSize, network } = most[0]!;
  const largest = Math.max(...most.map((point) => point.senderSize));
  const end = most.filter((point) => point.senderSize === largest);
  const alt = `Total time when the receiver has ${formatSize(receiverSize)} items, against the sender's set size, ${onNetwork(network)}. At ${formatSize(largest)}: ${ranking(end, (point) => point.ms, formatMs)}.`;
  return {
    id: 'unbalanced',
    alt,
    spec: seriesChart(most, {
      ...view,
      title: `Unbalanced sets: the receiver has ${sizeText(receiverSize)} items, ${onNetwork(network)}`,
      subtitle: `median and 95 % interval; ${LEGEND}`,
      alt,
      x: (point) => point.senderSize,
      xTitle: "items of the sender's",
      y: (point) => point.ms,
      yTitle: 'time, all phases',
      unit: 'time',
      intervals: true,
    }),
  };
}

function breakEvenMaps(
  points: readonly Point[],
  { links, models }: ChartData,
  { slowdown = 1, width }: ChartView,
): Chart[] {
  const { subjects, rivals } = sidesOf(points);
  return subjects.flatMap((subject) => {
    const model = modelledRatio(subject, rivals, models, slowdown);
    if (model === null) return [];
    const ratio: BreakEvenOptions['ratio'] = (bandwidthBps, rttMs) => model.ratio({ bandwidthBps, rttMs });
    const measured = Object.entries(links).flatMap(([name, link]) => {
      const here = points.filter((point) => point.network === name);
      const own = here.find((point) => point.label === subject.label);
      const theirs = sidesOf(here).rivals.map((point) => point.ms);
      if (link === null || link.rttMs <= 0 || own === undefined || theirs.length === 0) return [];
      return [{ name, ...link, ratio: Math.min(...theirs) / (own.ms * slowdown) }];
    });
    const corners = [1e6, 1e10].flatMap((bps) => [0.1, 400].map((rtt) => ratio(bps, rtt)));
    const [least, most] = [Math.min(...corners), Math.max(...corners)].map((value) => significant(value, 2));
    const where = measured.map((link) => `${link.name} ${significant(link.ratio)}`).join(', ');
    const checked =
      model.worstError === null
        ? 'nothing checks the model here'
        : `off by up to ${significant(model.worstError * 100, 2)} % at a measured network (rings) when that is held out`;
    const slowed = slowdown === 1 ? '' : `, slowed down ${significant(slowdown, 2)} ×`;
    const alt =
      `Modelled ratio of the fastest private cryptography's time to that of ${nameOf(subject)}${slowed} at ` +
      `${formatSize(subject.receiverSize)} items per party: ${least} to ${most} times at the corners from ` +
      `1 Mbit/s to 10 Gbit/s and 0.1 to 400 ms.${where === '' ? '' : ` Measured: ${where}.`}`;
    const spec = breakEvenChart({
      ...(width !== undefined && { width }),
      title: `Break-even of ${nameOf(subject)}${slowed} at ${sizeText(subject.receiverSize)} items per party`,
      subtitle: `MODELLED: the fastest private cryptography's time over its time; ${checked}`,
      alt,
      ratio,
      measured,
      subject: subject.label,
      rivals: 'cryptography',
    });
    return [{ id: `break-even-${subject.label}`, alt, spec }];
  });
}

/** A file name: lower case, letters, digits and hyphens. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
