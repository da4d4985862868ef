#!/usr/bin/env node
/** The command line: parses, calls the rest, and turns errors into one line and an exit code. */
import { hideBin } from 'yargs/helpers';
import { commandLine } from './commands/index.ts';
import { endOnSignals } from './commands/interrupt.ts';
import { BenchError, exitCodeOf, isRefusal, messageOf } from './errors.ts';
import { ensureChecks } from './machine/guard-pages.ts';
import { requireOpenFiles } from './machine/open-files.ts';

ensureChecks();

endOnSignals();

const words = hideBin(process.argv);

// A reader that has seen enough (`| head`) goes away: what else is written is for nobody, and the command
// ends as it would have ended.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  requireOpenFiles();
  await commandLine(words.length === 0 ? ['--help'] : words).parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  // An error that nobody foresaw is a fault of this program: show where.
  const isForeseen = error instanceof BenchError || isRefusal(error);
  if (!isForeseen && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  // At once: an error nobody foresaw may have left processes behind, which end when this one does.
  process.exit(exitCodeOf(error));
}
