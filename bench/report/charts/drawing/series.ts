/** Lines over set sizes: time, or memory. Points, intervals, and a label at the end of each line. */

import { isApart, type Missing, nameOf, type Point } from '../point.ts';
import { fromPixels, scaleFor, spread, toPixels } from './layout.ts';
import { CARD, CHART_CONFIG, NO_RESULT, stylesOf } from './style.ts';

export interface SeriesOptions {
  readonly title: string;
  readonly subtitle: string;
  /** Says what the chart shows, for those who do not see it. */
  readonly alt: string;
  readonly x: (point: Pick<Point, 'receiverSize' | 'senderSize'>) => number;
  readonly xTitle: string;
  readonly y: (point: Point) => number;
  readonly yTitle: string;
  /** The unit of y. */
  readonly unit: 'time' | 'bytes';
  /** What has no result, by size and name: said beside its name, and marked above its size. */
  readonly missing?: readonly Missing[];
  /** Draws the interval of the time. */
  readonly intervals?: boolean;
  readonly log?: boolean;
  readonly width?: number;
}

const HEIGHT = 340;

/** A Vega-Lite specification; its data are in it. */
export function seriesChart(points: readonly Point[], options: SeriesOptions): object {
  const { x, y, intervals = false, log = true, width = 520, missing = [] } = options;
  const rows = points.map((point) => ({
    impl: point.impl,
    label: point.label,
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
    options.unit,
  );
  const impls = [...new Set(rows.map((row) => row.impl))];
  const absent = missing.flatMap(({ label, outcome, ...sizes }) => {
    const row = rows.find((one) => one.label === label);
    return row === undefined ? [] : [{ ...row, outcome, x: x(sizes) }];
  });
  const xs = [...new Set([...rows, ...absent].map((row) => row.x))].sort((a, b) => a - b);
  // In rows from the top, where no line goes.
  const marks = absent.map((row, i) => ({
    ...row,
    place: fromPixels(
      HEIGHT - 8 - 12 * absent.slice(0, i).filter((other) => other.x === row.x).length,
      yScale,
    ),
  }));
  const last = [...Map.groupBy(rows, (row) => row.name).values()].map((own) =>
    own.reduce((a, b) => (b.x > a.x ? b : a)),
  );
  const places = spread(
    last.map((row) => toPixels(row.y, yScale)),
    15,
    HEIGHT,
  );
  const labels = last.map((row, i) => ({
    ...row,
    place: fromPixels(places[i]!, yScale),
    text: row.name + absenceText(absent.filter(({ name }) => name === row.name)),
  }));
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
      ? { values: ticks(yScale.domain, options.unit), labelExpr: unitExpression(options.unit) }
      : { labelExpr: unitExpression(options.unit) },
  });
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
      // A layer without marks would be a picture without a text.
      ...(marks.length === 0
        ? []
        : [
            {
              data: { values: marks },
              mark: { type: 'point', shape: NO_RESULT, size: 50, strokeWidth: 2, opacity: 1 },
              encoding: { x: xAxis, y: yAxis('place'), stroke: colour },
            },
          ]),
      // Each name has its line's marker before it: no leader, which would look like a line.
      {
        data: { values: labels },
        mark: { type: 'point', size: 64, strokeWidth: 2, opacity: 1 },
        encoding: {
          x: { value: width + 18 },
          y: yAxis('place'),
          stroke: colour,
          shape,
          fill: { condition: { test: 'datum.apart', value: CARD }, ...colour },
        },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 28 },
        encoding: { x: { value: width }, y: yAxis('place'), text: { field: 'text' } },
      },
    ],
  };
}

/** ` · skipped at 2²⁰ (×)`: the sizes without a result, and how they are marked. */
function absenceText(absent: readonly { readonly x: number; readonly outcome: string }[]): string {
  const byOutcome = [...Map.groupBy(absent, ({ outcome }) => outcome)];
  return byOutcome
    .map(([outcome, own]) => {
      const sizes = own.map((row) => row.x).sort((a, b) => a - b);
      return ` · ${outcome} at ${sizes.map((size) => sizeNames([size])[size]).join(', ')} (×)`;
    })
    .join('');
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

/**
 * Powers of ten within a domain, with 2 and 5 between them when those would be too few; of bytes, in units of
 * 1024.
 */
export function ticks([low, high]: readonly [number, number], unit: 'time' | 'bytes' = 'time'): number[] {
  const span = Math.log10(high / low);
  const steps = span > 3 ? [1] : [1, 2, 5];
  const found: number[] = [];
  const add = (value: number) => {
    if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
  };
  if (unit === 'bytes') {
    for (const size of [1, 2 ** 10, 2 ** 20, 2 ** 30])
      for (const power of [1, 10, 100]) for (const step of steps) add(step * power * size);
    return found;
  }
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power++) {
    for (const step of steps) add(Number((step * 10 ** power).toPrecision(3)));
  }
  return found;
}

/** A Vega expression for an axis' labels: ms, or bytes, in the unit that fits. */
export function unitExpression(unit: 'time' | 'bytes'): string {
  const scaled = (divisor: number, name: string) => `format(datum.value / ${divisor}, '~g') + ' ${name}'`;
  if (unit === 'time') {
    return `datum.value >= 1000 ? ${scaled(1000, 's')} : datum.value >= 1 || datum.value == 0 ? ${scaled(1, 'ms')} : ${scaled(0.001, 'µs')}`;
  }
  return `datum.value >= ${2 ** 30} ? ${scaled(2 ** 30, 'GiB')} : datum.value >= ${2 ** 20} ? ${scaled(2 ** 20, 'MiB')} : datum.value >= 1024 ? ${scaled(1024, 'KiB')} : ${scaled(1, 'B')}`;
}
