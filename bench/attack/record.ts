/** The record of an attack: one JSON file, unrounded, that the report reads. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../record/environment.ts';
import { RecordError } from '../record/samples.ts';
import type { HostView } from './host-view.ts';

export const ATTACK_FILE = 'attack.json';
const SCHEMA = 1;
/** Below this many guesses a rate says nothing. */
export const FEWEST_FOR_RATE = 2 ** 20;

/** One attack: what of one transcript one dictionary gives away. */
export interface AttackRow {
  readonly impl: string;
  /** Options that differ from their defaults, `key=value`. */
  readonly options: string;
  /** What the implementation declares. */
  readonly private: boolean;
  /** What identifies a patient. */
  readonly fields: string;
  readonly receiverSize: number;
  readonly senderSize: number;
  /** Records that the sender has and the receiver has not: what nobody else should learn. */
  readonly unshared: number;
  readonly dictionary: string;
  /** How many items the whole dictionary has. */
  readonly space: number;
  /** How many of them were tried. */
  readonly guesses: number;
  /** How many unshared records are among the guesses that were tried: as many as can be recovered. */
  readonly withinReach: number;
  readonly recovered: number;
  /** Found, but not the sender's: accidents. */
  readonly mistaken: number;
  /** Places in the transcript that were compared with. */
  readonly windows: number;
  readonly guessesPerSecond: number;
  /** What the digest kernel alone would have tried in a second, from the same batches. */
  readonly kernelGuessesPerSecond: number;
}

export interface AttackRecord {
  readonly schema: typeof SCHEMA;
  readonly environment: Pick<
    Environment,
    'run' | 'started' | 'command' | 'seed' | 'code' | 'host' | 'runtime'
  >;
  readonly attacks: readonly AttackRow[];
  readonly hostViews: readonly HostView[];
}

export function newAttackRecord(
  { run, started, command, seed, code, host, runtime }: Environment,
  attacks: readonly AttackRow[],
  hostViews: readonly HostView[],
): AttackRecord {
  const environment = { run, started, command, seed, code, host, runtime };
  return { schema: SCHEMA, environment, attacks, hostViews };
}

/** Writes `attack.json` into `dir`, which is made when missing; returns its path. */
export async function writeAttack(dir: string, record: AttackRecord): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, ATTACK_FILE);
  await writeFile(`${path}.tmp`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
  return path;
}

/**
 * Reads `attack.json` of `dir`; null when there is none.
 * @throws {RecordError} when it cannot be read or has another schema
 */
export async function readAttack(dir: string): Promise<AttackRecord | null> {
  const path = join(dir, ATTACK_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  let record: AttackRecord;
  try {
    record = JSON.parse(text);
  } catch {
    throw new RecordError(`${ATTACK_FILE} is not JSON: make it again with bench attack`);
  }
  if (record?.schema !== SCHEMA || !Array.isArray(record.attacks) || !Array.isArray(record.hostViews)) {
    throw new RecordError(`${ATTACK_FILE} is not of schema ${SCHEMA}: make it again with bench attack`);
  }
  return record;
}
