/** From the report's model to what its charts are drawn from. */

import type { Link } from '../../network/index.ts';
import { fitModel, type LinkObservation, type Model } from '../../network/model.ts';
import { median } from '../../statistics/stats.ts';
import type { CellSummary } from '../cell.ts';
import type { Group, Machine } from '../model.ts';
import type { ChartData } from './chart.ts';
import { modelKey } from './modelled-ratio.ts';
import type { Missing, PhaseTimes, Point } from './point.ts';

const known = new WeakMap<Machine, ChartData>();

/** Points, links and fitted models of one machine's records; fitted once. */
export function chartData(machine: Machine): ChartData {
  const data = known.get(machine) ?? makeChartData(machine);
  known.set(machine, data);
  return data;
}

function makeChartData(machine: Machine): ChartData {
  const groups = representatives(machine.groups);
  const links: Record<string, Link | null> = {};
  for (const { network } of groups) links[network] = linkOf(machine, network);
  const points = groups.flatMap((group) =>
    group.cells.filter(({ failed }) => failed === 0).map((cell) => pointOf(group, cell)),
  );
  return { points, missing: missingOf(machine, points), links, models: fitModels(groups, links) };
}

/** Cells that cannot be drawn, each once: with an outcome on record, and those of which there are no runs at all. */
function missingOf({ failures, groups }: Machine, points: readonly Point[]): Missing[] {
  type Cell = Omit<Missing, 'outcome'>;
  const key = (cell: Cell) =>
    JSON.stringify([cell.dataset, cell.network, cell.receiverSize, cell.senderSize, cell.label]);
  const drawn = new Set(points.map(key));
  const labels = [...new Set(points.map(({ label }) => label))];
  const found = new Map<string, Missing>();
  for (const { dataset, network, receiverSize, senderSize } of groups) {
    for (const label of labels) {
      const cell: Cell = { dataset, network, receiverSize, senderSize, label };
      if (!drawn.has(key(cell))) found.set(key(cell), { ...cell, outcome: 'not run' });
    }
  }
  for (const { dataset, network, receiverSize, senderSize, label, outcome } of failures) {
    const cell: Cell = { dataset, network, receiverSize, senderSize, label };
    const how = outcome === 'skipped' || outcome === 'unavailable' ? outcome : 'failed';
    if (!drawn.has(key(cell))) found.set(key(cell), { ...cell, outcome: how });
  }
  return [...found.values()];
}

/** Where several groups differ in overlap alone, the one with the most cells: an axis has no place for more. */
function representatives(groups: readonly Group[]): Group[] {
  const alike = Map.groupBy(groups, (group) =>
    JSON.stringify([group.dataset, group.network, group.receiverSize, group.senderSize]),
  );
  return [...alike.values()].map((own) => own.reduce((a, b) => (b.cells.length > a.cells.length ? b : a)));
}

/** As calibrated where that is known, as asked otherwise; null for the bare loopback. */
export function linkOf(machine: Machine, network: string): Link | null {
  const facts = machine.environments.map((environment) => environment.networks[network]).find(Boolean);
  const bandwidthBps = facts?.measuredBandwidthBps ?? facts?.bandwidthBps ?? null;
  if (facts === undefined || bandwidthBps === null || facts.bandwidthBps === null) return null;
  return { bandwidthBps, rttMs: facts.measuredRttMs ?? facts.rttMs };
}

function pointOf(group: Group, cell: CellSummary): Point {
  const { dataset, network, receiverSize, senderSize } = group;
  const { impl, label, section, wallMs, sentBytes, flights, peakBytes } = cell;
  const cpu: Record<string, PhaseTimes> = {};
  for (const { party, phase, cpuMs } of cell.partyPhases) {
    cpu[party] = { ...(cpu[party] ?? { setup: 0, prepare: 0, online: 0 }), [phase]: cpuMs };
  }
  return {
    ...{ dataset, network, receiverSize, senderSize, impl, label, section },
    isEnclave: cell.facts.kind === 'enclave',
    ms: wallMs.median,
    low: wallMs.interval.low,
    high: wallMs.interval.high,
    bytes: sentBytes,
    flights,
    peakBytes,
    cpu,
    medians: cell.executions.map(median),
  };
}

function fitModels(groups: readonly Group[], links: ChartData['links']): Record<string, Model> {
  const measured = groups.flatMap((group) =>
    group.cells
      .filter(({ failed }) => failed === 0)
      .map((cell) => ({
        key: modelKey({ ...group, label: cell.label }),
        cell: {
          link: links[group.network] ?? null,
          wallMs: cell.wallMs.median,
          flights: cell.flights,
          sentBytes: Object.values(cell.partySentBytes).filter((bytes) => bytes !== null),
        } satisfies LinkObservation,
      })),
  );
  const byKey = [...Map.groupBy(measured, ({ key }) => key)];
  return Object.fromEntries(
    byKey.map(([key, own]) => {
      const { flights, sentBytes } = own[0]!.cell;
      // What took another number of flights on another network is another run of the protocol.
      const alike = own.filter(
        ({ cell }) => cell.flights === flights && cell.sentBytes.length === sentBytes.length,
      );
      return [key, fitModel(alike.map(({ cell }) => cell))];
    }),
  );
}
