#!/usr/bin/env node
/** The command line: parses, calls the rest, and turns errors into one line and an exit code. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { abCommand, servePairsCommand } from './commands/ab.ts';
import { attackCommand } from './commands/attack.ts';
import { attestCommand } from './commands/attest.ts';
import { baselineCommand } from './commands/baseline.ts';
import { checkCommand } from './commands/check.ts';
import { compareCommand } from './commands/compare.ts';
import { datasetCommand } from './commands/dataset.ts';
import { doctorCommand } from './commands/doctor.ts';
import { listCommand } from './commands/list.ts';
import { mergeCommand } from './commands/merge.ts';
import { partyCommand } from './commands/party.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { ExitCode, exitCodeOf, messageOf } from './errors.ts';

const parser = yargs(hideBin(process.argv))
  .scriptName('bench')
  .usage('$0 <command>\n\nPrivate set intersection, measured: is an enclave really faster than cryptography?')
  .command(runCommand)
  .command(listCommand)
  .command(checkCommand)
  .command(reportCommand)
  .command(compareCommand)
  .command(abCommand)
  .command(servePairsCommand)
  .command(baselineCommand)
  .command(mergeCommand)
  .command(doctorCommand)
  .command(partyCommand)
  .command(datasetCommand)
  .command(attestCommand)
  .command(attackCommand)
  .demandCommand(1, 'say what to do: bench run, list, check, report, compare, … (see bench --help)')
  .recommendCommands()
  .strict()
  .help()
  .version(false)
  .wrap(Math.min(100, process.stdout.columns ?? 100))
  .epilogue(
    'Exit codes: 0 fine, 1 a regression or a difference (compare, ab, baseline), 2 usage, 3 a measurement is broken or missing, 4 undecided (compare and ab with --strict), 130 interrupted.',
  )
  .fail((message, error) => {
    if (error) throw error;
    process.stderr.write(`bench: ${message.replaceAll('\n', '; ')} (see bench --help)\n`);
    process.exit(ExitCode.usage);
  });

try {
  await parser.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  const code = exitCodeOf(error);
  // An error that nobody foresaw is a fault of this program: show where.
  if (code === ExitCode.broken && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  // At once: an error nobody foresaw may have left processes behind, which end when this one does.
  process.exit(code);
}
