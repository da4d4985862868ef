/** Lines over set sizes: time, or memory. Points, intervals, and a label at the end of each line. */

import { fromPixels, scaleFor, spread, toPixels } from './layout.ts';
import { isApart, nameOf, type Point } from './point.ts';
import { CARD, CHART_CONFIG, FAINT, stylesOf } from './style.ts';

export interface SeriesOptions {
  readonly title: string;
  readonly subtitle: string;
  /** Says what the chart shows, for those who do not see it. */
  readonly alt: string;
  readonly x: (point: Point) => number;
  readonly xTitle: string;
  readonly y: (point: Point) => number;
  readonly yTitle: string;
  /** The unit of y. */
  readonly unit: 'time' | 'bytes';
  /** Draws the interval of the time. */
  readonly intervals?: boolean;
  readonly log?: boolean;
  readonly width?: number;
}

const HEIGHT = 340;

/** A Vega-Lite specification; its data are in it. */
export function seriesChart(points: readonly Point[], options: SeriesOptions): object {
  const { x, y, intervals = false, log = true, width = 520 } = options;
  const rows = points.map((point) => ({
    impl: point.impl,
    name: nameOf(point),
    apart: isApart(point.section),
    x: x(point),
    y: y(point),
    low: intervals ? point.low : y(point),
    high: intervals ? point.high : y(point),
  }));
  const yScale = scaleFor(
    rows.flatMap((row) => [row.low, row.high]),
    log,
    HEIGHT,
  );
  const xs = [...new Set(rows.map((row) => row.x))].sort((a, b) => a - b);
  const last = [...Map.groupBy(rows, (row) => row.name).values()].map((own) =>
    own.reduce((a, b) => (b.x > a.x ? b : a)),
  );
  const places = spread(
    last.map((row) => toPixels(row.y, yScale)),
    15,
    HEIGHT,
  );
  const labels = last.map((row, i) => ({ ...row, place: fromPixels(places[i]!, yScale) }));
  const xDomain = [xs[0]! / (xs.length === 1 ? 2 : 1.08), xs.at(-1)! * (xs.length === 1 ? 2 : 1.08)];
  const xAxis = {
    field: 'x',
    type: 'quantitative',
    title: options.xTitle,
    scale: { type: 'log', base: 2, domain: xDomain, nice: false },
    axis: { values: xs, labelExpr: `${JSON.stringify(sizeNames(xs))}[datum.value]`, labelOverlap: true },
  };
  const yAxis = (field: string) => ({
    field,
    type: 'quantitative',
    title: options.yTitle,
    scale: { type: log ? 'log' : 'linear', domain: yScale.domain, nice: false },
    axis: log
      ? { values: ticks(yScale.domain), labelExpr: unitExpression(options.unit) }
      : { labelExpr: unitExpression(options.unit) },
  });
  const impls = [...new Set(rows.map((row) => row.impl))];
  const styles = stylesOf(impls);
  const colour = {
    field: 'impl',
    type: 'nominal',
    scale: { domain: impls, range: impls.map((impl) => styles.get(impl)!.colour) },
    legend: null,
  };
  const shape = {
    field: 'impl',
    type: 'nominal',
    scale: { domain: impls, range: impls.map((impl) => styles.get(impl)!.shape) },
    legend: null,
  };
  const dash = { condition: { test: 'datum.apart', value: [5, 4] }, value: [1, 0] };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: options.alt,
    width,
    height: HEIGHT,
    title: { text: options.title, subtitle: options.subtitle },
    config: CHART_CONFIG,
    data: { values: rows },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { x: xAxis, y: yAxis('y'), color: colour, detail: { field: 'name' }, strokeDash: dash },
      },
      ...(intervals
        ? [
            {
              mark: { type: 'rule', strokeWidth: 2 },
              encoding: { x: xAxis, y: yAxis('low'), y2: { field: 'high' }, color: colour },
            },
          ]
        : []),
      {
        mark: { type: 'point', size: 64, strokeWidth: 2, opacity: 1 },
        encoding: {
          x: xAxis,
          y: yAxis('y'),
          stroke: colour,
          shape,
          fill: { condition: { test: 'datum.apart', value: CARD }, ...colour },
        },
      },
      {
        data: { values: labels },
        mark: { type: 'rule', color: FAINT, strokeWidth: 0.75 },
        encoding: { x: xAxis, y: yAxis('y'), x2: { value: width + 10 }, y2: { field: 'place' } },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 14 },
        encoding: { x: { value: width }, y: yAxis('place'), text: { field: 'name' } },
      },
    ],
  };
}

/** Powers of two as such, with superscripts; other sizes as numbers. */
export function sizeNames(sizes: readonly number[]): Record<string, string> {
  return Object.fromEntries(
    sizes.map((size) => {
      const power = Math.log2(size);
      if (!Number.isInteger(power) || size < 16) return [size, String(size)];
      return [size, `2${[...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`];
    }),
  );
}

/** Powers of ten within a domain, with 2 and 5 between them when those would be too few. */
export function ticks([low, high]: readonly [number, number]): number[] {
  const span = Math.log10(high / low);
  const steps = span > 3 ? [1] : [1, 2, 5];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power++) {
    for (const step of steps) {
      const value = Number((step * 10 ** power).toPrecision(3));
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  }
  return found;
}

/** A Vega expression for an axis' labels: ms, or bytes, in the unit that fits. */
export function unitExpression(unit: 'time' | 'bytes'): string {
  const scaled = (divisor: number, name: string) => `format(datum.value / ${divisor}, '~g') + ' ${name}'`;
  if (unit === 'time') {
    return `datum.value >= 1000 ? ${scaled(1000, 's')} : datum.value >= 1 || datum.value == 0 ? ${scaled(1, 'ms')} : ${scaled(0.001, 'µs')}`;
  }
  return `datum.value >= 1e9 ? ${scaled(1e9, 'GB')} : datum.value >= 1e6 ? ${scaled(1e6, 'MB')} : datum.value >= 1e3 ? ${scaled(1e3, 'kB')} : ${scaled(1, 'B')}`;
}
