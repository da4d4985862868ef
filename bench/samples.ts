/**
 * The record of a run: `samples.csv` (one row per run of a protocol), `parties.csv` (one row per
 * run × party × phase) and `environment.json`, in one folder.
 *
 * The harness writes it and reads nothing else of it; reports and comparisons read it and nothing
 * else. Values are unrounded, units are part of the column names, and rows are in the order in
 * which things happened. New columns are added at the end.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Build, OptionValues, Phase, Role } from './contract.ts';
import { type Environment, parseEnvironment } from './environment.ts';

/** Why a run has no figures. */
export type Failure = 'wrong' | 'timeout' | 'died' | 'memory' | 'skipped' | 'unavailable' | 'broken';

/** What was to be run: the columns that every row has. */
export interface SampleHead {
  /** The id of the record, see {@link newRunId}. */
  readonly run: string;
  /** See {@link cellId}. */
  readonly cell: string;
  readonly impl: string;
  readonly version: string;
  readonly build: Build;
  readonly engine: string;
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  /** How many items both sets have. */
  readonly overlap: number;
  /** The network profile's name, `none` for the bare loopback. */
  readonly network: string;
  /** Number of the run within its cell, from 0, warm-up runs included. The first is the cold one. */
  readonly sample: number;
  /** Whether the run was made to warm the processes; such runs enter no statistic. */
  readonly warmup: boolean;
  /** All options, defaults included, as {@link formatOptions} writes them. */
  readonly options: string;
  readonly threads: number;
  /** Whether the protocol's randomness was seeded (a test): such rows are kept out of reports. */
  readonly seeded: boolean;
  /** What the implementation claims, see `Security.private` in the contract. */
  readonly private: boolean;
  /** The wall time that was predicted, in ms; null without a prediction. */
  readonly estimateMs: number | null;
  /** X25519 by OpenSSL beside this run, in µs per operation; null where it was not sampled. */
  readonly yardstickUs: number | null;
  /** When the run began, as an ISO 8601 time in UTC. */
  readonly started: string;
}

/**
 * What a run cost: exists only when its result was right. Helper columns are null without a helper,
 * peaks are null where the operating system does not tell them.
 */
export interface Measures {
  readonly resultSize: number;
  /** From the first barrier until the receiver holds the result. */
  readonly wallMs: number;
  /** CPU time, user and system, over all phases. */
  readonly receiverCpuMs: number;
  readonly senderCpuMs: number;
  readonly helperCpuMs: number | null;
  /** Bytes on the wire, framing included, over all phases. */
  readonly receiverSentBytes: number;
  readonly senderSentBytes: number;
  readonly helperSentBytes: number | null;
  /** One-way latencies that the run must wait for: the sum over its phases. */
  readonly flights: number;
  readonly receiverPeakBytes: number | null;
  readonly senderPeakBytes: number | null;
  readonly helperPeakBytes: number | null;
  readonly setupMs: number;
  readonly prepareMs: number;
  readonly onlineMs: number;
  /** Messages of all parties together. */
  readonly messages: number;
  /** SHA-256 (hex) of the result: the indices as little-endian 32-bit integers. */
  readonly resultSha256: string;
}

export type OkSample = SampleHead & Measures & { readonly outcome: 'ok'; readonly reason: '' };
/** A run without a right result. It has a reason, and no figures at all. */
export type FailedSample = SampleHead & { readonly outcome: Failure; readonly reason: string };
export type Sample = OkSample | FailedSample;

/** What one party did in one phase of one run whose result was right. */
export interface PartyRow {
  readonly run: string;
  readonly cell: string;
  readonly sample: number;
  readonly party: Role;
  readonly phase: Phase;
  readonly wallMs: number;
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  readonly peakBytes: number | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentMessages: number;
  readonly receivedMessages: number;
  /** The highest flight number that this party received or sent in the phase. */
  readonly flights: number;
  /** Named steps in ms, as the implementation gave them. */
  readonly steps: Readonly<Record<string, number>>;
}

/** A record as read from its folder. */
export interface RunRecord {
  readonly environment: Environment;
  readonly samples: readonly Sample[];
  readonly parties: readonly PartyRow[];
  /** What was left aside in reading, one sentence each: the unfinished last line of a crashed run. */
  readonly warnings: readonly string[];
}

/** A record that cannot be read or continued. The message says which file, where, and what to do. */
export class RecordError extends Error {
  override name = 'RecordError';
}

