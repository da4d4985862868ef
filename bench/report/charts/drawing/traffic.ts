/** Bytes against time, with the frontier: what nothing private beats in both. */

import { isApart, nameOf, type Point } from '../point.ts';
import { fromPixels, placeLabels, scaleFor, toPixels } from './layout.ts';
import { ticks, unitExpression } from './series.ts';
import { CARD, CHART_CONFIG, FAINT, stylesOf } from './style.ts';

export interface TrafficOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly alt: string;
  readonly log?: boolean;
  readonly width?: number;
}

const HEIGHT = 320;

/** The points that no other beats in bytes and time both, by bytes. */
export function paretoFrontier<T extends { readonly bytes: number; readonly ms: number }>(
  points: readonly T[],
): T[] {
  const sorted = points.toSorted((a, b) => a.bytes - b.bytes || a.ms - b.ms);
  let best = Number.POSITIVE_INFINITY;
  return sorted.filter(({ ms }) => {
    if (ms >= best) return false;
    best = ms;
    return true;
  });
}

/** A Vega-Lite specification; its data are in it. */
export function trafficChart(points: readonly Point[], options: TrafficOptions): object {
  const { log = true, width = 520 } = options;
  const rows = points.map((point) => ({
    impl: point.impl,
    name: nameOf(point),
    apart: isApart(point.section),
    bytes: point.bytes,
    ms: point.ms,
    low: point.low,
    high: point.high,
  }));
  const xScale = scaleFor(
    rows.map((row) => row.bytes),
    log,
    width,
    'bytes',
  );
  const yScale = scaleFor(
    rows.flatMap((row) => [row.low, row.high]),
    log,
    HEIGHT,
  );
  const at = rows.map((row) => ({ x: toPixels(row.bytes, xScale), y: HEIGHT - toPixels(row.ms, yScale) }));
  const places = placeLabels(
    rows.map((row, i) => ({ ...at[i]!, text: row.name })),
    HEIGHT,
  );
  const labels = rows.map((row, i) => ({ ...row, place: fromPixels(HEIGHT - places[i]!, yScale) }));
  const frontier = paretoFrontier(rows.filter((row) => !row.apart));
  const steps =
    frontier.length === 0
      ? []
      : [
          { bytes: frontier[0]!.bytes, ms: yScale.domain[1] },
          ...frontier.map(({ bytes, ms }) => ({ bytes, ms })),
          { bytes: xScale.domain[1], ms: frontier.at(-1)!.ms },
        ];
  const axis = (field: string, title: string, scale: typeof xScale, unit: 'time' | 'bytes') => ({
    field,
    type: 'quantitative',
    title,
    scale: { type: log ? 'log' : 'linear', domain: scale.domain, nice: false },
    axis: log
      ? { values: ticks(scale.domain, unit), labelExpr: unitExpression(unit) }
      : { labelExpr: unitExpression(unit) },
  });
  const x = axis('bytes', 'bytes sent by all parties', xScale, 'bytes');
  const y = (field: string) => axis(field, 'time', yScale, 'time');
  const impls = [...new Set(rows.map((row) => row.impl))];
  const styles = stylesOf(impls);
  const scaled = (of: 'colour' | 'shape') => ({
    field: 'impl',
    type: 'nominal',
    scale: { domain: impls, range: impls.map((impl) => styles.get(impl)![of]) },
    legend: null,
  });
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
        data: { values: steps },
        mark: { type: 'line', interpolate: 'step-after', color: FAINT, strokeWidth: 1.25 },
        encoding: { x, y: y('ms'), order: { field: 'bytes' } },
      },
      {
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { x, y: y('low'), y2: { field: 'high' }, color: scaled('colour') },
      },
      {
        mark: { type: 'point', size: 90, strokeWidth: 2, opacity: 1 },
        encoding: {
          x,
          y: y('ms'),
          stroke: scaled('colour'),
          shape: scaled('shape'),
          fill: { condition: { test: 'datum.apart', value: CARD }, ...scaled('colour') },
        },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 10, stroke: CARD, strokeWidth: 4 },
        encoding: { x, y: y('place'), text: { field: 'name' } },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 10 },
        encoding: { x, y: y('place'), text: { field: 'name' } },
      },
    ],
  };
}
