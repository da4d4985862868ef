/** Where the work is: CPU time of each party, stacked by phase. */

import { PHASES } from '../../../terms.ts';
import { isApart, nameOf, type Point } from '../point.ts';
import { CHART_CONFIG, INK, SHADES } from './style.ts';

export interface PhasesOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly alt: string;
  /** Writes a time in ms with its unit. */
  readonly format: (ms: number) => string;
  readonly width?: number;
}

/**
 * A Vega-Lite specification. Every bar is one party's whole CPU time, its phases as shares; the time itself
 * stands at its end, for between the fastest and the slowest lie orders of magnitude.
 */
export function phasesChart(points: readonly Point[], options: PhasesOptions): object {
  const { width = 420 } = options;
  const bars = points.flatMap((point) =>
    Object.entries(point.cpu).map(([party, cpu]) => ({
      point,
      party,
      cpu,
      total: PHASES.reduce((sum, phase) => sum + cpu[phase], 0),
    })),
  );
  const order = bars.map(({ point, party }) => `${nameOf(point)}, ${party}`);
  const rows = bars.flatMap(({ point, cpu, total }, i) => {
    let from = 0;
    return PHASES.map((phase, k) => {
      const share = total === 0 ? 0 : cpu[phase] / total;
      from += share;
      return { bar: order[i]!, phase, k, from: from - share, to: from, apart: isApart(point.section) };
    });
  });
  const totals = bars.map(({ total }, i) => ({ bar: order[i]!, text: options.format(total) }));
  const y = {
    field: 'bar',
    type: 'nominal',
    sort: order,
    title: null,
    axis: { labelLimit: 420, ticks: false, domain: false, labelColor: INK, labelPadding: 6 },
  };
  const x = {
    field: 'from',
    type: 'quantitative',
    title: "share of the party's CPU time",
    scale: { domain: [0, 1], nice: false },
    axis: { format: '.0%', tickCount: 5 },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: options.alt,
    width,
    height: { step: 21 },
    title: { text: options.title, subtitle: options.subtitle },
    config: CHART_CONFIG,
    data: { values: rows },
    layer: [
      {
        mark: { type: 'bar', height: 15, stroke: INK, strokeWidth: 0.75 },
        encoding: {
          y,
          x,
          x2: { field: 'to' },
          strokeDash: { condition: { test: 'datum.apart', value: [3, 2] }, value: [1, 0] },
          fill: {
            field: 'phase',
            type: 'nominal',
            scale: { domain: PHASES, range: SHADES },
            legend: {
              orient: 'top',
              title: null,
              symbolType: 'square',
              symbolStrokeColor: INK,
              labelColor: INK,
            },
          },
        },
      },
      {
        data: { values: totals },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 8 },
        encoding: { y, x: { value: width }, text: { field: 'text' } },
      },
    ],
  };
}
