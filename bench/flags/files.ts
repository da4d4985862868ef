/** Flags of CSV files: where they are, how they are stored, and what of them is compared. */
import type { Flags } from './spec.ts';

const DATA = 'Data:';
const FORMAT = 'Files:';

/** Commands that read two files. */
const TWO_FILES = { run: {}, ab: {}, 'serve-pairs': {}, 'dataset describe': {}, intersect: {} } as const;
/** … or, in `party`, one. */
const OWN_FILE = { ...TWO_FILES, party: { needs: 'file' } } as const;
const DELIMITER = 'what stands between values: a character, comma, semicolon, tab or pipe';
const ENCODING = 'utf-8, utf-16le, windows-1252, iso-8859-15, …';

export const FILE_FLAGS = {
  'receiver-file': {
    type: 'text',
    group: DATA,
    recorded: 'name',
    help: "the receiver's CSV file (data set: file), plain or .gz; - is standard input",
    commands: {
      ...TWO_FILES,
      intersect: { required: true, help: "the receiver's CSV file, plain or .gz; - is standard input" },
    },
  },
  'sender-file': {
    type: 'text',
    group: DATA,
    recorded: 'name',
    help: "the sender's CSV file (data set: file)",
    commands: { ...TWO_FILES, intersect: { help: "the sender's CSV file (or --peer: it has its own)" } },
  },
  key: {
    type: 'text',
    group: DATA,
    help: 'column, or columns with commas, that identify a record; names with a comma in quotes: \'"a, b",c\'',
    commands: OWN_FILE,
  },
  'receiver-key': {
    type: 'text',
    group: DATA,
    help: "in place of --key where the names differ: the columns of the receiver's file",
    commands: TWO_FILES,
  },
  'sender-key': {
    type: 'text',
    group: DATA,
    help: "in place of --key: the columns of the sender's file, in the same order",
    commands: TWO_FILES,
  },
  normalise: {
    type: 'text',
    group: FORMAT,
    help: 'how values are prepared: default, exact, or default with drop-accents, drop-leading-zeros, digits-only (datasets/README.md)',
    defaultHelp: 'default',
    commands: OWN_FILE,
  },
  missing: {
    type: 'text',
    group: FORMAT,
    help: 'values that mean "not known", with commas: N/A,unknown; such rows are dropped',
    commands: OWN_FILE,
  },
  delimiter: {
    type: 'text',
    group: FORMAT,
    help: DELIMITER,
    defaultHelp: 'found out',
    commands: OWN_FILE,
  },
  'receiver-delimiter': {
    type: 'text',
    group: FORMAT,
    help: "of the receiver's file alone",
    commands: TWO_FILES,
  },
  'sender-delimiter': {
    type: 'text',
    group: FORMAT,
    help: "of the sender's file alone",
    commands: TWO_FILES,
  },
  encoding: {
    type: 'text',
    group: FORMAT,
    help: ENCODING,
    defaultHelp: 'as the byte order mark says, or utf-8',
    commands: OWN_FILE,
  },
  'receiver-encoding': {
    type: 'text',
    group: FORMAT,
    help: "of the receiver's file alone",
    commands: TWO_FILES,
  },
  'sender-encoding': { type: 'text', group: FORMAT, help: "of the sender's file alone", commands: TWO_FILES },
} as const satisfies Flags;
