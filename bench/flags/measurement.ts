/** Flags that say what is measured: together they are the request that a record keeps. */
import { describeProfiles } from '../network/index.ts';
import { FILE_FLAGS } from './files.ts';
import type { Flags } from './spec.ts';

/** Commands that measure a plan of cells; `serve-pairs` is the hidden half of `ab`. */
const PLANNED = { run: {}, ab: {}, 'serve-pairs': {} } as const;

const WHAT = 'What to run:';
const DATA = 'Data:';
const NETWORK = 'Network:';
const LONG = 'How long:';
const WHERE = 'Where:';

export const MEASUREMENT_FLAGS = {
  impl: {
    type: 'text',
    group: WHAT,
    default: 'all',
    recorded: 'name',
    help: 'implementations, with commas: ids, "all", -id to leave one out (all,-seal), or paths (./my-psi.ts)',
    commands: {
      ...PLANNED,
      baseline: {},
      attack: { help: 'whose transcripts: ids or paths, with commas' },
      party: { help: 'implementations that may be asked for, as in bench run' },
      doctor: { default: 'hash', help: 'the implementation to run against itself' },
      intersect: {
        default: 'auto',
        help: 'an id, a path (./my-psi.ts), or auto: the fastest that is private on this machine',
      },
    },
  },
  threads: {
    type: 'number',
    group: WHAT,
    default: 1,
    min: 1,
    whole: true,
    help: 'threads per party, for implementations that can use them',
    commands: { ...PLANNED, intersect: {} },
  },
  set: {
    type: 'list',
    group: WHAT,
    help: 'an option: impl.option=value (see bench list); repeatable',
    commands: {
      intersect: {},
      ...PLANNED,
      party: {
        help: "an option's value that may be asked for beside its default: impl.option=value; repeatable",
      },
    },
  },
  output: {
    type: 'text',
    group: WHAT,
    default: 'intersection',
    help: 'what the receiver learns, with commas: intersection, cardinality, threshold:T',
    commands: {
      ...PLANNED,
      intersect: { help: 'what the receiver learns: intersection, cardinality or threshold:T' },
    },
  },
  cells: {
    type: 'text',
    group: WHAT,
    default: '*',
    help: 'only cells of these names, with commas; * stands for anything: ecdh/*,hash/*/none/*',
    commands: { run: {}, ab: {} },
  },
  dataset: {
    type: 'text',
    group: DATA,
    choices: ['random', 'patients', 'file'],
    default: 'random',
    help: 'generated identifiers, generated patients, or two CSV files',
    commands: PLANNED,
  },
  size: {
    type: 'text',
    group: DATA,
    help: 'set sizes of both sides, with commas: 4096, 2^12, 64k',
    defaultHelp: '2^8,2^12,2^16',
    commands: {
      run: {},
      ab: { help: 'set sizes of both sides, with commas: 4096, 2^12, 64k (default here: 2^10)' },
      'serve-pairs': {},
      'dataset describe': { help: 'size of both sets (default here: 2^10)' },
      'dataset make': { help: 'size of both sets (default here: 2^10)' },
      doctor: { default: '2^12', help: 'set size of both sides' },
      attack: {
        default: '2^14',
        help: 'patients per party, half of them shared, where the protocol is declared not private',
      },
    },
  },
  'receiver-size': {
    type: 'text',
    group: DATA,
    help: "the receiver's set sizes; every one with every sender's",
    commands: {
      ...PLANNED,
      'dataset describe': { help: "size of the receiver's set" },
      'dataset make': { help: "size of the receiver's set" },
    },
  },
  'sender-size': {
    type: 'text',
    group: DATA,
    help: "the sender's set sizes",
    commands: {
      ...PLANNED,
      'dataset describe': { help: "size of the sender's set" },
      'dataset make': { help: "size of the sender's set" },
    },
  },
  overlap: {
    type: 'text',
    group: DATA,
    help: 'shared items: a share of the smaller set (50%, 0.5) or a count (512, 2^9)',
    defaultHelp: '50%',
    commands: { ...PLANNED, 'dataset describe': {}, 'dataset make': {} },
  },
  seed: {
    type: 'text',
    group: DATA,
    default: '1',
    help: 'seed of data and order, never of the protocols',
    commands: {
      ...PLANNED,
      'dataset describe': { help: 'equal seeds make equal data' },
      'dataset make': { help: 'equal seeds make equal data' },
      attack: { help: 'seed of the patients' },
      'serve-cost': { help: 'seed of the order of turns' },
    },
  },
  ...FILE_FLAGS,
  net: {
    type: 'text',
    group: NETWORK,
    default: 'none',
    help: `networks, with commas: none (the bare loopback), ${describeProfiles()}, or your own: 100mbit/20ms-rtt`,
    commands: {
      intersect: {
        excludes: ['peer'],
        help: 'a network to run over: none (the bare loopback), lan, wan, or your own: 100mbit/20ms-rtt',
      },
      ...PLANNED,
      run: { excludes: ['peer'] },
    },
  },
  mode: {
    type: 'text',
    group: LONG,
    choices: ['one-shot', 'warm', 'both'],
    default: 'both',
    help: 'first runs of fresh processes, later runs of processes that are kept, or both',
    commands: { run: {} },
  },
  executions: {
    type: 'number',
    group: LONG,
    default: 3,
    min: 1,
    whole: true,
    help: 'sets of processes per cell at least: intervals rest on how they differ',
    commands: { run: {} },
  },
  runs: {
    type: 'number',
    group: LONG,
    default: 6,
    min: 1,
    whole: true,
    help: 'measured warm runs per cell at least, over all its sets of processes',
    commands: { run: {} },
  },
  time: {
    type: 'number',
    group: LONG,
    // Intervals rest on the number of executions: longer ones cost more than they narrow.
    default: 0.5,
    min: 0,
    help: 'seconds of measured warm runs per cell at least',
    commands: { run: {} },
  },
  budget: {
    type: 'number',
    group: LONG,
    default: 15,
    min: 0.001,
    help: 'seconds per cell at most; a cell predicted to need more for one run is skipped, and recorded so',
    commands: {
      ...PLANNED,
      ab: { help: 'seconds that one run may be predicted to take; a cell that needs more is skipped' },
    },
  },
  timeout: {
    type: 'number',
    group: LONG,
    default: 120,
    min: 0.001,
    help: 'seconds for a single run; then it is ended and recorded so',
    commands: { ...PLANNED, intersect: { default: 600, help: 'seconds for the run; then it is ended' } },
  },
  precision: {
    type: 'text',
    group: LONG,
    help: 'sample until the 95 % interval of the median time is this tight, e.g. 5%; warns where it is not',
    commands: { run: {} },
  },
  'max-runs': {
    type: 'number',
    group: LONG,
    min: 1,
    whole: true,
    help: 'with --precision: measured runs per cell at most',
    defaultHelp: '200',
    commands: { run: { needs: 'precision' } },
  },
  shard: {
    type: 'text',
    group: WHERE,
    help: 'measure the i-th of N parts of the cells: 2/8 (join them with bench merge)',
    commands: { run: {} },
  },
  cpus: {
    type: 'text',
    group: WHERE,
    help: 'keep all processes on these cores: 0,1 (Linux)',
    commands: { run: {}, doctor: {} },
  },
  'seeded-protocols': {
    type: 'switch',
    hidden: true,
    help: 'seed the protocols too (tests: not a measurement)',
    commands: { run: { excludes: ['peer'] } },
  },
} as const satisfies Flags;