type Kind = 'text' | 'count' | 'number' | 'flag' | 'steps' | 'optional number' | 'optional count';
/** [column, the property it holds, how it is written, whether it is a figure]. Order is the file's order. */
type Column = readonly [column: string, property: string, kind: Kind, measured?: 'measured'];

const SAMPLE_COLUMNS: readonly Column[] = [
  ['run', 'run', 'text'],
  ['cell', 'cell', 'text'],
  ['impl', 'impl', 'text'],
  ['version', 'version', 'text'],
  ['build', 'build', 'text'],
  ['engine', 'engine', 'text'],
  ['dataset', 'dataset', 'text'],
  ['receiver_size', 'receiverSize', 'count'],
  ['sender_size', 'senderSize', 'count'],
  ['overlap', 'overlap', 'count'],
  ['network', 'network', 'text'],
  ['sample', 'sample', 'count'],
  ['warmup', 'warmup', 'flag'],
  ['outcome', 'outcome', 'text'],
  ['reason', 'reason', 'text'],
  ['result_size', 'resultSize', 'count', 'measured'],
  ['wall_ms', 'wallMs', 'number', 'measured'],
  ['receiver_cpu_ms', 'receiverCpuMs', 'number', 'measured'],
  ['sender_cpu_ms', 'senderCpuMs', 'number', 'measured'],
  ['helper_cpu_ms', 'helperCpuMs', 'optional number', 'measured'],
  ['receiver_sent_bytes', 'receiverSentBytes', 'count', 'measured'],
  ['sender_sent_bytes', 'senderSentBytes', 'count', 'measured'],
  ['helper_sent_bytes', 'helperSentBytes', 'optional count', 'measured'],
  ['flights', 'flights', 'count', 'measured'],
  ['receiver_peak_bytes', 'receiverPeakBytes', 'optional count', 'measured'],
  ['sender_peak_bytes', 'senderPeakBytes', 'optional count', 'measured'],
  ['helper_peak_bytes', 'helperPeakBytes', 'optional count', 'measured'],
  ['setup_ms', 'setupMs', 'number', 'measured'],
  ['prepare_ms', 'prepareMs', 'number', 'measured'],
  ['online_ms', 'onlineMs', 'number', 'measured'],
  ['options', 'options', 'text'],
  ['threads', 'threads', 'count'],
  ['seeded', 'seeded', 'flag'],
  ['private', 'private', 'flag'],
  ['messages', 'messages', 'count', 'measured'],
  ['estimate_ms', 'estimateMs', 'optional number'],
  ['yardstick_us', 'yardstickUs', 'optional number'],
  ['started', 'started', 'text'],
  ['result_sha256', 'resultSha256', 'text', 'measured'],
];

const PARTY_COLUMNS: readonly Column[] = [
  ['run', 'run', 'text'],
  ['cell', 'cell', 'text'],
  ['sample', 'sample', 'count'],
  ['party', 'party', 'text'],
  ['phase', 'phase', 'text'],
  ['wall_ms', 'wallMs', 'number'],
  ['cpu_user_ms', 'cpuUserMs', 'number'],
  ['cpu_system_ms', 'cpuSystemMs', 'number'],
  ['peak_bytes', 'peakBytes', 'optional count'],
  ['sent_bytes', 'sentBytes', 'count'],
  ['received_bytes', 'receivedBytes', 'count'],
  ['sent_messages', 'sentMessages', 'count'],
  ['received_messages', 'receivedMessages', 'count'],
  ['flights', 'flights', 'count'],
  ['steps', 'steps', 'steps'],
];

/** The columns of `samples.csv`, in order. */
export const sampleColumns: readonly string[] = SAMPLE_COLUMNS.map(([column]) => column);
/** The columns of `parties.csv`, in order. */
export const partyColumns: readonly string[] = PARTY_COLUMNS.map(([column]) => column);

const OUTCOMES: readonly string[] = [
  'ok',
  'wrong',
  'timeout',
  'died',
  'memory',
  'skipped',
  'unavailable',
  'broken',
];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  outcome: OUTCOMES,
  party: ['receiver', 'sender', 'helper'],
  phase: ['setup', 'prepare', 'online'],
  build: ['ts', 'wasm', 'native', 'enclave', 'enclave-simulated'],
};

/** A new record's id: a UTC time stamp that sorts, and a random suffix: `20260131T120000Z-3f9a`. */
export function newRunId(now: Date = new Date()): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/** Options as `key=value;key=value`, sorted by key, so that equal options are equal strings. */
export function formatOptions(options: OptionValues): string {
  return Object.keys(options)
    .sort()
    .map((key) => `${escapePart(key)}=${escapePart(String(options[key]))}`)
    .join(';');
}

