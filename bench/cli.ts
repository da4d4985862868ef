#!/usr/bin/env node
/** The command line: parses, calls the rest, and turns errors into one line and an exit code. */
import { hideBin } from 'yargs/helpers';
import { commandLine } from './commands/index.ts';
import { BenchError, exitCodeOf, messageOf } from './errors.ts';

const words = hideBin(process.argv);

try {
  await commandLine(words.length === 0 ? ['--help'] : words).parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  // An error that nobody foresaw is a fault of this program: show where.
  if (!(error instanceof BenchError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  // At once: an error nobody foresaw may have left processes behind, which end when this one does.
  process.exit(exitCodeOf(error));
}
