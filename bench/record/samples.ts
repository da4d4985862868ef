/**
 * The record of a run: `samples.csv` (one row per run of a protocol), `parties.csv` (one row per
 * run × party × phase) and `environment.json`, in one folder.
 *
 * The harness writes it and reads nothing else of it; reports and comparisons read it and nothing
 * else. Values are unrounded, units are part of the column names, and rows are in the order in
 * which things happened. New columns are added at the end.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OptionValues } from '../contract.ts';
import { PARTY_COLUMNS, partyColumns, SAMPLE_COLUMNS, sampleColumns } from './columns.ts';
import { checkParties, checkSamples } from './consistency.ts';
import { type Column, formatRows, parseTable, RecordError } from './csv-table.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { ensureFolder } from './folder.ts';
import { lockRecord } from './lock.ts';
import { withoutPlaces } from './places.ts';
import type { FailedSample, Mode, OkSample, PartyRow, Sample } from './rows.ts';
import { writeWhole } from './whole.ts';

export {
  FAILURES,
  type FailedSample,
  type Failure,
  type Measures,
  MODES,
  type Mode,
  type OkSample,
  type PartyRow,
  type Sample,
  type SampleHead,
  STAGES,
  type Stage,
} from './rows.ts';
export { RecordError };

/** A record as read from its folder. */
export interface RunRecord {
  readonly environment: Environment;
  readonly samples: readonly Sample[];
  readonly parties: readonly PartyRow[];
  /** What was left aside in reading, one sentence each: the unfinished last line of a crashed run. */
  readonly warnings: readonly string[];
}

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
  /** As `formatOutput` writes it; the intersection, which all cells had before there were others, is unnamed. */
  readonly output?: string;
  /** Left out where modes do not matter: in plans, and in records from before there were any. */
  readonly mode?: Mode;
}): string {
  const options = formatOptions(cell.options);
  return [
    escapePart(cell.impl) + (options === '' ? '' : `:${options}`),
    escapePart(cell.dataset),
    `r${cell.receiverSize}-s${cell.senderSize}-o${cell.overlap}`,
    escapePart(cell.network),
    `t${cell.threads}`,
    ...(cell.output === undefined || cell.output === 'intersection' ? [] : [escapePart(cell.output)]),
    ...(cell.mode === undefined ? [] : [cell.mode]),
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
  readonly #leave: () => void;

  private constructor(dir: string, leave: () => void) {
    this.dir = dir;
    this.#leave = leave;
    this.#samples = openSync(join(dir, 'samples.csv'), 'a');
    this.#parties = openSync(join(dir, 'parties.csv'), 'a');
  }

  /**
   * Begins the record `results/<environment.run>`; folders above are made when missing.
   * @throws {RecordError} when the folder exists: a record is never overwritten.
   */
  static async create(resultsDir: string, environment: Environment): Promise<RecordWriter> {
    const dir = join(resultsDir, environment.run);
    ensureFolder(resultsDir);
    try {
      await mkdir(dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new RecordError(`${dir} exists already: choose another run id, or continue it with --resume`);
    }
    try {
      await writeFile(join(dir, 'samples.csv'), `${sampleColumns.join(',')}\n`);
      await writeFile(join(dir, 'parties.csv'), `${partyColumns.join(',')}\n`);
      await writeEnvironment(dir, environment);
    } catch (error) {
      // A full disk: nothing was measured, and half a record is none.
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
    return new RecordWriter(dir, lockRecord(dir));
  }

  /**
   * Continues the record in `dir`: what a crash left unfinished is cut off, everything else is kept.
   * Returns what is there, so that the caller can leave out what was measured already; whether the
   * machine and the code are still the same is for the caller to see (`differingConditions`).
   * @throws {RecordError} when the folder holds no record, or one of another schema.
   */
  static async resume(dir: string): Promise<{ readonly writer: RecordWriter; readonly record: RunRecord }> {
    const leave = lockRecord(dir);
    try {
      return await RecordWriter.#resume(dir, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  static async #resume(dir: string, leave: () => void) {
    const { record, files } = await readFolder(dir);
    for (const { file, header, columns, keptBytes } of files) {
      if (header.join(',') !== columns.join(',')) {
        throw new RecordError(
          `${join(dir, file)}: its columns are not those that this version writes; start a new run`,
        );
      }
      await truncate(join(dir, file), keptBytes);
    }
    return { writer: new RecordWriter(dir, leave), record };
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
    const row = formatRows(SAMPLE_COLUMNS, [
      sample.outcome === 'ok' ? sample : { ...sample, reason: withoutPlaces(sample.reason) },
    ]);
    if (parties.length > 0) writeWhole(this.#parties, formatRows(PARTY_COLUMNS, parties));
    writeWhole(this.#samples, row);
  }

  /** Replaces `environment.json`, e.g. when the link has been calibrated or a run is continued. */
  async updateEnvironment(environment: Environment): Promise<void> {
    await writeEnvironment(this.dir, environment);
  }

  close(): void {
    closeSync(this.#samples);
    closeSync(this.#parties);
    this.#leave();
  }
}

async function writeEnvironment(dir: string, environment: Environment): Promise<void> {
  const path = join(dir, 'environment.json');
  await writeFile(`${path}.tmp`, `${JSON.stringify(environment, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
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

async function readFolder(dir: string) {
  const name = basename(dir);
  const environment = parseEnvironment(
    await readText(dir, 'environment.json'),
    `${name}/environment.json`,
    (message) => new RecordError(message),
  );
  const warnings: string[] = [];
  const table = async (file: string, columns: readonly Column[]) =>
    parseTable(await readText(dir, file), `${name}/${file}`, columns, warnings);
  const samples = await table('samples.csv', SAMPLE_COLUMNS);
  const parties = await table('parties.csv', PARTY_COLUMNS);
  const right = checkSamples(samples, `${name}/samples.csv`, environment.run);
  const kept = checkParties(parties, `${name}/parties.csv`, right, warnings);
  const record: RunRecord = {
    environment,
    samples: samples.rows as unknown as Sample[],
    parties: parties.rows.slice(0, kept) as unknown as PartyRow[],
    warnings,
  };
  const files = [
    { file: 'samples.csv', header: samples.header, columns: sampleColumns, keptBytes: samples.ends.at(-1)! },
    { file: 'parties.csv', header: parties.header, columns: partyColumns, keptBytes: parties.ends[kept]! },
  ];
  return { record, files };
}

async function readText(dir: string, file: string): Promise<string> {
  try {
    return await readFile(join(dir, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new RecordError(`${dir} is not the folder of a run: it has no ${file}`);
  }
}
