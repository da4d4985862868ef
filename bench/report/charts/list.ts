/** Which charts a report has, from plain data: the same list serves the files and the page. */

import { formatBytes, formatMs, formatSize } from '../../format/numbers.ts';
import { breakEvenMaps, missingMaps } from './break-even-maps.ts';
import type { Chart, ChartData, ChartView } from './chart.ts';
import { phasesChart } from './drawing/phases.ts';
import { seriesChart, sizeNames } from './drawing/series.ts';
import { paretoFrontier, trafficChart } from './drawing/traffic.ts';
import { ratioCharts } from './headline-ratio.ts';
import { networkName } from './network-name.ts';
import { type Missing, nameOf, type Point } from './point.ts';

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
    if (own.length > 0) charts.push(timeChart(own, network, data, view));
  }
  for (const network of networks) {
    // Whoever sends nothing has no place on a logarithmic axis.
    const focus = focusOf(balanced.filter((point) => point.network === network)).filter(
      ({ bytes }) => bytes > 0,
    );
    if (focus.length > 1) charts.push(trafficOf(focus, network, data, view));
  }
  charts.push(...breakEvenMaps(balanced, data, view));
  const size = focusOf(balanced)[0]?.receiverSize;
  if (size !== undefined) {
    const atSize = balanced.filter((point) => point.receiverSize === size);
    const first = focusOf(atSize.filter((point) => point.network === atSize[0]!.network));
    charts.push(phasesOf(first, data, view));
  }
  const memory = balanced.filter((point) => point.peakBytes !== null && point.network === networks[0]);
  if (memory.length > 0) charts.push(memoryChart(memory, data, view));
  const unbalanced = unbalancedChart(
    points.filter((point) => point.receiverSize > 0 && point.senderSize > 0),
    data,
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

function onNetwork(network: string, { links }: ChartData): string {
  return network === 'none' ? 'loopback' : networkName(network, links[network]);
}

/** What of the lines in a chart over balanced sets has no result. */
function balancedMissing(points: readonly Point[], { missing }: ChartData): Missing[] {
  const { dataset, network } = points[0]!;
  const labels = new Set(points.map(({ label }) => label));
  return missing.filter(
    (cell) =>
      cell.dataset === dataset &&
      cell.network === network &&
      cell.receiverSize === cell.senderSize &&
      labels.has(cell.label),
  );
}

function missingText(missing: readonly Missing[]): string {
  const texts = missing.map(
    ({ label, outcome, receiverSize, senderSize }) =>
      `${label} ${outcome} at ${receiverSize === senderSize ? formatSize(senderSize) : `${formatSize(receiverSize)} × ${formatSize(senderSize)}`}`,
  );
  return texts.length === 0 ? '' : ` No result: ${texts.join(', ')}.`;
}

const LEGEND = 'dashed and hollow: simulated, or not private by cryptography';

function timeChart(points: readonly Point[], network: string, data: ChartData, view: ChartView): Chart {
  const focus = focusOf(points);
  const size = focus[0]!.receiverSize;
  const missing = balancedMissing(points, data);
  const alt = `Total time against set size, ${onNetwork(network, data)}. At ${formatSize(size)} items per party: ${ranking(focus, (point) => point.ms, formatMs)}.${missingText(missing)}`;
  return {
    id: `time-${network}`,
    alt,
    spec: seriesChart(points, {
      ...view,
      title: `Total time, ${onNetwork(network, data)}`,
      subtitle: `median and 95 % interval; ${LEGEND}`,
      alt,
      missing,
      x: (point) => point.receiverSize,
      xTitle: 'items per party',
      y: (point) => point.ms,
      yTitle: 'time, all phases',
      unit: 'time',
      intervals: true,
    }),
  };
}

function trafficOf(points: readonly Point[], network: string, data: ChartData, view: ChartView): Chart {
  const size = points[0]!.receiverSize;
  const frontier = paretoFrontier(points.filter((point) => point.section === 'private'));
  const best = frontier.map((point) => point.label).join(', ');
  const alt =
    `Bytes against time at ${formatSize(size)} items per party, ${onNetwork(network, data)}: ` +
    `${ranking(points, (point) => point.bytes, formatBytes)}. ` +
    (best === ''
      ? 'Nothing private by cryptography was measured.'
      : `Pareto-optimal among private protocols: ${best}.`);
  return {
    id: `traffic-${network}`,
    alt,
    spec: trafficChart(points, {
      ...view,
      title: `Bytes and time at ${sizeText(size)} items per party, ${onNetwork(network, data)}`,
      subtitle: `line: Pareto-optimal among private protocols; hollow: simulated or not private`,
      alt,
    }),
  };
}

function phasesOf(points: readonly Point[], data: ChartData, view: ChartView): Chart {
  const { receiverSize, network } = points[0]!;
  const total = (point: Point) =>
    Object.values(point.cpu).reduce((sum, cpu) => sum + cpu.setup + cpu.prepare + cpu.online, 0);
  const alt = `CPU time of each party by phase at ${formatSize(receiverSize)} items per party, ${onNetwork(network, data)}. All parties together: ${ranking(points, total, formatMs)}.`;
  return {
    id: 'phases',
    alt,
    spec: phasesChart(
      points.toSorted((a, b) => total(a) - total(b)),
      {
        ...(view.width !== undefined && { width: view.width - 120 }),
        title: `Where the work is, at ${sizeText(receiverSize)} items per party, ${onNetwork(network, data)}`,
        subtitle: 'CPU time of each party, its phases as shares; dashed: simulated or not private',
        alt,
        format: formatMs,
      },
    ),
  };
}

function memoryChart(points: readonly Point[], data: ChartData, view: ChartView): Chart {
  const focus = focusOf(points);
  const peak = (point: Point) => point.peakBytes!;
  const network = points[0]!.network;
  const missing = balancedMissing(points, data);
  const alt = `Peak memory of the largest party against set size, ${onNetwork(network, data)}. At ${formatSize(focus[0]!.receiverSize)} items per party: ${ranking(focus, peak, formatBytes)}.${missingText(missing)}`;
  return {
    id: 'memory',
    alt,
    spec: seriesChart(points, {
      ...view,
      title: `Memory of the largest party, ${onNetwork(network, data)}`,
      subtitle: `peak of the process, runtime included; ${LEGEND}`,
      alt,
      missing,
      x: (point) => point.receiverSize,
      xTitle: 'items per party',
      y: peak,
      yTitle: 'peak memory',
      unit: 'bytes',
    }),
  };
}

/** Sets of unequal sizes: one size of the receiver, those of the sender along the axis. */
function unbalancedChart(points: readonly Point[], data: ChartData, view: ChartView): Chart | null {
  const candidates = [...Map.groupBy(points, (point) => `${point.network} ${point.receiverSize}`).values()]
    .filter((own) => own.some((point) => point.senderSize !== point.receiverSize))
    .filter((own) => own.every((point) => point.senderSize > 0));
  const most = candidates.toSorted((a, b) => b.length - a.length)[0];
  if (most === undefined) return null;
  const { receiverSize, network } = most[0]!;
  const largest = Math.max(...most.map((point) => point.senderSize));
  const end = most.filter((point) => point.senderSize === largest);
  const missing = data.missing.filter(
    (cell) =>
      cell.dataset === most[0]!.dataset && cell.network === network && cell.receiverSize === receiverSize,
  );
  const alt = `Total time when the receiver has ${formatSize(receiverSize)} items, against the sender's set size, ${onNetwork(network, data)}. At ${formatSize(largest)}: ${ranking(end, (point) => point.ms, formatMs)}.${missingText(missing)}`;
  return {
    id: 'unbalanced',
    alt,
    spec: seriesChart(most, {
      ...view,
      title: `Unbalanced sets: the receiver has ${sizeText(receiverSize)} items, ${onNetwork(network, data)}`,
      subtitle: `median and 95 % interval; ${LEGEND}`,
      alt,
      missing,
      x: (point) => point.senderSize,
      xTitle: "items of the sender's",
      y: (point) => point.ms,
      yTitle: 'time, all phases',
      unit: 'time',
      intervals: true,
    }),
  };
}

/** What is to be said of break-even maps that are not there; nothing where there is one for every enclave. */
export function breakEvenNotes(data: ChartData, view: ChartView = {}): string[] {
  const datasets = [...Map.groupBy(data.points, ({ dataset }) => dataset).values()];
  return datasets.flatMap((points) =>
    missingMaps(
      points.filter((point) => point.receiverSize === point.senderSize && point.senderSize > 0),
      data,
      view,
    ),
  );
}

/** A file name: lower case, letters, digits and hyphens. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
