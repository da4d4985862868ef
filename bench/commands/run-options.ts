/** The flags that say what is to be measured, and the request they make. */
import type { Argv } from 'yargs';
import { parseShare } from '../compare/verdict.ts';
import { UsageError } from '../errors.ts';
import { formatOutput, parseOutput } from '../implementations/output.ts';
import { parseCpus } from '../machine/foreign-load.ts';
import { describeProfiles, parseNetworks } from '../network/index.ts';
import { TOKEN_VARIABLE } from '../peer/secure.ts';
import type { RunRequest } from '../plan/plan.ts';
import { parseShard } from '../plan/shard.ts';
import { parseOverlap, parseSizes } from '../plan/sizes.ts';

export const DEFAULT_SIZES = '2^8,2^12,2^16';
const DEFAULT_MAX_RUNS = 200;

export interface RunArguments {
  readonly impl: string;
  readonly size?: string;
  readonly senderSize?: string;
  readonly receiverSize?: string;
  readonly overlap?: string;
  readonly dataset: 'random' | 'patients' | 'file';
  readonly receiverFile?: string;
  readonly senderFile?: string;
  readonly key?: string;
  readonly net: string;
  readonly peer?: string;
  readonly tokenFile?: string;
  readonly seed: string;
  readonly runs: number;
  readonly time: number;
  readonly budget: number;
  readonly timeout: number;
  readonly threads: number;
  readonly set: readonly string[];
  readonly output: string;
  readonly seededProtocols?: boolean;
  readonly precision?: string;
  readonly maxRuns?: number;
  readonly shard?: string;
  readonly cpus?: string;
}

/** Adds the flags to a command. */
export function requestOptions<T>(argv: Argv<T>) {
  return argv
    .option('impl', {
      type: 'string',
      default: 'all',
      describe: 'implementations, with commas: ids, "all", or paths as ./my-psi.ts',
    })
    .option('threads', {
      type: 'number',
      default: 1,
      describe: 'threads per party, for implementations that can use them',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      describe: 'an option: impl.option=value (see bench list); repeatable',
    })
    .option('output', {
      type: 'string',
      default: 'intersection',
      describe: 'what the receiver learns, with commas: intersection, cardinality, threshold:T',
    })
    .group(['impl', 'threads', 'set', 'output'], 'What to run:')
    .option('dataset', {
      choices: ['random', 'patients', 'file'] as const,
      default: 'random' as const,
      describe: 'generated identifiers, generated patients, or two CSV files',
    })
    .option('size', {
      type: 'string',
      describe: 'set sizes of both sides, with commas: 4096, 2^12, 64k',
      defaultDescription: DEFAULT_SIZES,
    })
    .option('receiver-size', {
      type: 'string',
      describe: "the receiver's set sizes; every one with every sender's",
    })
    .option('sender-size', { type: 'string', describe: "the sender's set sizes" })
    .option('overlap', {
      type: 'string',
      describe: 'shared items: a share of the smaller set (50%, 0.5) or a count (512, 2^9)',
      defaultDescription: '50%',
    })
    .option('seed', {
      type: 'string',
      default: '1',
      describe: 'seed of data and order, never of the protocols',
    })
    .option('receiver-file', { type: 'string', describe: "the receiver's CSV file" })
    .option('sender-file', { type: 'string', describe: "the sender's CSV file" })
    .option('key', { type: 'string', describe: 'column, or columns with commas, that identify a record' })
    .group(
      [
        'dataset',
        'size',
        'receiver-size',
        'sender-size',
        'overlap',
        'seed',
        'receiver-file',
        'sender-file',
        'key',
      ],
      'Data:',
    )
    .option('net', {
      type: 'string',
      default: 'none',
      describe: `networks, with commas: none (the bare loopback), ${describeProfiles()}, or your own as 100mbit/20ms-rtt`,
    })
    .option('peer', {
      type: 'string',
      describe: 'HOST:PORT of another host that plays the sender, where bench party listens',
    })
    .option('token-file', {
      type: 'string',
      describe: `with --peer: file with the secret of both hosts (without it: ${TOKEN_VARIABLE})`,
    })
    .group(['net', 'peer', 'token-file'], 'Network:')
    .option('runs', { type: 'number', default: 6, describe: 'measured runs per cell at least' })
    .option('time', { type: 'number', default: 1, describe: 'seconds of measured runs per cell at least' })
    .option('budget', {
      type: 'number',
      default: 25,
      describe:
        'seconds per cell at most; what is predicted to need more for one run is skipped, and recorded so',
    })
    .option('timeout', {
      type: 'number',
      default: 120,
      describe: 'seconds for a single run; then it is ended and recorded so',
    })
    .option('seeded-protocols', {
      type: 'boolean',
      hidden: true,
      describe: 'seed the protocols too (tests: not a measurement)',
    })
    .group(['runs', 'time', 'budget', 'timeout'], 'How long:');
}

