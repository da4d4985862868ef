/** The one ratio over set sizes, a line per network: where it crosses 1 the order turns. */

import { fromPixels, scaleFor, spread, toPixels } from './layout.ts';
import { sizeNames, ticks } from './series.ts';
import { CHART_CONFIG, FAINT, INK } from './style.ts';

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
/** Distinct without colour too: every line has a dash and a name of its own. */
const LINES = [
  { colour: '#0072B2', dash: [1, 0] },
  { colour: '#D55E00', dash: [7, 3] },
  { colour: '#009E73', dash: [2, 3] },
  { colour: '#9A6FC4', dash: [9, 3, 2, 3] },
] as const;

/** A Vega-Lite specification; its data are in it. */
export function ratioChart(points: readonly RatioPoint[], options: RatioOptions): object {
  const { width = 520, slowdowns } = options;
  const networks = [...new Set(points.map(({ networkName }) => networkName))];
  const style = (name: string) => LINES[networks.indexOf(name) % LINES.length] ?? LINES[0];
  const scale = scaleFor([...points.map(({ ratio }) => ratio), 0.9, 1.1], true, HEIGHT);
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
  const colour = {
    field: 'networkName',
    type: 'nominal',
    scale: { domain: networks, range: networks.map((name) => style(name).colour) },
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
        mark: { type: 'line', strokeWidth: 2, strokeDash: style(name).dash },
        encoding: { x, y: y('ratio'), color: colour },
      })),
      {
        mark: { type: 'point', filled: true, size: 56, opacity: 1 },
        encoding: { x, y: y('ratio'), color: colour },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 10 },
        encoding: { x: { value: width }, y: y('place'), text: { field: 'networkName' } },
      },
    ],
  };
}
