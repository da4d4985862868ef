/** What the rows of a record must be among themselves, beyond what each column says of its values. */
import { RecordError, type Table } from './csv-table.ts';
import type { OkSample, PartyRow, Sample } from './rows.ts';

/** Identifies a run within a record. */
function runKey(row: { readonly cell: string; readonly sample: number }): string {
  return `${row.sample} ${row.cell}`;
}

/** A sum of a few numbers, written and read in full, is the same but for the order of adding. */
const ROUNDING = 1e-9;

/**
 * Checks that rows belong to `run`, that none appears twice, and that times are the sum of their parts;
 * returns which runs were right.
 */
export function checkSamples(table: Table, file: string, run: string): ReadonlyMap<string, boolean> {
  const right = new Map<string, boolean>();
  for (const [i, sample] of (table.rows as unknown as readonly Sample[]).entries()) {
    const key = runKey(sample);
    const place = `${file}, line ${i + 2}`;
    if (sample.run !== run) throw new RecordError(`${place}: run ${sample.run} in the record of run ${run}`);
    if (right.has(key)) {
      throw new RecordError(`${place}: sample ${sample.sample} of ${sample.cell} appears twice`);
    }
    if (sample.outcome !== 'ok' && sample.reason === '') {
      throw new RecordError(`${place}: outcome ${sample.outcome} without a reason`);
    }
    if (sample.outcome === 'ok') checkSum(sample, place);
    right.set(key, sample.outcome === 'ok');
  }
  return right;
}

/** What a verdict rests on is the whole time: a row whose phases say another is no measurement. */
function checkSum({ wallMs, startMs, setupMs, prepareMs, onlineMs }: OkSample, place: string): void {
  const sum = startMs + setupMs + prepareMs + onlineMs;
  if (Math.abs(sum - wallMs) <= ROUNDING * Math.max(1, sum)) return;
  throw new RecordError(
    `${place}: wall_ms is ${wallMs}, but start_ms, setup_ms, prepare_ms and online_ms add up to ${sum}`,
  );
}

/**
 * Returns how many rows to keep. A run's party rows are written before its sample: rows at the end
 * without one belong to a run that was interrupted. Anywhere else they are an error, and so are
 * figures of a failed run.
 */
export function checkParties(
  table: Table,
  file: string,
  right: ReadonlyMap<string, boolean>,
  warnings: string[],
): number {
  const rows = table.rows as unknown as readonly PartyRow[];
  let kept = rows.length;
  while (kept > 0 && !right.has(runKey(rows[kept - 1]!))) kept--;
  if (kept < rows.length) {
    warnings.push(`${file}: rows of an interrupted run were left out (${rows.length - kept})`);
  }
  for (const [i, row] of rows.slice(0, kept).entries()) {
    if (right.get(runKey(row)) === true) continue;
    throw new RecordError(
      `${file}, line ${i + 2}: figures of sample ${row.sample} of ${row.cell}, which is no right run`,
    );
  }
  return kept;
}
