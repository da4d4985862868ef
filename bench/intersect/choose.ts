/** Which implementation `bench intersect --impl auto` takes: the fastest that keeps both files private. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Implementation, OptionValues, Output, Session } from '../contract.ts';
import { UsageError } from '../errors.ts';
import { formatMs } from '../format/numbers.ts';
import type { Located } from '../implementations/find.ts';
import { resolveOptions } from '../implementations/options.ts';
import { offers } from '../implementations/output.ts';
import type { Link } from '../network/index.ts';
import { networkCostMs } from '../network/model.ts';
import { formatSize } from '../plan/sizes.ts';
import { formatOptions, listRecords, type OkSample, readRecord } from '../record/samples.ts';
import { median } from '../statistics/stats.ts';
import { MAX_ITEMS } from '../terms.ts';

/** What is to be computed. */
export interface Job {
  readonly sizes: Session['sizes'];
  readonly output: Output;
  readonly threads: number;
  /** Null: the bare loopback. */
  readonly link: Link | null;
}

/** An implementation, and what one run of the job is predicted to take with it. */
export interface Prospect {
  readonly located: Located;
  readonly options: OptionValues;
  readonly wallMs: number;
  readonly basis: Basis;
}

type Basis = 'the reference run' | 'its own estimate, without the network';

/** What was measured of an implementation: medians over the runs of one pair of sizes without a network. */
export interface Observed {
  readonly items: number;
  readonly wallMs: number;
  readonly flights: number;
  readonly sentBytes: readonly number[];
}

/** What is known of implementations, by what {@link observedKey} makes of them. */
export type Observations = ReadonlyMap<string, readonly Observed[]>;

export interface Choice {
  readonly chosen: Prospect;
  /** A sentence for the user. */
  readonly why: string;
}

/**
 * Chooses among `candidates`, with their options at their defaults.
 * @throws UsageError when none can do the job privately here, or nothing is known of any
 */
export async function choose(
  candidates: readonly Located[],
  job: Job,
  observations: Observations,
): Promise<Choice> {
  const prospects: Prospect[] = [];
  const left: string[] = [];
  for (const located of candidates) {
    const { implementation } = located;
    const options = resolveOptions(implementation, {});
    const obstacle =
      privacyObstacle(implementation, options) ?? (await obstacleTo(implementation, options, job));
    const prediction = obstacle === null ? predict(implementation, options, job, observations) : null;
    if (prediction) prospects.push({ located, options, ...prediction });
    else left.push(`${implementation.id} (${obstacle ?? 'nothing tells what it takes'})`);
  }
  prospects.sort((a, b) => a.wallMs - b.wallMs);
  const [chosen, ...others] = prospects;
  if (!chosen) {
    throw new UsageError(`--impl auto finds no implementation: ${left.join('; ')}; name one with --impl`);
  }
  const { receiver, sender } = job.sizes;
  const rivals = others.map(
    ({ located, wallMs }) => `${located.implementation.id} about ${formatMs(wallMs)}`,
  );
  const sentences = [
    `${chosen.located.implementation.id} is taken: about ${formatMs(chosen.wallMs)} for ${formatSize(receiver)} × ${formatSize(sender)} items, by ${chosen.basis}`,
    rivals.length > 0 && `then ${rivals.join(', ')}`,
    left.length > 0 && `not considered: ${left.join(', ')}`,
  ];
  return { chosen, why: sentences.filter((part) => part !== false).join('; ') };
}

/** Why the implementation does not keep the files private on this machine; null when it does. */
function privacyObstacle(implementation: Implementation, options: OptionValues): string | null {
  const { kind, security } = implementation;
  if (!security.private || kind === 'open') return 'not private';
  if (kind === 'third-party') return 'a third party would have to be trusted';
  if (kind === 'enclave' && implementation.hardware?.(options) !== 'real') {
    return 'its enclave is simulated here, which protects nothing';
  }
  return null;
}

