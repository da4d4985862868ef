/** `bench baseline`: exact values of small seeded runs against a committed file. */

import { fileURLToPath } from 'node:url';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
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
import { implementationsOf } from './request/index.ts';

const DEFAULT_FILE = fileURLToPath(new URL('../../results/baseline.json', import.meta.url));

export const baselineCommand = defineCommand({
  name: 'baseline',
  describe: 'check exact values (bytes, messages, flights, results) of small seeded runs; no times',
  positionals: {
    action: { choices: ['check', 'accept'], help: 'compare with the file, or write what is found into it' },
  },
  examples: [
    ['$0 baseline check', 'what CI runs'],
    ['$0 baseline accept --impl ecdh', 'a change of what ecdh sends is meant'],
    ['$0 baseline accept --impl ./mine.ts --file mine.json', 'a baseline of your own'],
  ],
  run: ({ action, impl, file = DEFAULT_FILE }) => baseline(action, impl, file),
});

async function baseline(action: 'check' | 'accept', impl: string, file: string): Promise<number> {
  const names = implementationsOf(impl);
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
