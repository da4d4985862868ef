/** From what was asked for to the cells that will be measured: implementation × data set × network. */

import type { DatasetSpec } from '../../datasets/dataset.ts';
import type { OptionValues, Output } from '../contract.ts';
import { messageOf, UsageError } from '../errors.ts';
import { findImplementations, type Located } from '../implementations/find.ts';
import { parseSetting, resolveOptions } from '../implementations/options.ts';
import { formatOutput, offers, parseOutput } from '../implementations/output.ts';
import { type Link, type Network, PEER_NETWORK, parseNetwork } from '../network/index.ts';
import { cellId } from '../record/samples.ts';
import { MAX_ITEMS } from '../terms.ts';
import { didYouMean } from '../words.ts';
import { cellPattern } from './cell-pattern.ts';
import { fileData } from './file-data.ts';
import type { GeneratedData, RunRequest } from './request.ts';
import { shardOf } from './shard.ts';
import { overlapCount } from './sizes.ts';

/** One thing to measure. Cells of one block see the same data and network and are measured in turn. */
export interface Cell {
  readonly id: string;
  /** Equal for cells that differ in sizes and network alone. */
  readonly series: string;
  readonly located: Located;
  readonly options: OptionValues;
  readonly engine: string;
  readonly dataset: DatasetSpec;
  /** The data set's name in records. */
  readonly datasetName: string;
  readonly sizes: { readonly receiver: number; readonly sender: number };
  readonly overlap: number;
  /** The network's name in records. */
  readonly network: string;
  /** What the network's links are made to be; null for the bare loopback. */
  readonly link: Link | null;
  readonly threads: number;
  /** What the receiver is to learn. */
  readonly output: Output;
  /** Seeds the protocols' randomness: exact baselines and tests only. */
  readonly protocolSeed: string | null;
}

/** Cells that share data and network: one pair of sets, one kind of link. */
export interface Block {
  readonly dataset: DatasetSpec;
  readonly datasetName: string;
  readonly sizes: { readonly receiver: number; readonly sender: number };
  readonly overlap: number;
  /** The receiver's indices that are shared, where the data set alone does not tell. */
  readonly expected?: Uint32Array;
  readonly network: Network;
  readonly cells: readonly Cell[];
}

export interface Plan {
  readonly request: RunRequest;
  readonly located: readonly Located[];
  readonly blocks: readonly Block[];
  /** In the order of the request. */
  readonly networks: readonly Network[];
  /** Facts on the data sets for the record, by name. */
  readonly datasets: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
  /** What the user should know of the data, a line each. */
  readonly remarks: readonly string[];
}

/**
 * Works out the cells of a request; reads the files of a `file` data set to know their sizes.
 * @param own the data, when half of it is on another host (`peer-file`)
 * @throws UsageError for an unknown implementation or option, or sizes that do not fit.
 */
export async function makePlan(request: RunRequest, own?: BlockData): Promise<Plan> {
  const located = await findImplementations(request.impl);
  const settings = settingsFor(located, request.set);
  const outputs = request.outputs.map(parseOutput);
  const data = own ? [own] : await dataOf(request);
  const networks = request.networks === 'peer' ? [PEER_NETWORK] : request.networks.map(parseNetwork);
  const isWanted = cellPattern(request.cells);
  const blocks = data.flatMap(({ facts: _, remarks: __, ...shared }) =>
    networks.map((network) => {
      const block = { ...shared, network };
      const cells = outputs.flatMap((output) =>
        located.map((one) => cellOf(one, block, settings.get(one.implementation.id)!, output, request)),
      );
      return { ...block, cells: cells.filter(({ id }) => isWanted(id)) };
    }),
  );
  // Small sets first; over each network in turn, so that the first tells what the next will take.
  const sorted = blocks.filter(({ cells }) => cells.length > 0).sort((a, b) => totalItems(a) - totalItems(b));
  if (sorted.length === 0) throw new UsageError(`--cells ${request.cells} matches no cell`);
  return {
    request,
    located,
    blocks: request.shard ? shardOf(sorted, request.shard) : sorted,
    networks,
    datasets: Object.fromEntries(data.map(({ datasetName, facts }) => [datasetName, facts])),
    remarks: data.flatMap(({ remarks }) => remarks),
  };
}

function totalItems({ sizes }: Pick<Block, 'sizes'>): number {
  return sizes.receiver + sizes.sender;
}

