/** The chart of the matrix's ratio over set sizes. */

import { formatSize, significant } from '../../format/numbers.ts';
import { PUBLISHED_ENCLAVES } from '../published.ts';
import type { Chart, ChartData, ChartView } from './chart.ts';
import { ratioChart } from './drawing/ratio.ts';
import { sidesOf } from './modelled-ratio.ts';
import { networkName } from './network-name.ts';
import type { Point } from './point.ts';

/** The ratio of the matrix over sizes, a line per network; for the plain enclave, or the first there is. */
export function ratioCharts(
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
    const name = network === 'none' ? 'loopback' : networkName(network, links[network]);
    return [{ network, networkName: name, size, ratio: best.ms / (mine.ms * slowdown), rival: best.label }];
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