/** Why the implementation cannot do the job here; null when it can. */
async function obstacleTo(
  implementation: Implementation,
  options: OptionValues,
  { sizes, output }: Job,
): Promise<string | null> {
  if (!offers(implementation, output)) return `it has no output ${output.kind}`;
  for (const role of ['receiver', 'sender'] as const) {
    const limit = implementation.limits?.[role] ?? MAX_ITEMS;
    if (sizes[role] > limit) return `at most ${formatSize(limit)} items at the ${role}`;
  }
  const available = await implementation.available(options);
  return available === true ? null : available;
}

function predict(
  implementation: Implementation,
  options: OptionValues,
  { sizes, link, threads }: Job,
  observations: Observations,
): { wallMs: number; basis: Basis } | null {
  const items = sizes.receiver + sizes.sender;
  const observed = observations.get(observedKey(implementation, formatOptions(options))) ?? [];
  const between = interpolate(observed, items);
  if (between && threads === 1) {
    return { wallMs: between.wallMs + networkCostMs(between, link), basis: 'the reference run' };
  }
  const estimate = implementation.estimate?.(sizes, options);
  return estimate ? { wallMs: estimate.wallMs, basis: 'its own estimate, without the network' } : null;
}

/**
 * Between the neighbouring sizes that were observed, along a straight line; beyond the largest in
 * proportion, below the smallest as that. Null without any.
 */
function interpolate(observed: readonly Observed[], items: number): Observed | null {
  const sorted = observed.toSorted((a, b) => a.items - b.items);
  const above = sorted.find((one) => one.items >= items);
  const below = sorted.findLast((one) => one.items <= items);
  if (!below) return above ?? null;
  if (!above) return scaled(below, items / below.items);
  if (above.items === below.items) return below;
  const share = (items - below.items) / (above.items - below.items);
  const mix = (a: number, b: number) => a + share * (b - a);
  return {
    items,
    wallMs: mix(below.wallMs, above.wallMs),
    flights: below.flights,
    sentBytes: below.sentBytes.map((bytes, i) => mix(bytes, above.sentBytes[i] ?? bytes)),
  };
}

function scaled(one: Observed, factor: number): Observed {
  return {
    ...one,
    items: one.items * factor,
    wallMs: one.wallMs * factor,
    sentBytes: one.sentBytes.map((bytes) => bytes * factor),
  };
}

/** Figures of another version, or of other options, say nothing of this one. */
export function observedKey(
  { id, version }: Pick<Implementation, 'id' | 'version'>,
  options: string,
): string {
  return `${id} ${version} ${options}`;
}

const reference = fileURLToPath(new URL('../../results/reference/', import.meta.url));

/** What the reference run, which comes with this project, measured without a network; nothing where it is missing. */
export async function referenceObservations(folder = reference): Promise<Observations> {
  const runs = new Map<string, Map<number, OkSample[]>>();
  const records = existsSync(folder) ? await listRecords(folder) : [];
  for (const record of records) {
    for (const sample of (await readRecord(record)).samples) {
      if (sample.outcome !== 'ok' || sample.warmup || sample.network !== 'none' || sample.threads !== 1)
        continue;
      if (sample.output !== 'intersection') continue;
      const key = observedKey({ id: sample.impl, version: sample.version }, sample.options);
      const sizes = runs.get(key) ?? new Map<number, OkSample[]>();
      runs.set(key, sizes);
      const items = sample.receiverSize + sample.senderSize;
      sizes.set(items, [...(sizes.get(items) ?? []), sample]);
    }
  }
  return new Map(
    [...runs].map(([key, sizes]) => [key, [...sizes].map(([items, samples]) => observedOf(items, samples))]),
  );
}

function observedOf(items: number, samples: readonly OkSample[]): Observed {
  const of = (value: (sample: OkSample) => number) => median(samples.map(value));
  return {
    items,
    wallMs: of(({ wallMs }) => wallMs),
    flights: of(({ flights }) => flights),
    sentBytes: [
      of(({ receiverSentBytes }) => receiverSentBytes),
      of(({ senderSentBytes }) => senderSentBytes),
      of(({ helperSentBytes }) => helperSentBytes ?? 0),
    ],
  };
}
