/** `bench attack`: what a transcript gives away to whoever can guess, and an enclave to its host. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AttackRow, FEWEST_FOR_RATE } from '../attack/record.ts';
import { ExitCode, UsageError } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import type { ArgumentsOf } from '../flags/index.ts';
import { findImplementations } from '../implementations/find.ts';
import { resolveOptions } from '../implementations/options.ts';
import { parseSize } from '../plan/sizes.ts';
import { captureEnvironment } from '../record/environment.ts';
import { newRunId } from '../record/samples.ts';
import { implementationsOf } from './request/index.ts';
import { recordedCommand } from './request/recorded-command.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

export const attackCommand = defineCommand({
  name: 'attack',
  describe: 'guess items from transcripts with a dictionary; watch the joins of the enclave as its host',
  examples: [
    ['$0 attack --impl hash', 'the dictionary attack on hash comparison'],
    ['$0 attack --into results/reference', 'beside a record: the report then shows it'],
  ],
  run: attackAll,
});

async function attackAll(argv: ArgumentsOf<'attack'>): Promise<number> {
  const sizes = { size: parseSize(argv.size), privateSize: parseSize(argv.privateSize) };
  if (Math.min(sizes.size, sizes.privateSize) < 2)
    throw new UsageError('an attack needs sets of 2 items at least');
  const guesses = parseGuesses(argv.guesses);
  const located = await findImplementations(implementationsOf(argv.impl));
  const run = newRunId();
  const command = recordedCommand(process.argv.slice(2));
  const facts = { run, started: new Date().toISOString(), command, seed: argv.seed };
  const [{ attackImplementation }, { observeJoins }, { newAttackRecord, writeAttack }] = await Promise.all([
    import('../attack/exhibit.ts'),
    import('../attack/host-view.ts'),
    import('../attack/record.ts'),
  ]);
  const show = (line: string) => void (argv.json || process.stdout.write(`${line}\n`));
  const rows: AttackRow[] = [];
  for (const { implementation } of located) {
    const available = await implementation.available(resolveOptions(implementation, {}));
    if (available !== true) {
      show(`${implementation.id}: not attacked, unavailable: ${available}`);
      continue;
    }
    const options = { ...sizes, guesses, seed: argv.seed, onRow: (row: AttackRow) => show(describe(row)) };
    rows.push(...(await attackImplementation(implementation, options)));
  }
  const views = await observeJoins(2 ** 8);
  for (const view of views) {
    show(
      view.pickedOut === null
        ? `host of the ${view.join} join: equal traces of ${view.events[0]} events for two inputs`
        : `host of the ${view.join} join: traces differ from event ${view.firstDifference} on, and show ` +
            `${view.pickedOut} of ${view.shared} shared items`,
    );
  }
  const record = newAttackRecord(await captureEnvironment(facts, projectRoot), rows, views);
  const path = await writeAttack(argv.into ?? join(argv.out, `attack-${run}`), record);
  if (argv.json) process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
  else process.stdout.write(`record: ${path}\n`);
  return ExitCode.fine;
}

/** A count in the notation of sizes, which here may be larger, or `all`. */
function parseGuesses(text: string): number {
  if (text.trim() === 'all') return Number.POSITIVE_INFINITY;
  const power = /^(\d+)\^(\d+)$/.exec(text.trim());
  const guesses = power ? Number(power[1]) ** Number(power[2]) : Number(text);
  if (Number.isSafeInteger(guesses) && guesses > 0) return guesses;
  throw new UsageError(`--guesses expects a count like 16777216 or 2^24, or "all", got ${text}`);
}

function describe(row: AttackRow): string {
  const name = [row.impl, row.options].filter(Boolean).join(' ');
  const share = (row.guessesPerSecond / row.kernelGuessesPerSecond).toFixed(2);
  const speed =
    row.guesses < FEWEST_FOR_RATE
      ? ''
      : `, ${Math.round(row.guessesPerSecond)} guesses/s, ${share} of the digest kernel's speed`;
  return (
    `${name}, ${row.fields}; ${row.dictionary}: ${row.recovered} of ${row.unshared} unshared records ` +
    `(${row.withinReach} within reach of ${row.guesses} guesses, of ${row.space} there are)${speed}`
  );
}
