import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { PATIENT_COLUMNS, Population } from './patients/patients.ts';
import { placement, sizeOf } from './placement.ts';
import { RANDOM_BYTES, randomPieces } from './random.ts';
import { type DataRole, DatasetError, type GeneratedSpec, validateSpec } from './spec.ts';

const ROWS_PER_PIECE = 4096;

/** Columns of a generated data set written as CSV, all of which are its key. */
export function keyColumns(kind: GeneratedSpec['kind']): readonly string[] {
  return kind === 'random' ? ['identifier'] : PATIENT_COLUMNS;
}

/**
 * Writes one party's set as CSV, in its order, as fast as the file takes it. Read back as `file` with
 * the key {@link keyColumns}, patients are the same items in the same order; random identifiers, 16
 * bytes each, become their 32 hexadecimal digits, with the same intersection.
 * @throws {DatasetError} when the specification is wrong or the file cannot be written.
 */
export async function writeDataset(spec: GeneratedSpec, role: DataRole, outFile: string): Promise<void> {
  validateSpec(spec);
  const pieces = spec.kind === 'random' ? randomRows(spec, role) : patientRows(spec, role);
  try {
    await pipeline(csv(keyColumns(spec.kind), pieces), createWriteStream(outFile));
  } catch (error) {
    throw new DatasetError(`cannot write "${outFile}": ${(error as Error).message}`, { cause: error });
  }
}

function* csv(columns: readonly string[], pieces: Iterable<string[][]>): Generator<string> {
  yield stringify([[...columns]]);
  for (const rows of pieces) yield stringify(rows);
}

function* randomRows(spec: GeneratedSpec, role: DataRole): Generator<string[][]> {
  for (const piece of randomPieces(spec, role)) {
    const hex = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('hex');
    const rows: string[][] = [];
    for (let at = 0; at < hex.length; at += 2 * RANDOM_BYTES)
      rows.push([hex.slice(at, at + 2 * RANDOM_BYTES)]);
    yield rows;
  }
}

function* patientRows(spec: GeneratedSpec, role: DataRole): Generator<string[][]> {
  const size = sizeOf(spec, role);
  const member = placement(spec, role);
  const population = new Population(spec.seed);
  for (let start = 0; start < size; start += ROWS_PER_PIECE) {
    const count = Math.min(ROWS_PER_PIECE, size - start);
    yield Array.from({ length: count }, (_, i) => population.record(member(start + i)));
  }
}
