/**
 * The exact baseline: what small runs with seeded protocols send and find, to the byte. It holds no
 * times, so it is the same on every machine, and any difference is a change of code.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { expectedIntersection } from '../../datasets/dataset.ts';
import { UsageError } from '../errors.ts';
import { type Cell, makePlan, obstacleOf } from '../plan/plan.ts';
import { smallRequest } from '../plan/request.ts';
import type { OkSample } from '../record/samples.ts';
import { loneRun, measure, startParties } from '../run/one-run.ts';

const SCHEMA = 1;
/** Seeds data and protocols of the baseline's runs. */
const SEED = 'baseline';
/** Equal sets, and a small receiver: a protocol that treats the two sides unlike shows both ways. */
const RECEIVER_SIZES = [64, 16];
const SENDER_SIZES = [64, 256];
const TIMEOUT_MS = 60_000;
/** Cells at a time; what is measured here is no time. */
const AT_ONCE = 2;

/** What a run sends and finds. */
export interface ExactValues {
  readonly receiverSentBytes: number;
  readonly senderSentBytes: number;
  readonly helperSentBytes: number | null;
  readonly messages: number;
  readonly flights: number;
  readonly resultSize: number;
  readonly resultSha256: string;
}
const FIELDS = [
  'receiverSentBytes',
  'senderSentBytes',
  'helperSentBytes',
  'messages',
  'flights',
  'resultSize',
  'resultSha256',
] as const satisfies readonly (keyof ExactValues)[];

export interface BaselineCell extends ExactValues {
  /** Of the implementation: it changes whenever transcripts may. */
  readonly version: string;
}

/** By cell. */
export type Baseline = Readonly<Record<string, BaselineCell>>;

/** What came of running the baseline's cells here. */
export interface BaselineRun {
  readonly cells: Baseline;
  readonly broken: readonly { readonly cell: string; readonly reason: string }[];
  /** Not run here: nothing can be said of them. */
  readonly skipped: readonly { readonly cell: string; readonly reason: string }[];
}

/** Runs the baseline's cells of the implementations named. @throws UsageError for an unknown one */
export async function runBaseline(impl: readonly string[], signal: AbortSignal): Promise<BaselineRun> {
  const sizes = { receiver: RECEIVER_SIZES, sender: SENDER_SIZES };
  const { blocks } = await makePlan(
    smallRequest(impl, sizes, { seed: SEED, timeoutMs: TIMEOUT_MS, protocolSeed: SEED }),
  );
  const cells: Record<string, BaselineCell> = {};
  const broken: { cell: string; reason: string }[] = [];
  const skipped: { cell: string; reason: string }[] = [];
  const queue = blocks.flatMap((block) => block.cells).sort((a, b) => (a.id < b.id ? -1 : 1));
  const work = async () => {
    for (let cell = queue.shift(); cell && !signal.aborted; cell = queue.shift()) {
      const obstacle = await obstacleOf(cell);
      if (obstacle) {
        skipped.push({ cell: cell.id, reason: obstacle.reason });
        continue;
      }
      const found = await runCell(cell, signal);
      if ('reason' in found) broken.push({ cell: cell.id, reason: found.reason });
      else cells[cell.id] = found;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { cells, broken, skipped };
}

async function runCell(cell: Cell, signal: AbortSignal): Promise<BaselineCell | { reason: string }> {
  const expected = await expectedIntersection(cell.dataset);
  const parties = await startParties(cell, TIMEOUT_MS, signal);
  if ('outcome' in parties) return { reason: `${parties.outcome}: ${parties.reason}` };
  try {
    const { sample } = await measure(parties, cell, expected, TIMEOUT_MS, loneRun(cell, 0));
    if (sample.outcome !== 'ok') return { reason: `${sample.outcome}: ${sample.reason}` };
    return { version: sample.version, ...exactOf(sample) };
  } finally {
    await parties.dismiss();
  }
}

function exactOf(sample: OkSample): ExactValues {
  return Object.fromEntries(FIELDS.map((field) => [field, sample[field]])) as unknown as ExactValues;
}

/** One difference, in words: `<cell>: <field> <was> → <is>`. */
export function differences(baseline: Baseline, { cells, skipped, broken }: BaselineRun): string[] {
  const found: string[] = [];
  for (const [cell, now] of entries(cells)) {
    const was = baseline[cell];
    if (!was) {
      found.push(`${cell}: not in the baseline`);
      continue;
    }
    const changed = FIELDS.filter((field) => was[field] !== now[field]);
    const hint = was.version === now.version ? `, version ${now.version} as before` : '';
    for (const field of changed) found.push(`${cell}: ${field} ${was[field]} → ${now[field]}${hint}`);
  }
  const known = new Set([...Object.keys(cells), ...[...skipped, ...broken].map(({ cell }) => cell)]);
  for (const [cell] of entries(baseline)) {
    if (!known.has(cell)) found.push(`${cell}: in the baseline, but no longer there`);
  }
  return found;
}

/** The baseline with what was found put in; what could not run here stays as it was. */
export function accepted(baseline: Baseline, { cells, skipped, broken }: BaselineRun): Baseline {
  const kept = [...skipped, ...broken].flatMap(({ cell }) =>
    baseline[cell] ? [[cell, baseline[cell]] as const] : [],
  );
  return { ...Object.fromEntries(kept), ...cells };
}

function entries(baseline: Baseline): [string, BaselineCell][] {
  return Object.entries(baseline).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Only the cells of the implementations named, so that a part can be checked by itself.
 * @param ids as in the cells' names
 */
export function restrictTo(baseline: Baseline, ids: readonly string[]): Baseline {
  return Object.fromEntries(entries(baseline).filter(([cell]) => ids.includes(implementationOf(cell))));
}

function implementationOf(cell: string): string {
  return /^[^:/]+/.exec(cell)![0];
}

/** Reads a baseline; an absent file is an empty one. @throws UsageError when it is damaged or of another version */
export async function readBaseline(file: string): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    const { schema, cells } = JSON.parse(text) as { schema: unknown; cells: Baseline };
    if (schema === SCHEMA && cells && typeof cells === 'object') return cells;
  } catch {
    // Reported below, as what it is for the user.
  }
  throw new UsageError(`${file} is damaged or of another version: restore it, or remove it and accept anew`);
}

export async function writeBaseline(file: string, cells: Baseline): Promise<void> {
  const sorted = Object.fromEntries(entries(cells));
  const text = `${JSON.stringify({ schema: SCHEMA, seed: SEED, cells: sorted }, null, 2)}\n`;
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}
