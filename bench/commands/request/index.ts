/** From flags to the request that they make: what `run`, `ab` and the process behind `ab` measure. */
import type { FileSpec } from '../../../datasets/dataset.ts';
import { parseShare } from '../../compare/verdict.ts';
import { UsageError } from '../../errors.ts';
import type { ArgumentsOf } from '../../flags/index.ts';
import { formatOutput, parseOutput } from '../../implementations/output.ts';
import { parseCpus } from '../../machine/foreign-load.ts';
import { parseNetworks } from '../../network/index.ts';
import type { GeneratedData, PeerFileData, RunRequest } from '../../plan/request.ts';
import { parseShard } from '../../plan/shard.ts';
import { parseOverlap, parseSizes } from '../../plan/sizes.ts';
import { MODES } from '../../record/samples.ts';
import { splitList } from '../../words.ts';
import { FILE_ARGUMENTS, type FileArguments, fileSpecOf, ownFileOf } from './files.ts';

export const DEFAULT_SIZES = '2^8,2^12,2^16';
const DEFAULT_MAX_RUNS = 200;

/** The flags that `bench ab` and `bench run` have in common. */
type PlanArguments = Pick<ArgumentsOf<'serve-pairs'>, keyof ArgumentsOf<'serve-pairs'>>;

/** What is asked of a pair of revisions: cells, no sampling. @throws UsageError for flags that do not fit together */
export function pairRequest(argv: PlanArguments): RunRequest {
  return planRequest(argv, dataOf(argv));
}

function planRequest(argv: PlanArguments, data: RunRequest['data']): RunRequest {
  return {
    impl: implementationsOf(argv.impl),
    data,
    networks: parseNetworks(argv.net).map(({ name }) => name),
    seed: argv.seed,
    cells: '*',
    modes: ['warm'],
    executions: 1,
    runs: 1,
    timeMs: 0,
    budgetMs: argv.budget * 1000,
    timeoutMs: argv.timeout * 1000,
    threads: argv.threads,
    set: argv.set,
    outputs: splitList(argv.output).map((text) => formatOutput(parseOutput(text))),
    protocolSeed: null,
    precision: null,
    shard: null,
    cpus: null,
  };
}

/** What is asked of a run. @throws UsageError for flags that do not fit together */
export function runRequest(argv: ArgumentsOf<'run'>): RunRequest {
  const { runs, maxRuns = Math.max(runs, DEFAULT_MAX_RUNS) } = argv;
  if (maxRuns < runs)
    throw new UsageError(`--max-runs expects at least the ${runs} of --runs, got ${maxRuns}`);
  const { peer, receiverFile } = argv;
  const isPeerFile = peer !== undefined && (receiverFile !== undefined || argv.dataset === 'file');
  return {
    ...planRequest(argv, isPeerFile ? peerFileOf(argv) : dataOf(argv)),
    ...(peer !== undefined && { networks: 'peer' as const }),
    cells: argv.cells,
    modes: argv.mode === 'both' ? MODES : [argv.mode],
    executions: argv.executions,
    runs,
    timeMs: argv.time * 1000,
    protocolSeed: argv.seededProtocols ? argv.seed : null,
    precision:
      argv.precision === undefined ? null : { share: parseShare(argv.precision, 'precision'), maxRuns },
    shard: argv.shard === undefined ? null : parseShard(argv.shard),
    cpus: argv.cpus === undefined ? null : parseCpus(argv.cpus),
  };
}

/** The receiver's file here, the sender's over there. @throws UsageError for flags that do not fit together */
function peerFileOf(argv: ArgumentsOf<'run'>): PeerFileData {
  const { receiverFile, senderFile, resultTo } = argv;
  refuse({ ...argv, dataset: 'file' }, SIZES, 'a file has its own sizes and overlap');
  if (senderFile !== undefined) {
    throw new UsageError(
      "--sender-file cannot be combined with --peer: the sender's host has its own (--file)",
    );
  }
  return { kind: 'peer-file', own: ownFileOf(receiverFile, argv), resultTo };
}

/** The names in `--impl`. @throws UsageError when there is none */
export function implementationsOf(impl: string): string[] {
  const names = splitList(impl);
  if (names.length === 0) throw new UsageError('--impl names no implementation: see bench list');
  return names;
}

/** Flags of the data, as far as a command has them; those that its kind of data does not use are refused. */
export interface DataArguments extends FileArguments {
  readonly dataset: 'random' | 'patients' | 'file';
  readonly size?: string;
  readonly receiverSize?: string;
  readonly senderSize?: string;
  readonly overlap?: string;
}

const SIZES = ['size', 'receiverSize', 'senderSize', 'overlap'] as const;

function dataOf(argv: DataArguments): GeneratedData | FileSpec {
  if (argv.dataset === 'file') return fileOf(argv);
  refuse(argv, FILE_ARGUMENTS, 'it needs --dataset file');
  const { size, receiverSize, senderSize } = argv;
  if (size !== undefined && receiverSize !== undefined && senderSize !== undefined) {
    throw new UsageError(
      '--size cannot be combined with both --receiver-size and --sender-size: leave one of the three out',
    );
  }
  return {
    kind: argv.dataset,
    receiverSizes: parseSizes(receiverSize ?? size ?? DEFAULT_SIZES),
    senderSizes: parseSizes(senderSize ?? size ?? DEFAULT_SIZES),
    balanced: receiverSize === undefined && senderSize === undefined,
    overlap: parseOverlap(argv.overlap ?? '50%'),
  };
}

/** The two files of `--dataset file`. @throws UsageError when one is missing, or a size is given as well */
export function fileOf(argv: DataArguments): FileSpec {
  refuse(argv, SIZES, 'a file has its own sizes and overlap');
  return fileSpecOf(argv);
}

/** @throws UsageError when one of `flags` is given */
export function refuse(argv: DataArguments, flags: readonly (keyof DataArguments)[], why: string): void {
  const given = flags.find((flag) => argv[flag] !== undefined);
  if (given === undefined) return;
  const flag = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(`${flag} cannot be combined with data set ${argv.dataset}: ${why}`);
}
