/** `bench baseline`: exact values of small seeded runs against a committed file. */

import { fileURLToPath } from 'node:url';
import type { CommandModule } from 'yargs';
import { ExitCode } from '../errors.ts';
import { findImplementations } from '../implementations/find.ts';
import {
  accepted,
  type Baseline,
  differences,
  readBaseline,
  restrictTo,
  runBaseline,
  writeBaseline,
} from '../regression/baseline.ts';
import { interruptible } from './interrupt.ts';

const DEFAULT_FILE = fileURLToPath(new URL('../../results/baseline.json', import.meta.url));

interface Arguments {
  readonly action: 'check' | 'accept';
  readonly impl: string;
  readonly file?: string;
}

export const baselineCommand: CommandModule<object, Arguments> = {
  command: 'baseline <action>',
  describe: 'check exact values (bytes, messages, flights, results) of small seeded runs; no times',
  builder: (argv) =>
    argv
      .positional('action', {
        choices: ['check', 'accept'] as const,
        demandOption: true,
        describe: 'compare with the file, or write what is found into it',
      })
      .option('impl', {
        type: 'string',
        default: 'all',
        describe: 'implementations, with commas: ids, "all", or paths as ./my-psi.ts',
      })
      .option('file', {
        type: 'string',
        describe: 'the baseline',
        defaultDescription: 'results/baseline.json of the project',
      })
      .example('$0 baseline check', 'what CI runs')
      .example('$0 baseline accept --impl ecdh', 'a change of what ecdh sends is meant')
      .example('$0 baseline accept --impl ./mine.ts --file mine.json', 'a baseline of your own')
      .epilogue('Exit codes: 0 no difference, 1 a difference, 2 usage, 3 a run is broken.') as never,
  handler: async ({ action, impl, file = DEFAULT_FILE }) => {
    process.exitCode = await baseline(action, impl, file);
  },
};

async function baseline(action: 'check' | 'accept', impl: string, file: string): Promise<number> {
  const names = impl
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const whole = await readBaseline(file);
  const ids = (await findImplementations(names)).map(({ implementation }) => implementation.id);
  const known: Baseline = names.includes('all') ? whole : restrictTo(whole, ids);
  using interrupt = interruptible();
  const found = await runBaseline(names, interrupt.signal);
  if (interrupt.signal.aborted) return ExitCode.interrupted;

  for (const { cell, reason } of found.skipped) process.stderr.write(`not run here: ${cell}: ${reason}\n`);
  for (const { cell, reason } of found.broken) process.stdout.write(`broken: ${cell}: ${reason}\n`);
  const changed = differences(known, found);
  for (const line of changed) process.stdout.write(`${line}\n`);
  const count = Object.keys(found.cells).length;
  if (found.broken.length > 0) return ExitCode.broken;
  if (action === 'accept') {
    const others = Object.fromEntries(Object.entries(whole).filter(([cell]) => !(cell in known)));
    await writeBaseline(file, { ...others, ...accepted(known, found) });
    process.stdout.write(`accepted: ${changed.length} differences, ${count} cells run\n`);
    return ExitCode.fine;
  }
  if (changed.length > 0) {
    process.stdout.write(
      `${changed.length} differences from the baseline. If they are meant: bench baseline accept\n`,
    );
    return ExitCode.difference;
  }
  process.stdout.write(`${count} cells equal the baseline\n`);
  return ExitCode.fine;
}
