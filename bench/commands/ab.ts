/** `bench ab`: two revisions against each other; and `serve-pairs`, the hidden half of it. */

import { existsSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CellComparison, Comparison } from '../compare/comparison.ts';
import { formatComparison } from '../compare/formats.ts';
import { exitCodeOfAll, parseShare } from '../compare/verdict.ts';
import { ExitCode, UsageError } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { type ArgumentsOf, flagsOf } from '../flags/index.ts';
import { camelCase } from '../flags/spec.ts';
import { isModulePath } from '../implementations/module-path.ts';
import { cellPattern } from '../plan/cell-pattern.ts';
import { makePlan } from '../plan/plan.ts';
import { compareRevisions } from '../regression/ab.ts';
import { DEFAULT_RULE, type Rule } from '../regression/rule.ts';
import { servePairs } from '../regression/server.ts';
import { Side } from '../regression/side.ts';
import { commitOf, isTracked, repositoryOf, Worktrees } from '../regression/worktree.ts';
import { interruptible } from './interrupt.ts';
import { implementationsOf, pairRequest } from './request/index.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
const CLI = 'bench/cli.ts';
/** Small enough that all implementations are done in minutes. */
const DEFAULT_SIZES = '2^10';
/** Names the working tree, changes and all, in place of a revision. */
const HERE = '.';

type Arguments = ArgumentsOf<'ab'> & { readonly base: string; readonly head: string };

export const abCommand = defineCommand({
  name: 'ab',
  describe: 'measure two git revisions in interleaved pairs: has anything become slower?',
  positionals: {
    base: { help: 'a git revision' },
    head: { default: 'HEAD', help: 'another; "." is the working tree as it is' },
  },
  examples: [
    ['$0 ab main', 'the last commit against main'],
    ['$0 ab HEAD . --impl ecdh --size 2^12', 'what is being edited against the last commit'],
    ['$0 ab v1 v2 --impl ./mine.ts', 'your own implementation, at two revisions of its repository'],
  ],
  run: ab,
});

/** Answers `bench ab`, see `regression/protocol.ts`; not for people. */
export const servePairsCommand = defineCommand({
  name: 'serve-pairs',
  run: async (argv) => {
    // An interrupt at the terminal reaches the whole process group: whoever asks decides.
    process.removeAllListeners('SIGINT').on('SIGINT', () => {});
    await servePairs(await makePlan(pairRequest(argv)), process.stdin, process.stdout);
    return ExitCode.fine;
  },
});

async function ab(argv: Arguments, given: ReadonlySet<string>): Promise<number> {
  const rule: Rule = {
    ...DEFAULT_RULE,
    threshold: parseShare(argv.threshold, 'threshold'),
    looks: DEFAULT_RULE.looks.filter((pairs) => pairs <= (argv.maxPairs ?? Infinity)),
  };
  pairRequest(argv); // refuses flags that do not fit, before anything is checked out
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
      const words = wordsFor(argv, given, (path) => subject.locate(path, tree));
      sides.push(await Side.start(revision, join(harness, CLI), words, interrupt.signal));
    }
    const cells = await compareRevisions({
      base: sides[0]!,
      head: sides[1]!,
      wanted: cellPattern(argv.cells),
      rule,
      random: Math.random,
      signal: interrupt.signal,
      show,
    });
    if (interrupt.signal.aborted) return interrupted();
    if (cells.length === 0) throw new UsageError(`--cells ${argv.cells} matches no cell`);
    show('');
    if (!subject.own) {
      process.stderr.write(
        `bench ab: revisions of ${subject.repository}, both measured by this installation of bench\n`,
      );
    }
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
  { format, strict }: Arguments,
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
  const paths = implementationsOf(impl).filter(isModulePath);
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`there is no file ${missing}`);
  const around = await repositoryOf(projectRoot);
  const own = around !== null && (await isTracked(around, join(projectRoot, CLI))) ? around : null;
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
    throw new UsageError(
      'there is nothing to compare revisions of: name an implementation in a git repository of yours by its path (--impl ./my-psi.ts), or be in a clone of this project',
    );
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

/**
 * The flags that were given, for the process that measures a revision: nothing that an older one may not
 * know.
 */
function wordsFor(argv: Arguments, given: ReadonlySet<string>, locate: (path: string) => string): string[] {
  const values: Readonly<Record<string, unknown>> = { ...argv };
  const flags = flagsOf('serve-pairs')
    .map(([name]) => name)
    .filter((name) => given.has(name));
  const words = flags.flatMap((flag) => {
    if (flag !== 'impl') return [values[camelCase(flag)]].flat().map((value) => `--${flag}=${value}`);
    const impl = implementationsOf(argv.impl).map((name) => (isModulePath(name) ? locate(name) : name));
    return [`--impl=${impl.join(',')}`];
  });
  const sized = flags.some((flag) => flag.includes('size') || flag.endsWith('-file'));
  return sized ? words : [...words, `--size=${DEFAULT_SIZES}`];
}
