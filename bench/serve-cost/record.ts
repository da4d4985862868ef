/** The record of `bench serve-cost`: a folder with two tables and the environment. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Column, formatRows, parseTable } from '../record/csv-table.ts';
import type { Environment } from '../record/environment.ts';
import { withoutPlaces } from '../record/places.ts';
import { GUESTS, METRICS, WAYS, type Way } from './metrics.ts';

/** One figure. Values are in the metric's unit. */
export interface Sample {
  readonly guest: string;
  readonly metric: string;
  readonly way: Way;
  /** Counted from 1; in every round each way has its turn, in shuffled order. */
  readonly round: number;
  readonly value: number;
}

/** What a process used while its way was measured. */
export interface ProcessUse {
  readonly guest: string;
  readonly way: Way;
  /** server, host, proxy, relay 1, relay 2 */
  readonly process: string;
  readonly cpuMs: number;
  /** Since it was started. */
  readonly peakBytes: number;
}

export interface Conditions extends Pick<Environment, 'started' | 'command' | 'code' | 'host' | 'runtime'> {
  readonly rounds: number;
  readonly seed: number;
  /** What shuts the enclave in. */
  readonly isolation: Readonly<Partial<Record<Way, string>>>;
  /** Guests that were left out, and why. */
  readonly skipped: Readonly<Record<string, string>>;
  /** Guests that failed, and why; of theirs the record has the rounds before. */
  readonly failed?: Readonly<Record<string, string>>;
}

export interface CostRecord {
  readonly samples: readonly Sample[];
  readonly usage: readonly ProcessUse[];
  readonly conditions: Conditions;
}

const SAMPLE_COLUMNS: readonly Column[] = [
  ['guest', 'guest', GUESTS],
  ['metric', 'metric', METRICS.map(({ id }) => id)],
  ['way', 'way', WAYS],
  ['round', 'round', 'count'],
  ['value', 'value', 'number'],
];
const USAGE_COLUMNS: readonly Column[] = [
  ['guest', 'guest', GUESTS],
  ['way', 'way', WAYS],
  ['process', 'process', 'text'],
  ['cpu_ms', 'cpuMs', 'number'],
  ['peak_bytes', 'peakBytes', 'count'],
];
const FILES = { samples: 'samples.csv', usage: 'usage.csv', conditions: 'conditions.json' } as const;

function table(columns: readonly Column[], rows: readonly object[]): string {
  return `${columns.map(([name]) => name).join(',')}\n${formatRows(columns, rows)}`;
}

/** Writes the record's files into `folder`, which is made. */
export function writeRecord(folder: string, { samples, usage, conditions }: CostRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILES.samples), table(SAMPLE_COLUMNS, samples));
  writeFileSync(join(folder, FILES.usage), table(USAGE_COLUMNS, usage));
  const skipped = Object.fromEntries(
    Object.entries(conditions.skipped).map(([guest, why]) => [guest, withoutPlaces(why)]),
  );
  writeFileSync(join(folder, FILES.conditions), `${JSON.stringify({ ...conditions, skipped }, null, 2)}\n`);
}

/** @throws UsageError when the folder has no record, or a file is not as it was written */
export function readRecord(folder: string): CostRecord {
  const text = (name: string) => {
    const file = join(folder, name);
    if (!existsSync(file))
      throw new UsageError(`${folder} is no record of bench serve-cost: ${name} is missing`);
    return readFileSync(file, 'utf8');
  };
  const rows = (name: string, columns: readonly Column[]) => parseTable(text(name), name, columns, []).rows;
  return {
    samples: rows(FILES.samples, SAMPLE_COLUMNS) as unknown as Sample[],
    usage: rows(FILES.usage, USAGE_COLUMNS) as unknown as ProcessUse[],
    conditions: JSON.parse(text(FILES.conditions)) as Conditions,
  };
}
