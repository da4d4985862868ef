/** All commands, and the parser of the command line. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import yargs, { type Argv } from 'yargs';
import { CACHE_VARIABLE } from '../../impls/enclave/nsm/user-cache.ts';
import { EXIT_CODES, UsageError } from '../errors.ts';
import type { Command } from '../flags/command.ts';
import { FLAGS } from '../flags/index.ts';
import type { FlagSpec } from '../flags/spec.ts';
import { abCommand, servePairsCommand } from './ab.ts';
import { attackCommand } from './attack.ts';
import { attestCommand } from './attest/index.ts';
import { baselineCommand } from './baseline.ts';
import { checkCommand } from './check.ts';
import { compareCommand } from './compare.ts';
import { datasetCommand } from './dataset.ts';
import { doctorCommand } from './doctor.ts';
import { intersectCommand } from './intersect.ts';
import { listCommand } from './list.ts';
import { mergeCommand } from './merge.ts';
import { partyCommand } from './party.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { serveCostCommand } from './serve-cost.ts';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  intersectCommand,
  listCommand,
  checkCommand,
  reportCommand,
  compareCommand,
  abCommand,
  servePairsCommand,
  baselineCommand,
  mergeCommand,
  doctorCommand,
  partyCommand,
  datasetCommand,
  attestCommand,
  attackCommand,
  serveCostCommand,
];

/** The parser of `words`. What is wrong with them is thrown as UsageError. */
export function commandLine(words: readonly string[]): Argv {
  const parser = yargs(words)
    .scriptName('bench')
    // Messages are English everywhere: half of them would be ours in any language.
    .locale('en')
    .usage(
      '$0 <command>\n\nPrivate set intersection, measured: is an enclave really faster than cryptography?',
    );
  for (const { module } of COMMANDS) parser.command(module);
  return parser
    .completion('completion', 'print a script that completes commands and flags in bash or zsh')
    .middleware(useCache)
    .demandCommand(1, 'say what to do: bench run, list, check, report, compare, …')
    .recommendCommands()
    .strict()
    .help()
    .version('version', 'show the version', `psi-bench ${version()}`)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .epilogue(`Exit codes: ${EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join('; ')}.`)
    .fail((message, error) => {
      throw error ?? new UsageError(`${explained(message)} (see bench --help)`);
    });
}

/** Where parties, which are processes of their own, look for it too. */
function useCache({ cache }: Readonly<Record<string, unknown>>): void {
  if (typeof cache === 'string') process.env[CACHE_VARIABLE] = resolve(cache);
}

/** What the parser says, in one line; a flag that other commands have is named as theirs. */
function explained(message: string): string {
  const names = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(', ') ?? [];
  const theirs = names.flatMap((name) => {
    const flag = FLAGS.get(name);
    return flag === undefined || flag.hidden
      ? []
      : [`--${name} is a flag of bench ${takers(flag).join(', ')}`];
  });
  return [message.replaceAll('\n', '; '), ...theirs].join('; ');
}

/** The commands for people that take a flag. */
function takers({ commands }: FlagSpec): string[] {
  return Object.keys(commands).filter((name) => name !== servePairsCommand.name);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
