/** Flags of hosts, records, reports and comparisons. */
import { FORMATS } from '../compare/formats.ts';
import { METRICS } from '../compare/metrics.ts';
import { TOKEN_VARIABLE } from '../peer/wire/secure.ts';
import { DEFAULT_RULE } from '../regression/rule.ts';
import type { Flags } from './spec.ts';

const NETWORK = 'Network:';
const OUTPUT = 'Output:';
const ALLOWANCE = 'What others may ask for:';

export const OTHER_FLAGS = {
  peer: {
    type: 'text',
    group: NETWORK,
    recorded: 'HOST:PORT',
    help: 'HOST:PORT of another host that plays the sender, where bench party listens',
    commands: { run: {}, intersect: { excludes: ['sender-file', 'check'] } },
  },
  'token-file': {
    type: 'text',
    group: NETWORK,
    recorded: 'FILE',
    help: `file with the secret of both hosts (without it: ${TOKEN_VARIABLE})`,
    commands: { run: { needs: 'peer' }, intersect: { needs: 'peer' }, party: {} },
  },
  role: {
    type: 'text',
    choices: ['sender'],
    default: 'sender',
    help: 'the role to play',
    commands: { party: {} },
  },
  listen: {
    type: 'text',
    help: 'HOST:PORT to listen on',
    commands: { party: { required: true }, 'attest serve': { required: true } },
  },
  'max-size': {
    type: 'text',
    group: ALLOWANCE,
    default: '2^20',
    help: 'largest sets that may be asked for',
    commands: { party: {} },
  },
  'max-threads': {
    type: 'number',
    group: ALLOWANCE,
    min: 1,
    whole: true,
    defaultHelp: "this machine's cores",
    help: 'most threads of a party',
    commands: { party: {} },
  },
  'max-parties': {
    type: 'number',
    group: ALLOWANCE,
    min: 1,
    whole: true,
    defaultHelp: 'two more than implementations',
    help: 'most processes at once',
    commands: { party: {} },
  },
  'result-to': {
    type: 'text',
    group: OUTPUT,
    choices: ['receiver', 'both'],
    default: 'receiver',
    help: 'who gets the result, with --peer and --receiver-file',
    commands: { run: {}, intersect: {} },
  },
  cache: {
    type: 'text',
    recorded: 'FOLDER',
    help: 'folder for what is kept between runs, such as the roots of emulators',
    defaultHelp: "psi-bench in the user's cache",
    commands: { run: {}, intersect: {}, 'attest verify': {}, 'attest emulate': {} },
  },
  once: { type: 'switch', help: 'end after one run', commands: { party: {} } },

  out: {
    type: 'text',
    group: OUTPUT,
    recorded: 'FOLDER',
    help: 'folder for records: one new folder in it per run',
    commands: {
      run: { default: 'results', excludes: ['resume'] },
      attack: { default: 'results', excludes: ['into'], help: 'folder for records' },
      report: { help: 'folder for the report (default: reports/<run>)' },
      merge: {
        required: true,
        help: 'folder for the result: one new record in it for each kind of host',
      },
      'dataset make': { required: true, help: 'folder for the two files' },
      'serve-cost': {
        help: 'folder for record and report (default: results/serve-cost-<time>)',
        excludes: ['from'],
      },
      intersect: { default: '-', help: "file for the receiver's rows that match; - is standard output" },
    },
  },
  rounds: {
    type: 'number',
    group: OUTPUT,
    default: 9,
    min: 1,
    whole: true,
    help: 'rounds; in each every way has its turn',
    commands: { 'serve-cost': {} },
  },
  from: {
    type: 'text',
    group: OUTPUT,
    recorded: 'FOLDER',
    help: 'measure nothing: make the report of the record in this folder anew',
    commands: { 'serve-cost': {} },
  },
  reports: {
    type: 'text',
    group: OUTPUT,
    recorded: 'FOLDER',
    default: 'reports',
    help: 'folder for reports',
    commands: { run: {} },
  },
  resume: {
    type: 'text',
    group: OUTPUT,
    recorded: 'FOLDER',
    help: 'continue the interrupted run in this folder, as it was asked for',
    commands: { run: {} },
  },
  'dry-run': {
    type: 'switch',
    group: OUTPUT,
    help: 'show the cells and what they are predicted to take; measure nothing',
    commands: { run: { excludes: ['json', 'write-result'] } },
  },
  json: {
    type: 'switch',
    group: OUTPUT,
    help: 'as JSON on stdout (schemas: docs/schema)',
    commands: {
      run: { help: 'the summary as JSON on stdout (docs/schema)' },
      list: {},
      doctor: { help: 'everything, pairs included, as JSON on stdout (docs/schema)' },
      attack: { help: 'the record as JSON on stdout' },
      'dataset describe': {},
      'attest verify': { help: 'one line of JSON per file' },
      'attest measure': { help: 'one line of JSON' },
      'attest vm': { help: 'one line of JSON' },
    },
  },
  'write-result': {
    type: 'text',
    group: OUTPUT,
    recorded: 'FILE',
    help: "CSV file for the receiver's rows that match (of its own file)",
    commands: {
      run: {},
      party: {
        needs: 'file',
        help: "CSV file for the sender's rows that match, should the other host tell them (--result-to both)",
      },
    },
  },
  into: {
    type: 'text',
    group: OUTPUT,
    recorded: 'FOLDER',
    help: 'put attack.json into this folder (of a run), so that its report shows it',
    commands: { attack: {} },
  },
  'private-size': {
    type: 'text',
    default: '2^8',
    help: 'patients per party where the protocol is declared private',
    commands: { attack: {} },
  },
  guesses: {
    type: 'text',
    default: '2^24',
    help: 'guesses per dictionary at most; "all" tries every dictionary to its end',
    commands: { attack: {} },
  },

  splice: {
    type: 'text',
    help: "also put the report's answer into this Markdown file, between its markers",
    commands: { report: {} },
  },
  servers: {
    type: 'text',
    help: 'also say what a server costs in an enclave, from this record of bench serve-cost',
    commands: { report: {} },
  },
  html: {
    type: 'switch',
    help: 'also write index.html: the same, interactive, in one file that needs no network',
    commands: { report: { excludes: ['check'] } },
  },
  png: {
    type: 'switch',
    help: 'also write every chart as PNG, for papers; needs two packages, which the error names',
    commands: { report: { excludes: ['check'] } },
  },
  'png-scale': {
    type: 'number',
    default: 2,
    min: 0.1,
    help: 'pixels of a PNG for each of the chart',
    commands: { report: {} },
  },
  replace: {
    type: 'switch',
    help: 'overwrite a report that was made from other records',
    commands: { report: { excludes: ['check'] } },
  },
  check: {
    type: 'switch',
    help: 'write nothing: see whether the report that is there is what the records give',
    commands: {
      report: {},
      intersect: { help: 'compare the result with that of a plain comparison of the two files' },
    },
  },

  threshold: {
    type: 'text',
    default: '10%',
    help: 'the relative change from which on a noisy figure counts',
    commands: {
      compare: {},
      ab: { default: '5%', help: 'the relative change of CPU time from which on a cell counts as changed' },
    },
  },
  metric: {
    type: 'text',
    help: `compare this figure alone: ${METRICS.map(({ name }) => name).join(', ')}`,
    defaultHelp: 'wall, bytes, messages and flights',
    commands: { compare: {} },
  },
  format: {
    type: 'text',
    choices: FORMATS,
    default: 'md',
    help: 'Markdown, JSON, or what github-action-benchmark (gha) and Bencher (bmf) read',
    commands: { compare: {}, ab: {} },
  },
  strict: {
    type: 'switch',
    help: 'exit code 4 when a cell is inconclusive or incomparable, or nothing was decided',
    commands: { compare: {}, ab: {} },
  },
  'max-pairs': {
    type: 'number',
    choices: DEFAULT_RULE.looks,
    help: 'look no further than after so many pairs',
    defaultHelp: String(DEFAULT_RULE.looks.at(-1)),
    commands: { ab: {} },
  },
  pairs: {
    type: 'number',
    choices: DEFAULT_RULE.looks,
    default: 40,
    help: 'pairs to measure',
    commands: { doctor: {} },
  },
  file: {
    type: 'text',
    help: 'the baseline',
    defaultHelp: 'results/baseline.json of the project',
    commands: {
      baseline: {},
      party: { help: "the sender's own CSV file: it plays with it and with nothing else" },
    },
  },
} as const satisfies Flags;