/** What the blocks of a plan are made of: one pair of sets, and facts on it for the record. */
export type BlockData = Omit<Block, 'cells' | 'network'> & {
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** What the user should know of the data, a line each. */
  readonly remarks: readonly string[];
};

async function dataOf({ data, seed }: RunRequest): Promise<BlockData[]> {
  if (data.kind === 'file') return [await fileData(data)];
  if (data.kind === 'peer-file') throw new UsageError('half of the data is on another host: give --peer');
  return generatedData(data, seed);
}

function generatedData(data: GeneratedData, seed: string): BlockData[] {
  const { kind, receiverSizes, senderSizes } = data;
  const pairs = data.balanced
    ? receiverSizes.map((size, i) => [size, senderSizes[i]!] as const)
    : receiverSizes.flatMap((receiver) => senderSizes.map((sender) => [receiver, sender] as const));
  return pairs.map(([receiver, sender]) => {
    const overlap = overlapCount(data.overlap, receiver, sender);
    return {
      dataset: { kind, receiverSize: receiver, senderSize: sender, overlap, seed },
      datasetName: kind,
      sizes: { receiver, sender },
      overlap,
      facts: { seed },
      remarks: [],
    };
  });
}

/** The options of every implementation: defaults and what `--set` says. */
function settingsFor(located: readonly Located[], set: readonly string[]): Map<string, OptionValues> {
  const given = new Map<string, Record<string, string>>(located.map((one) => [one.implementation.id, {}]));
  for (const text of set) {
    const { implementation, option, value } = parseSetting(text);
    const target = given.get(implementation);
    if (!target) {
      throw new UsageError(
        `--set ${text}: "${implementation}" is not among the chosen implementations (${[...given.keys()].join(', ')}).${didYouMean(implementation, given.keys())}`,
      );
    }
    target[option] = value;
  }
  return new Map(
    located.map(({ implementation }) => [
      implementation.id,
      resolveOptions(implementation, given.get(implementation.id)!),
    ]),
  );
}

function cellOf(
  located: Located,
  data: Omit<Block, 'cells'>,
  options: OptionValues,
  output: Output,
  request: RunRequest,
): Cell {
  const { implementation } = located;
  const threads = implementation.threads ? request.threads : 1;
  const chosen = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== implementation.options[name]?.default),
  );
  const name = {
    impl: implementation.id,
    options: chosen,
    dataset: data.datasetName,
    receiverSize: data.sizes.receiver,
    senderSize: data.sizes.sender,
    overlap: data.overlap,
    network: data.network.name,
    threads,
    output: formatOutput(output),
  };
  return {
    id: cellId(name),
    series: cellId({ ...name, receiverSize: 0, senderSize: 0, overlap: 0, network: '' }),
    located,
    options,
    engine: engineOf(located, options),
    dataset: data.dataset,
    datasetName: data.datasetName,
    sizes: data.sizes,
    overlap: data.overlap,
    network: data.network.name,
    link: data.network.link,
    threads,
    output,
    protocolSeed: request.protocolSeed,
  };
}

function engineOf({ implementation }: Located, options: OptionValues): string {
  try {
    return implementation.engine?.(options) ?? '';
  } catch {
    // Told by `obstacleOf`: one implementation's fault ends no sweep.
    return '';
  }
}

/** Asks an implementation whether it can run: true, or why not. */
async function availability({ located: { implementation }, options }: Cell): Promise<true | string> {
  try {
    implementation.engine?.(options);
    return await implementation.available(options);
  } catch (error) {
    return `engine() or available() failed: ${messageOf(error)}`;
  }
}

/** Why a cell cannot be measured at all: `null`, or how it is to be recorded. */
export async function obstacleOf(
  cell: Cell,
): Promise<{ readonly outcome: 'unavailable' | 'skipped'; readonly reason: string } | null> {
  const { implementation } = cell.located;
  const available = await availability(cell);
  if (available !== true) return { outcome: 'unavailable', reason: available };
  if (!offers(implementation, cell.output)) {
    const { outputs = ['intersection'] } = implementation;
    return {
      outcome: 'skipped',
      reason: `has no output ${cell.output.kind}: it offers ${outputs.join(', ')}`,
    };
  }
  for (const role of ['receiver', 'sender'] as const) {
    const limit = implementation.limits?.[role] ?? MAX_ITEMS;
    if (cell.sizes[role] > limit) {
      return {
        outcome: 'skipped',
        reason: `supports at most ${limit} items at the ${role}, asked for ${cell.sizes[role]}`,
      };
    }
  }
  return null;
}
