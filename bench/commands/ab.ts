/** `bench ab`: two revisions against each other; and `serve-pairs`, the hidden half of it. */

import { existsSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argv, CommandModule } from 'yargs';
import type { CellComparison, Comparison } from '../compare/comparison.ts';
import { type Format, formatComparison } from '../compare/formats.ts';
import { exitCodeOfAll, parseShare } from '../compare/verdict.ts';
import { ExitCode, UsageError } from '../errors.ts';
import { makePlan } from '../plan/plan.ts';
import { compareRevisions } from '../regression/ab.ts';
import { DEFAULT_RULE, type Rule } from '../regression/rule.ts';
import { servePairs } from '../regression/server.ts';
import { Side } from '../regression/side.ts';
import { commitOf, repositoryOf, Worktrees } from '../regression/worktree.ts';
import { comparisonOptions, EXIT_CODES } from './compare.ts';
import { interruptible } from './interrupt.ts';
import { type RunArguments, requestFrom, requestOptions } from './run-options.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join('bench', 'cli.ts');
/** Small enough that all implementations are done in minutes. */
const DEFAULT_SIZES = '2^10';
/** Names the working tree, changes and all, in place of a revision. */
const HERE = '.';

interface Arguments extends RunArguments {
  readonly base: string;
  readonly head: string;
  readonly cells: string;
  readonly threshold: string;
  readonly maxPairs: number;
  readonly format: Format;
  readonly strict?: boolean;
}

export const abCommand: CommandModule<object, Arguments> = {
  command: 'ab <base> [head]',
  describe: 'measure two git revisions in interleaved pairs: has anything become slower?',
  builder: (argv) =>
    comparisonOptions(
      requestOptions(
        argv
          .positional('base', { type: 'string', demandOption: true, describe: 'a git revision' })
          .positional('head', {
            type: 'string',
            default: 'HEAD',
            describe: 'another; "." is the working tree as it is',
          }),
      )
        .option('cells', {
          type: 'string',
          default: '*',
          describe: 'only cells of these names, with commas; * stands for anything: ecdh/*,hash/*/none/*',
        })
        .option('threshold', {
          type: 'string',
          default: '5%',
          describe: 'the relative change of CPU time from which on a cell counts as changed',
        })
        .option('max-pairs', {
          type: 'number',
          choices: DEFAULT_RULE.looks,
          default: DEFAULT_RULE.looks.at(-1)!,
          describe: 'look no further than after so many pairs',
        }),
    )
      .example('$0 ab main', 'the last commit against main')
      .example('$0 ab HEAD . --impl ecdh --size 2^12', 'what is being edited against the last commit')
      .example('$0 ab v1 v2 --impl ./mine.ts', 'your own implementation, at two revisions of its repository')
      .epilogue(`Sizes default to ${DEFAULT_SIZES} here. ${EXIT_CODES}`) as unknown as Argv<Arguments>,
  handler: async (argv) => {
    process.exitCode = await ab(argv);
  },
};

/** Answers `bench ab`, see `ab-protocol.ts`; not for people. */
export const servePairsCommand: CommandModule<object, RunArguments> = {
  command: 'serve-pairs',
  describe: false,
  builder: (argv) => requestOptions(argv) as unknown as Argv<RunArguments>,
  handler: async (argv) => {
    // An interrupt at the terminal reaches the whole process group: whoever asks decides.
    process.on('SIGINT', () => {});
    await servePairs(await makePlan(requestFrom(argv)), process.stdin, process.stdout);
  },
};

async function ab(argv: Arguments): Promise<number> {
  const rule: Rule = {
    ...DEFAULT_RULE,
    threshold: parseShare(argv.threshold, 'threshold'),
    looks: DEFAULT_RULE.looks.filter((pairs) => pairs <= argv.maxPairs),
  };
  requestFrom(argv); // refuses flags that do not fit, before anything is checked out
  const subject = await subjectOf(argv.impl);
  using interrupt = interruptible();
  const sides: Side[] = [];
  const worktrees = new Worktrees(subject.repository, interrupt.signal);
  const terminal = process.stderr.isTTY;
  const show = (what: string) => void (terminal && process.stderr.write(`\r\x1b[K${what}`.slice(0, 120)));
  try {
    const revisions = [];
    for (const [name, revision] of [
      ['base', argv.base],
      ['head', argv.head],
    ] as const) {
      const commit = revision === HERE ? null : await commitOf(subject.repository, revision);
      revisions.push({ name, revision, commit });
    }
    for (const { name, revision, commit } of revisions) {
      show(`preparing ${revision}`);
      const tree = commit === null ? subject.repository : await worktrees.add(name, commit);
      const harness = subject.own ? join(tree, subject.prefix) : projectRoot;
      const words = wordsFor(argv, (path) => subject.locate(path, tree));
      sides.push(await Side.start(revision, join(harness, CLI), words, interrupt.signal));
    }
    const cells = await compareRevisions({
      base: sides[0]!,
      head: sides[1]!,
      wanted: patternOf(argv.cells),
      rule,
      random: Math.random,
      signal: interrupt.signal,
      show,
    });
    if (interrupt.signal.aborted) return interrupted();
    if (cells.length === 0) throw new UsageError(`--cells ${argv.cells} matches no cell`);
    show('');
    return print(argv, revisions, cells, rule);
  } catch (error) {
    if (interrupt.signal.aborted) return interrupted();
    throw error;
  } finally {
    if (interrupt.signal.aborted) for (const side of sides) side.kill();
    await Promise.all(sides.map((side) => side.dismiss()));
    await worktrees.remove();
  }
}

