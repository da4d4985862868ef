/**
 * `npm run benchmark network`: asked and got.
 *
 * - For each named profile: round-trip time (target: within 5 % and 1 ms), and bandwidth of 1 MiB and
 *   of 32 MiB in both directions at once, the slower one of each round (target: within 5 %), with what
 *   the relay took of one core.
 * - For each implementation at 2^12 items: the model of `bench/network/model.ts`, fitted to the runs over the
 *   bare loopback and the three profiles, and its error there (target: within 15 %), and at each
 *   network when that was left out of the fit.
 *
 * Figures are medians with their order-statistic interval. About two minutes.
 */

import { calibrate, measureBandwidth, measureRtt, openLink } from '../bench/network/calibration.ts';
import { describeLink, type Link, measuredLink, PROFILES } from '../bench/network/index.ts';
import { fitModel, type LinkObservation } from '../bench/network/model.ts';
import { type Cell, makePlan, obstacleOf } from '../bench/plan/plan.ts';
import { smallRequest } from '../bench/plan/request.ts';
import { loneRun, measure, startParties } from '../bench/run/one-run.ts';
import { Parties } from '../bench/run/parties.ts';
import { median, medianInterval } from '../bench/statistics/stats.ts';
import { expectedIntersection } from '../datasets/dataset.ts';

const MIB = 1 << 20;
/** Bulk of a size is timed for about this long, in as many rounds as fit, but at most … */
const BULK_MS = 3000;
const BULK_ROUNDS = 15;
const RTT_ROUNDS = 5;
const MODEL_SIZE = 2 ** 12;
const MODEL_RUNS = 7;
const WARMUP_RUNS = 3;

function figures(values: readonly number[], digits: number): string {
  const { low, high } = medianInterval(values);
  const [middle, from, to] = [median(values), low, high].map((value) => value.toFixed(digits));
  return `${middle} [${from}, ${to}], n = ${values.length}`;
}

function verdict(good: boolean): string {
  return good ? 'within the target' : 'OUTSIDE the target';
}

async function shaping(name: string, link: Link): Promise<void> {
  console.log(`${name}: ${describeLink(link)}`);
  const ends = await openLink(link);
  await measureBandwidth(ends, MIB, ['forward', 'backward']); // the relay's cold code
  const rtts: number[] = [];
  for (let i = 0; i < RTT_ROUNDS; i++) rtts.push(await measureRtt(ends, link));
  const rttMs = median(rtts);
  const off = Math.abs(rttMs - link.rttMs) <= 0.05 * link.rttMs + 1;
  console.log(`  round-trip time  ${figures(rtts, 2)} ms, asked ${link.rttMs}: ${verdict(off)}`);
  for (const mib of [1, 32]) {
    const onceMs = (mib * MIB * 8000) / link.bandwidthBps;
    const rounds = Math.min(BULK_ROUNDS, Math.max(1, Math.round(BULK_MS / onceMs)));
    const rates: number[] = [];
    await ends.relayCpuMs();
    const from = performance.now();
    for (let i = 0; i < rounds; i++) {
      const both = await measureBandwidth(ends, mib * MIB, ['forward', 'backward']);
      rates.push(Math.min(...both) / 1e6);
    }
    const busy = (100 * (await ends.relayCpuMs())) / (performance.now() - from);
    const asked = link.bandwidthBps / 1e6;
    const good = Math.abs(median(rates) / asked - 1) <= 0.05;
    console.log(
      `  ${`${mib} MiB`.padEnd(15)}  ${figures(rates, 2)} Mbit/s each way, asked ${asked}: ${verdict(good)}; relay ${busy.toFixed(0)} % of a core`,
    );
  }
  await ends.close();
}

/** Medians of one cell, or null when it cannot run here. */
async function measureCell(cell: Cell, link: Link | null): Promise<LinkObservation | null> {
  if (await obstacleOf(cell)) return null;
  const parties = await startParties(cell, 60_000, new AbortController().signal);
  if (!(parties instanceof Parties)) throw new Error(`${cell.id}: ${parties.reason}`);
  const expected = await expectedIntersection(cell.dataset);
  const walls: number[] = [];
  let traffic: Pick<LinkObservation, 'flights' | 'sentBytes'> | undefined;
  for (let sample = 0; sample < WARMUP_RUNS + MODEL_RUNS; sample++) {
    const circumstances = loneRun(cell, sample);
    const { sample: row } = await measure(parties, cell, expected, 60_000, circumstances);
    if (row.outcome !== 'ok') throw new Error(`${cell.id}: ${row.reason}`);
    if (sample < WARMUP_RUNS) continue;
    walls.push(row.wallMs);
    const { flights, receiverSentBytes, senderSentBytes, helperSentBytes } = row;
    traffic = { flights, sentBytes: [receiverSentBytes, senderSentBytes, helperSentBytes ?? 0] };
  }
  await parties.dismiss();
  return { link, wallMs: median(walls), ...traffic! };
}

async function model(): Promise<void> {
  const sizes = { receiver: [MODEL_SIZE], sender: [MODEL_SIZE] };
  const networks = ['none', ...Object.keys(PROFILES)];
  const plan = await makePlan(smallRequest(['all'], sizes, { networks, seed: 'network', timeoutMs: 60_000 }));
  const got: (Link | null)[] = [];
  for (const network of plan.networks) got.push(measuredLink(await calibrate(network)));
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(`the model at ${MODEL_SIZE} items, MODELLED against measured (target: within 15 %)`);
  for (const { located } of plan.blocks[0]?.cells ?? []) {
    const { id } = located.implementation;
    const measured: LinkObservation[] = [];
    for (const [i, { cells }] of plan.blocks.entries()) {
      const cell = await measureCell(
        cells.find((one) => one.located.implementation.id === id)!,
        got[i] ?? null,
      );
      if (cell) measured.push(cell);
    }
    if (measured.length === 0) {
      console.log(`  ${id}: not available here`);
      continue;
    }
    const fitted = fitModel(measured);
    const names = plan.networks.map(({ name }) => name);
    const points = fitted.points.map(
      ({ relativeError, heldOutError, measuredMs }, i) =>
        `${names[i]} ${measuredMs.toFixed(1)} ms ${percent(relativeError)} (left out ${percent(heldOutError!)})`,
    );
    console.log(
      `  ${id}: ${points.join(', ')}; compute ${fitted.computeMs.toFixed(1)} ms, overlap ${fitted.overlap}, duplex ${fitted.duplex}: ${verdict(fitted.worstError <= 0.15)}`,
    );
  }
}

const [only] = process.argv.slice(2);
for (const [name, link] of Object.entries(PROFILES)) {
  if (only === undefined || only === name) await shaping(name, link);
}
if (only === undefined || only === 'model') await model();