/**
 * A stable, readable name of what is measured, e.g. `ecdh:engine=noble/random/r1024-s1024-o512/none/t1`.
 * Give the options that differ from their defaults: an option that is added later then leaves the
 * names of old cells as they were (the column `options` holds them all).
 */
export function cellId(cell: {
  readonly impl: string;
  readonly options: OptionValues;
  readonly dataset: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  readonly overlap: number;
  readonly network: string;
  readonly threads: number;
}): string {
  const options = formatOptions(cell.options);
  return [
    escapePart(cell.impl) + (options === '' ? '' : `:${options}`),
    escapePart(cell.dataset),
    `r${cell.receiverSize}-s${cell.senderSize}-o${cell.overlap}`,
    escapePart(cell.network),
    `t${cell.threads}`,
  ].join('/');
}

function escapePart(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', '-');
}

/**
 * Writes a record. Each run's rows are on disk (with the operating system) when `append` returns: the
 * parties' first and the sample's last, which makes the run count.
 */
export class RecordWriter {
  readonly dir: string;
  readonly #samples: number;
  readonly #parties: number;

  private constructor(dir: string) {
    this.dir = dir;
    this.#samples = openSync(join(dir, 'samples.csv'), 'a');
    this.#parties = openSync(join(dir, 'parties.csv'), 'a');
  }

