/** The one ratio over set sizes, a line per network: where it crosses 1 the order turns. */

import { fromPixels, scaleFor, spread, toPixels } from './layout.ts';
import { sizeNames, ticks } from './series.ts';
import { AHEAD, BEHIND, CHART_CONFIG, FAINT, INK } from './style.ts';

export interface RatioPoint {
  readonly network: string;
  /** With its figures, for the end of its line. */
  readonly networkName: string;
  readonly size: number;
  /** The best cryptography's time over the enclave's. */
  readonly ratio: number;
  readonly rival: string;
}

export interface RatioOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly alt: string;
  /** What others published of how many times as long hardware takes. */
  readonly slowdowns: readonly { readonly name: string; readonly factor: number }[];
  readonly width?: number;
}

const HEIGHT = 320;
/** Networks have no colours, which belong to implementations: every line has a dash and a marker of its own. */
const LINES = [
  { dash: [1, 0], shape: 'circle' },
  { dash: [7, 3], shape: 'square' },
  { dash: [2, 3], shape: 'triangle-up' },
  { dash: [9, 3, 2, 3], shape: 'diamond' },
] as const;
/** Beyond this a slow-down is no line in a chart of ratios, but a word beside it. */
const LARGEST_SLOWDOWN = 10;

/** A Vega-Lite specification; its data are in it. */
export function ratioChart(points: readonly RatioPoint[], options: RatioOptions): object {
  const { width = 520, slowdowns } = options;
  const networks = [...new Set(points.map(({ networkName }) => networkName))];
  const style = (name: string) => LINES[networks.indexOf(name) % LINES.length] ?? LINES[0];
  const drawn = slowdowns.map(({ factor }) => factor).filter((factor) => factor <= LARGEST_SLOWDOWN);
  const scale = scaleFor([...points.map(({ ratio }) => ratio), ...drawn, 0.9, 1.1], true, HEIGHT);
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const [least = 1, most = 1] = [sizes[0], sizes.at(-1)];
  const margin = sizes.length === 1 ? 2 : 1.08;
  const x = {
    field: 'size',
    type: 'quantitative',
    title: 'items per party',
    scale: { type: 'log', base: 2, domain: [least / margin, most * margin], nice: false },
    axis: {
      values: sizes,
      labelExpr: `${JSON.stringify(sizeNames(sizes))}[datum.value]`,
      labelOverlap: true,
    },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: 'best cryptography ÷ enclave',
    scale: { type: 'log', domain: scale.domain, nice: false },
    axis: { values: ticks(scale.domain), labelExpr: "format(datum.value, '~g') + ' ×'" },
  });
  const shape = {
    field: 'networkName',
    type: 'nominal',
    scale: { domain: networks, range: networks.map((name) => style(name).shape) },
    legend: null,
  };
  const ends = networks.flatMap((name) => {
    const own = points.filter(({ networkName }) => networkName === name);
    return own.length === 0 ? [] : [own.reduce((a, b) => (b.size > a.size ? b : a))];
  });
  const places = spread(
    ends.map(({ ratio }) => toPixels(ratio, scale)),
    15,
    HEIGHT,
  );
  const labels = ends.map((end, i) => ({ ...end, place: fromPixels(places[i] ?? 0, scale) }));
  const [low, high] = scale.domain;
  const zones = [
    { from: 1, to: high, colour: AHEAD },
    { from: low, to: 1, colour: BEHIND },
  ];
  const sides = [
    { at: high, dy: 14, text: 'enclave faster' },
    { at: low, dy: -10, text: 'cryptography faster' },
  ];
  // Names must not cover each other: of figures close by, the larger one speaks for both.
  const shown = slowdowns
    .filter(({ factor }) => factor > low && factor < high)
    .toSorted((a, b) => b.factor - a.factor)
    .filter((one, i, all) =>
      all.slice(0, i).every((other) => toPixels(one.factor, scale) - toPixels(other.factor, scale) > 12),
    );
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: options.alt,
    width,
    height: HEIGHT,
    title: { text: options.title, subtitle: options.subtitle },
    config: CHART_CONFIG,
    data: { values: points },
    layer: [
      {
        data: { values: zones },
        mark: { type: 'rect' },
        encoding: {
          y: y('from'),
          y2: { field: 'to' },
          fill: { field: 'colour', type: 'nominal', scale: null },
        },
      },
      ...sides.map(({ at, dy, text }) => ({
        data: { values: [{ at, text }] },
        mark: { type: 'text', align: 'right', dx: -6, dy, fontSize: 11, fontStyle: 'italic', color: FAINT },
        encoding: { x: { value: width }, y: y('at'), text: { field: 'text' } },
      })),
      {
        data: { values: shown },
        mark: { type: 'rule', color: FAINT, strokeDash: [2, 4] },
        encoding: { y: y('factor') },
      },
      {
        data: { values: shown },
        mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 4, dy: -2, fontSize: 9, color: FAINT },
        encoding: { x: { value: 0 }, y: y('factor'), text: { field: 'name' } },
      },
      {
        data: { values: [{ one: 1 }] },
        mark: { type: 'rule', color: INK, strokeWidth: 1.5 },
        encoding: { y: y('one') },
      },
      ...networks.map((name) => ({
        transform: [{ filter: `datum.networkName === ${JSON.stringify(name)}` }],
        mark: { type: 'line', strokeWidth: 1.75, strokeDash: style(name).dash, color: INK },
        encoding: { x, y: y('ratio') },
      })),
      {
        mark: { type: 'point', filled: true, size: 56, opacity: 1, color: INK },
        encoding: { x, y: y('ratio'), shape },
      },
      {
        data: { values: labels },
        mark: { type: 'point', filled: true, size: 56, opacity: 1, color: INK },
        encoding: { x: { value: width + 18 }, y: y('place'), shape },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 28 },
        encoding: { x: { value: width }, y: y('place'), text: { field: 'networkName' } },
      },
    ],
  };
}