/** Adds the flags that only a run has: when to stop, and what part of it to do where. */
export function samplingOptions<T>(argv: Argv<T>) {
  return argv
    .option('precision', {
      type: 'string',
      describe:
        'sample until the 95 % interval of the median time is this tight, e.g. 5%; says where it is not',
    })
    .option('max-runs', {
      type: 'number',
      describe: 'with --precision: measured runs per cell at most',
      defaultDescription: String(DEFAULT_MAX_RUNS),
    })
    .group(['precision', 'max-runs'], 'How long:')
    .option('shard', {
      type: 'string',
      describe: 'measure the i-th of N parts of the cells: 2/8 (join them with bench merge)',
    })
    .option('cpus', { type: 'string', describe: 'keep all processes on these cores: 0,1 (Linux)' })
    .group(['shard', 'cpus'], 'Where:');
}

function samplingRequest({ precision, maxRuns, shard, cpus, runs }: RunArguments) {
  if (maxRuns !== undefined && precision === undefined) {
    throw new UsageError('--max-runs bounds what --precision asks for: give both, or neither');
  }
  if (maxRuns !== undefined) assertNumber(maxRuns, 'max-runs', runs, true);
  return {
    ...(precision !== undefined && {
      precision: parseShare(precision, 'precision'),
      maxRuns: maxRuns ?? Math.max(runs, DEFAULT_MAX_RUNS),
    }),
    ...(shard !== undefined && { shard: parseShard(shard) }),
    ...(cpus !== undefined && { cpus: parseCpus(cpus) }),
  };
}

/** @throws UsageError for flags that do not fit together. */
export function requestFrom(argv: RunArguments): RunRequest {
  assertNumber(argv.runs, 'runs', 1, true);
  assertNumber(argv.threads, 'threads', 1, true);
  assertNumber(argv.time, 'time', 0);
  assertNumber(argv.budget, 'budget', 0.001);
  assertNumber(argv.timeout, 'timeout', 0.001);
  const isFile = argv.dataset === 'file';
  refuse(isFile, argv, ['size', 'receiverSize', 'senderSize', 'overlap'], 'a file has the sizes that it has');
  refuse(!isFile, argv, ['receiverFile', 'senderFile', 'key'], 'it goes with --dataset file');
  if (argv.peer !== undefined && argv.net !== 'none') {
    throw new UsageError('--net does not fit --peer: the network between two hosts is what it is');
  }
  if (argv.peer !== undefined && isFile) {
    throw new UsageError('--dataset file does not fit --peer: the result could not be checked here');
  }
  const size = argv.size ?? (argv.receiverSize && argv.senderSize ? undefined : DEFAULT_SIZES);
  if (argv.size !== undefined && argv.receiverSize !== undefined && argv.senderSize !== undefined) {
    throw new UsageError(
      '--size has no meaning beside both --receiver-size and --sender-size: leave one of the three out',
    );
  }
  const impl = argv.impl
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (impl.length === 0) throw new UsageError('--impl names no implementation: see bench list');
  return {
    impl,
    dataset: argv.dataset,
    receiverSizes: parseSizes(argv.receiverSize ?? size!),
    senderSizes: parseSizes(argv.senderSize ?? size!),
    balanced: argv.receiverSize === undefined && argv.senderSize === undefined,
    overlap: parseOverlap(argv.overlap ?? '50%'),
    ...(isFile && fileRequest(argv)),
    networks: parseNetworks(argv.net).map(({ name }) => name),
    ...(argv.peer !== undefined && { overPeer: true }),
    seed: argv.seed,
    runs: argv.runs,
    timeMs: argv.time * 1000,
    budgetMs: argv.budget * 1000,
    timeoutMs: argv.timeout * 1000,
    threads: argv.threads,
    set: argv.set,
    outputs: argv.output.split(',').map((text) => formatOutput(parseOutput(text.trim()))),
    protocolSeed: argv.seededProtocols ? argv.seed : null,
    ...samplingRequest(argv),
  };
}

function fileRequest({ receiverFile, senderFile, key }: RunArguments) {
  if (!receiverFile || !senderFile || !key) {
    throw new UsageError('--dataset file needs --receiver-file, --sender-file and --key');
  }
  return { receiverFile, senderFile, key: key.split(',').map((column) => column.trim()) };
}

function refuse(
  when: boolean,
  argv: RunArguments,
  flags: readonly (keyof RunArguments)[],
  why: string,
): void {
  const given = flags.filter((flag) => argv[flag] !== undefined);
  if (!when || given.length === 0) return;
  const flag = `--${given[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(`${flag} does not fit --dataset ${argv.dataset}: ${why}`);
}

function assertNumber(value: number, flag: string, min: number, whole = false): void {
  if (Number.isFinite(value) && value >= min && (!whole || Number.isInteger(value))) return;
  throw new UsageError(`--${flag} expects a ${whole ? 'whole ' : ''}number of at least ${min}, got ${value}`);
}