function interrupted(): number {
  process.stderr.write('bench: interrupted; the revisions that were checked out are removed\n');
  return ExitCode.interrupted;
}

function print(
  { format, strict = false }: Arguments,
  [base, head]: readonly { readonly revision: string; readonly commit: string | null }[],
  cells: readonly CellComparison[],
  rule: Rule,
): number {
  const comparison: Comparison = {
    kind: 'revisions',
    base: { name: base!.revision, commit: base!.commit },
    head: { name: head!.revision, commit: head!.commit },
    metric: 'cpu',
    threshold: rule.threshold,
    cells,
    warnings: [],
  };
  process.stdout.write(formatComparison(comparison, format, strict));
  return exitCodeOfAll(
    cells.map(({ verdict }) => verdict),
    strict,
  );
}

/** Whose revisions they are, and where an implementation given by path is in a checked-out one. */
interface Subject {
  readonly repository: string;
  /** Whether it is this project's own repository: then each revision's own harness measures. */
  readonly own: boolean;
  /** Where in the repository this project is. */
  readonly prefix: string;
  locate(path: string, tree: string): string;
}

/**
 * This project's repository, or that of an implementation which was given by path and lives in another:
 * then the revisions are that one's, and this harness measures both.
 */
async function subjectOf(impl: string): Promise<Subject> {
  const paths = impl
    .split(',')
    .map((name) => name.trim())
    .filter(isPath);
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`there is no file ${missing}`);
  const own = await repositoryOf(projectRoot);
  const others = new Set<string>();
  for (const path of paths) {
    const repository = await repositoryOf(resolve(path));
    if (repository !== null && repository !== own) others.add(repository);
  }
  if (others.size > 1) {
    throw new UsageError(
      `--impl names files of several repositories (${[...others].join(', ')}): one at a time`,
    );
  }
  const [other] = others;
  const repository = other ?? own;
  if (repository === null) {
    throw new UsageError('neither this project nor an implementation given by path is in a git repository');
  }
  return {
    repository,
    own: other === undefined,
    prefix: own === null ? '' : relative(own, projectRoot),
    locate(path, tree) {
      const inside = relative(repository, resolve(path));
      if (inside.startsWith(`..${sep}`) || inside === '..') return resolve(path);
      // A file that a revision does not have, because it is not committed, is the same for both.
      const there = join(tree, inside);
      return existsSync(there) ? there : resolve(path);
    },
  };
}

function isPath(name: string): boolean {
  return /[\\/]|\.(ts|mts|js|mjs)$/.test(name);
}

/** Flags of `bench run` that make sense here: what was given, and nothing that a revision may not know. */
const FLAGS = [
  'impl',
  'threads',
  'set',
  'dataset',
  'size',
  'receiver-size',
  'sender-size',
  'overlap',
  'seed',
  'receiver-file',
  'sender-file',
  'key',
  'budget',
  'timeout',
  'net',
] as const;

function wordsFor(argv: Arguments, locate: (path: string) => string): string[] {
  const values = argv as unknown as Readonly<Record<string, unknown>>;
  const given = FLAGS.filter((flag) =>
    process.argv.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`)),
  );
  const words = given.flatMap((flag) => {
    if (flag === 'impl') {
      const impl = argv.impl.split(',').map((name) => (isPath(name.trim()) ? locate(name.trim()) : name));
      return [`--impl=${impl.join(',')}`];
    }
    return [values[flag]].flat().map((value) => `--${flag}=${value}`);
  });
  const sized = given.some((flag) => flag.includes('size') || flag.endsWith('-file'));
  return sized ? words : [...words, `--size=${DEFAULT_SIZES}`];
}

/** Whether a cell's name is one of those that `text` names. */
function patternOf(text: string): (cell: string) => boolean {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const escaped = parts.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'));
  const pattern = new RegExp(`^(?:${escaped.join('|')})$`);
  return (cell) => pattern.test(cell);
}
