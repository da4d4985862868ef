/** The break-even map: over bandwidth and round-trip time, who is modelled to be faster, and by how much. */

import { CARD, CHART_CONFIG, INK, NEUTRAL } from './style.ts';

/** A link on which something was measured. */
export interface MeasuredLink {
  readonly name: string;
  readonly bandwidthBps: number;
  readonly rttMs: number;
  /** Measured there: the fastest rival's time over the subject's. */
  readonly ratio: number;
}

export interface BreakEvenOptions {
  readonly title: string;
  readonly subtitle: readonly string[];
  readonly alt: string;
  /** Modelled: the fastest rival's time over the subject's on a link. */
  readonly ratio: (bandwidthBps: number, rttMs: number) => number;
  readonly measured: readonly MeasuredLink[];
  /** What blue and orange stand for. */
  readonly subject: string;
  readonly rivals: string;
  readonly width?: number;
}

/** Mbit/s and ms. */
const BANDWIDTHS = axisSteps(1, 10_000, 25);
const RTTS = axisSteps(0.1, 400, 19);
const HEIGHT = 300;

/** `count` + 1 places from `low` to `high`, evenly on a logarithmic axis. */
function axisSteps(low: number, high: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, i) => low * (high / low) ** (i / count));
}

/** The middles of the map's places. */
export const LINKS = BANDWIDTHS.slice(1).flatMap((right, i) =>
  RTTS.slice(1).map((top, k) => ({
    bandwidthBps: Math.sqrt((BANDWIDTHS[i] ?? right) * right) * 1e6,
    rttMs: Math.sqrt((RTTS[k] ?? top) * top),
  })),
);

/** A Vega-Lite specification; its data are in it. */
export function breakEvenChart(options: BreakEvenOptions): object {
  const { width = 520 } = options;
  const cells = BANDWIDTHS.slice(1).flatMap((right, i) =>
    RTTS.slice(1).map((top, k) => {
      const [left, bottom] = [BANDWIDTHS[i]!, RTTS[k]!];
      const [bandwidth, rtt] = [Math.sqrt(left * right), Math.sqrt(bottom * top)];
      const ratio = options.ratio(bandwidth * 1e6, rtt);
      // Numbers keep clear of the rings and their labels.
      const near = options.measured.some(
        (link) =>
          Math.abs(Math.log10(link.bandwidthBps / 1e6 / bandwidth)) < 0.65 &&
          Math.abs(Math.log10(link.rttMs / rtt)) < 0.4,
      );
      const shown = i % 6 === 3 && k % 4 === 2 && !near;
      return {
        left,
        right,
        bottom,
        top,
        bandwidth,
        rtt,
        log: Math.log2(ratio),
        text: shown ? factor(ratio) : '',
      };
    }),
  );
  const strongest = Math.max(1, ...cells.map(({ log }) => Math.abs(log)));
  const measured = options.measured.map(({ name, bandwidthBps, rttMs, ratio }) => ({
    bandwidth: bandwidthBps / 1e6,
    rtt: rttMs,
    text: `${name}, measured ${factor(ratio)}`,
    log: Math.log2(ratio),
  }));
  const x = {
    field: 'left',
    type: 'quantitative',
    title: 'bandwidth, each direction',
    scale: { type: 'log', domain: [1, 10_000], nice: false },
    axis: {
      values: [1, 10, 100, 1000, 10_000],
      labelExpr: "datum.value >= 1000 ? datum.value / 1000 + ' Gbit/s' : datum.value + ' Mbit/s'",
      grid: false,
    },
  };
  const y = {
    field: 'bottom',
    type: 'quantitative',
    title: 'round-trip time (RTT)',
    scale: { type: 'log', domain: [0.1, 400], nice: false },
    axis: {
      values: [0.1, 1, 10, 100, 400],
      labelExpr: "datum.value >= 1 ? datum.value + ' ms' : datum.value * 1000 + ' µs'",
      grid: false,
    },
  };
  const colour = {
    field: 'log',
    type: 'quantitative',
    scale: { domain: [-strongest, 0, strongest], range: ['#b35806', NEUTRAL, '#2c6fae'], type: 'linear' },
    legend: null,
  };
  const at = { x: { ...x, field: 'bandwidth' }, y: { ...y, field: 'rtt' } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: options.alt,
    width,
    height: HEIGHT,
    title: {
      text: options.title,
      subtitle: [
        ...options.subtitle,
        `blue, above 1 ×: ${options.subject} faster; orange, below 1 ×: ${options.rivals} faster`,
      ],
    },
    config: CHART_CONFIG,
    data: { values: cells },
    layer: [
      {
        // Drawn to their edges, so that no light lines show between them.
        mark: { type: 'rect', strokeWidth: 0.6 },
        encoding: { x, x2: { field: 'right' }, y, y2: { field: 'top' }, fill: colour, stroke: colour },
      },
      {
        transform: [{ filter: "datum.text != ''" }],
        mark: { type: 'text', fontSize: 10.5 },
        encoding: {
          ...at,
          text: { field: 'text' },
          color: { condition: { test: `abs(datum.log) > ${0.55 * strongest}`, value: 'white' }, value: INK },
        },
      },
      {
        data: { values: measured },
        mark: { type: 'point', size: 170, strokeWidth: 2.5, color: INK, filled: false, opacity: 1 },
        encoding: at,
      },
      {
        data: { values: measured },
        mark: { type: 'text', dy: -17, fontWeight: 'bold', stroke: CARD, strokeWidth: 3.5 },
        encoding: { ...at, text: { field: 'text' } },
      },
      {
        data: { values: measured },
        mark: { type: 'text', dy: -17, fontWeight: 'bold' },
        encoding: { ...at, text: { field: 'text' } },
      },
    ],
  };
}

function factor(ratio: number): string {
  return `${ratio >= 100 ? Math.round(ratio) : Number(ratio.toPrecision(2))} ×`;
}
