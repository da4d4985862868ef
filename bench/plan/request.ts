/** What a run is asked to do. */
import type { FileSpec } from '../../datasets/dataset.ts';
import type { Mode } from '../record/samples.ts';
import type { Shard } from './shard.ts';
import type { Overlap } from './sizes.ts';

/** Sets made from a seed, of sizes and an overlap. */
export interface GeneratedData {
  readonly kind: 'random' | 'patients';
  readonly receiverSizes: readonly number[];
  readonly senderSizes: readonly number[];
  /** Pair the two lists item by item, rather than every one with every other. */
  readonly balanced: boolean;
  readonly overlap: Overlap;
}

/** The receiver's file here, the sender's on the host that plays it. */
export interface PeerFileData {
  readonly kind: 'peer-file';
  /** The receiver's file, which stands in the place of both. */
  readonly own: FileSpec;
  /** Who gets the result. */
  readonly resultTo: 'receiver' | 'both';
}

/** What a run was asked to do, in plain values: stored in the record, so that it can be continued. */
export interface RunRequest {
  readonly impl: readonly string[];
  readonly data: GeneratedData | FileSpec | PeerFileData;
  /** Names or definitions of networks, in order, or the real one to another host, which plays the sender. */
  readonly networks: readonly string[] | 'peer';
  readonly seed: string;
  /** Only cells of these names, with commas; `*` stands for anything. */
  readonly cells: string;
  readonly modes: readonly Mode[];
  /** Sets of processes per cell at least. */
  readonly executions: number;
  /** Least number of measured warm runs per cell, over all executions. */
  readonly runs: number;
  /** Least time to spend on the measured warm runs of a cell, in ms. */
  readonly timeMs: number;
  /** Most time to spend on a cell, warm-up included, in ms. */
  readonly budgetMs: number;
  /** Most time for one run, in ms. */
  readonly timeoutMs: number;
  readonly threads: number;
  readonly set: readonly string[];
  /** What receivers are to learn, each for every implementation. */
  readonly outputs: readonly string[];
  readonly protocolSeed: string | null;
  /** Sample until the 95 % interval of the median time is ± this share of it, but no more than so many runs. */
  readonly precision: { readonly share: number; readonly maxRuns: number } | null;
  /** Only this part of the cells. */
  readonly shard: Shard | null;
  /** Only on these cores. */
  readonly cpus: readonly number[] | null;
}

/** One run of each cell over the bare loopback, of sets that share half: for what measures outside a sweep. */
export function smallRequest(
  impl: readonly string[],
  sizes: { readonly receiver: readonly number[]; readonly sender: readonly number[] },
  given: Partial<RunRequest> & { readonly seed: string; readonly timeoutMs: number },
): RunRequest {
  return {
    impl,
    data: {
      kind: 'random',
      receiverSizes: sizes.receiver,
      senderSizes: sizes.sender,
      balanced: true,
      overlap: { share: 0.5 },
    },
    networks: ['none'],
    cells: '*',
    modes: ['warm'],
    executions: 1,
    runs: 1,
    timeMs: 0,
    budgetMs: given.timeoutMs,
    threads: 1,
    set: [],
    outputs: ['intersection'],
    protocolSeed: null,
    precision: null,
    shard: null,
    cpus: null,
    ...given,
  };
}