  /**
   * Begins the record `results/<environment.run>`; folders above are made when missing.
   * @throws {RecordError} when the folder exists: a record is never overwritten.
   */
  static async create(resultsDir: string, environment: Environment): Promise<RecordWriter> {
    const dir = join(resultsDir, environment.run);
    await mkdir(resultsDir, { recursive: true });
    try {
      await mkdir(dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new RecordError(`${dir} exists already: choose another run id, or continue it with --resume`);
    }
    await writeFile(join(dir, 'samples.csv'), `${sampleColumns.join(',')}\n`);
    await writeFile(join(dir, 'parties.csv'), `${partyColumns.join(',')}\n`);
    await writeEnvironment(dir, environment);
    return new RecordWriter(dir);
  }

  /**
   * Continues the record in `dir`: what a crash left unfinished is cut off, everything else is kept.
   * Returns what is there, so that the caller can leave out what was measured already; whether the
   * machine and the code are still the same is for the caller to see (`differingConditions`).
   * @throws {RecordError} when the folder holds no record, or one of another schema.
   */
  static async resume(dir: string): Promise<{ readonly writer: RecordWriter; readonly record: RunRecord }> {
    const read = await readFolder(dir);
    for (const [file, table, columns] of [
      ['samples.csv', read.samples, sampleColumns],
      ['parties.csv', read.parties, partyColumns],
    ] as const) {
      if (table.header.join(',') !== columns.join(',')) {
        throw new RecordError(
          `${join(dir, file)}: its columns are not those that this version writes; start a new run`,
        );
      }
      await truncate(join(dir, file), table.keptBytes);
    }
    return { writer: new RecordWriter(dir), record: read.record };
  }

  /** Appends a run: a right one with what its parties did, or a failed one, which has no figures. */
  append(sample: FailedSample): void;
  append(sample: OkSample, parties: readonly PartyRow[]): void;
  append(sample: Sample, parties: readonly PartyRow[] = []): void {
    if (sample.outcome !== 'ok' && parties.length > 0) {
      throw new TypeError(`"parties" expected no rows for a run that ended "${sample.outcome}"`);
    }
    if (sample.outcome !== 'ok' && sample.reason.trim() === '') {
      throw new TypeError(`"reason" expected why the run ended "${sample.outcome}", got nothing`);
    }
    if (parties.length > 0) {
      writeSync(this.#parties, stringify(parties.map((row) => formatRow(PARTY_COLUMNS, row, true))));
    }
    writeSync(this.#samples, stringify([formatRow(SAMPLE_COLUMNS, sample, sample.outcome === 'ok')]));
  }

  /** Replaces `environment.json`, e.g. when the link has been calibrated or a run is continued. */
  async updateEnvironment(environment: Environment): Promise<void> {
    await writeEnvironment(this.dir, environment);
  }

  close(): void {
    closeSync(this.#samples);
    closeSync(this.#parties);
  }
}

async function writeEnvironment(dir: string, environment: Environment): Promise<void> {
  const path = join(dir, 'environment.json');
  await writeFile(`${path}.tmp`, `${JSON.stringify(environment, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
}

function formatRow(columns: readonly Column[], row: object, hasFigures: boolean): string[] {
  return columns.map(([column, property, kind, measured]) => {
    if (measured && !hasFigures) return '';
    const value = (row as Record<string, unknown>)[property];
    if (kind.startsWith('optional') && value === null) return '';
    switch (kind) {
      case 'text':
        if (typeof value !== 'string') throw new TypeError(`"${property}" expected a string, got ${value}`);
        // A line of the file is a row, also to the eye and to grep.
        return value.replace(/\s+/g, ' ').trim();
      case 'flag':
        if (typeof value !== 'boolean') throw new TypeError(`"${property}" expected a boolean, got ${value}`);
        return String(value);
      case 'steps':
        return formatSteps(value as PartyRow['steps']);
      default:
        assertNumber(value, kind, column);
        return String(value);
    }
  });
}

function assertNumber(value: unknown, kind: Kind, title: string): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(`"${title}" expected a finite number, got ${value}`);
  }
  if (kind.endsWith('count') && !(Number.isSafeInteger(value) && value >= 0)) {
    throw new TypeError(`"${title}" expected a whole number ≥ 0, got ${value}`);
  }
}

function formatSteps(steps: PartyRow['steps']): string {
  return Object.entries(steps)
    .map(([name, ms]) => {
      assertNumber(ms, 'number', `steps.${name}`);
      return `${encodeURIComponent(name)}=${ms}`;
    })
    .join(';');
}

/**
 * Reads the record in `dir`.
 * @throws {RecordError} when a file or a column is missing, a value is malformed, a row appears twice,
 * or the record has another schema. An unfinished last line, as a crash leaves it, is left out and
 * said in `warnings`.
 */
export async function readRecord(dir: string): Promise<RunRecord> {
  return (await readFolder(dir)).record;
}

/** The folders below `resultsDir` that hold a record, by name: the oldest run first. */
export async function listRecords(resultsDir: string): Promise<string[]> {
  const entries = await readdir(resultsDir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found: string[] = [];
  for (const name of names.sort()) {
    const files = await readdir(join(resultsDir, name));
    if (files.includes('environment.json')) found.push(join(resultsDir, name));
  }
  return found;
}

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
  /** Where the header and each row end in the file, in bytes. */
  readonly ends: readonly number[];
  keptBytes: number;
}

async function readFolder(dir: string) {
  const environment = parseEnvironment(
    await readText(dir, 'environment.json'),
    join(dir, 'environment.json'),
    (message) => new RecordError(message),
  );
  const warnings: string[] = [];
  const samples = parseTable(await readText(dir, 'samples.csv'), 'samples.csv', SAMPLE_COLUMNS, warnings);
  const parties = parseTable(await readText(dir, 'parties.csv'), 'parties.csv', PARTY_COLUMNS, warnings);
  const right = checkSamples(samples.rows as unknown as Sample[], environment.run);
  const kept = dropUnfinishedRun(parties, right, warnings);
  const record: RunRecord = {
    environment,
    samples: samples.rows as unknown as Sample[],
    parties: kept as unknown as PartyRow[],
    warnings: warnings.map((warning) => `${basename(dir)}/${warning}`),
  };
  return { record, samples, parties };
}

async function readText(dir: string, file: string): Promise<string> {
  try {
    return await readFile(join(dir, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new RecordError(`${dir} is not the folder of a run: it has no ${file}`);
  }
}

function parseTable(text: string, file: string, columns: readonly Column[], warnings: string[]): Table {
  // A row is one line, so an unfinished row is what follows the last line break.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) {
    warnings.push(`${file}: the last line is unfinished and was left out (the run was interrupted)`);
  }
  const lines = whole.split('\n').slice(0, -1);
  const [header, ...table] = parseCsv(whole, file);
  if (header === undefined) throw new RecordError(`${file} is empty: it has not even a header`);
  const missing = columns.map(([column]) => column).filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new RecordError(`${file}: missing column ${missing.join(', ')}; it has ${header.join(', ')}`);
  }
  if (table.length !== lines.length - 1) {
    throw new RecordError(`${file}: rows that span lines or empty lines; every row is one line`);
  }
  const readers = columns.map(([column, property, kind, measured]) => {
    return { column, property, kind, measured, index: header.indexOf(column) };
  });
  const outcome = header.indexOf('outcome');
  let end = Buffer.byteLength(lines[0]!) + 1;
  const ends = [end];
  const rows = table.map((cells, i) => {
    const place = `${file}, line ${i + 2}`;
    if (cells.length !== header.length) {
      throw new RecordError(`${place}: ${cells.length} values, but the header names ${header.length}`);
    }
    const failed = outcome >= 0 && cells[outcome] !== 'ok';
    const row: Record<string, unknown> = {};
    for (const { column, property, kind, measured, index } of readers) {
      const text = cells[index]!;
      if (!(measured && failed)) row[property] = parseValue(text, kind, column, place);
      else if (text !== '') {
        throw new RecordError(`${place}: outcome ${cells[outcome]}, but ${column} has the figure ${text}`);
      }
    }
    end += Buffer.byteLength(lines[i + 1]!) + 1;
    ends.push(end);
    return row;
  });
  return { header, rows, ends, keptBytes: end };
}

function parseCsv(text: string, file: string): string[][] {
  try {
    return parse(text, { relax_column_count: true, bom: true });
  } catch (error) {
    throw new RecordError(`${file} is not CSV: ${(error as Error).message}`);
  }
}

function parseValue(text: string, kind: Kind, column: string, place: string): unknown {
  if (kind.startsWith('optional') && text === '') return null;
  const wrong = (expected: string) =>
    new RecordError(`${place}: ${column} should be ${expected}, not "${text}"`);
  switch (kind) {
    case 'text': {
      const allowed = ALLOWED[column];
      if (allowed && !allowed.includes(text)) throw wrong(`one of ${allowed.join(', ')}`);
      return text;
    }
    case 'flag':
      if (text !== 'true' && text !== 'false') throw wrong('true or false');
      return text === 'true';
    case 'steps': {
      if (text === '') return {};
      const steps = text.split(';').map((step) => step.split('='));
      return Object.fromEntries(
        steps.map(([name, ms, ...rest]) => {
          if (name === undefined || ms === undefined || rest.length > 0) throw wrong('name=ms;…');
          return [decodeURIComponent(name), parseValue(ms, 'number', column, place)];
        }),
      );
    }
    default: {
      const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isFinite(value)) throw wrong('a number');
      if (kind.endsWith('count') && !(Number.isSafeInteger(value) && value >= 0)) {
        throw wrong('a whole number ≥ 0');
      }
      return value;
    }
  }
}

/** Identifies a run within a record. */
function runKey(row: { readonly cell: string; readonly sample: number }): string {
  return `${row.sample} ${row.cell}`;
}

/** Checks that rows belong to `run` and that none appears twice; returns the keys of the right runs. */
function checkSamples(samples: readonly Sample[], run: string): ReadonlyMap<string, boolean> {
  const right = new Map<string, boolean>();
  for (const [i, sample] of samples.entries()) {
    const key = runKey(sample);
    const place = `samples.csv, line ${i + 2}`;
    if (sample.run !== run) throw new RecordError(`${place}: run ${sample.run} in the record of run ${run}`);
    if (right.has(key)) {
      throw new RecordError(`${place}: sample ${sample.sample} of ${sample.cell} appears twice`);
    }
    if (sample.outcome !== 'ok' && sample.reason === '') {
      throw new RecordError(`${place}: outcome ${sample.outcome} without a reason`);
    }
    right.set(key, sample.outcome === 'ok');
  }
  return right;
}

/**
 * A run's party rows are written before its sample: rows at the end without one belong to a run that
 * was interrupted. Anywhere else they are an error, and so are figures of a failed run.
 */
function dropUnfinishedRun(
  table: Table,
  right: ReadonlyMap<string, boolean>,
  warnings: string[],
): readonly Record<string, unknown>[] {
  const rows = table.rows as unknown as readonly PartyRow[];
  let kept = rows.length;
  while (kept > 0 && !right.has(runKey(rows[kept - 1]!))) kept--;
  if (kept < rows.length) {
    warnings.push(`parties.csv: ${rows.length - kept} rows of an interrupted run were left out`);
    table.keptBytes = table.ends[kept]!;
  }
  for (const [i, row] of rows.slice(0, kept).entries()) {
    if (right.get(runKey(row)) !== true) {
      throw new RecordError(
        `parties.csv, line ${i + 2}: figures of sample ${row.sample} of ${row.cell}, which is no right run`,
      );
    }
  }
  return table.rows.slice(0, kept);
}
