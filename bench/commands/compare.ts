/** `bench compare`: two records, a verdict per cell, and an exit code. */
import type { Argv, CommandModule } from 'yargs';
import { FORMATS, type Format, formatComparison } from '../compare/formats.ts';
import { compareRecords, readRecords } from '../compare/index.ts';
import { METRICS, metricNamed } from '../compare/metrics.ts';
import { exitCodeOfAll, parseShare } from '../compare/verdict.ts';

interface Arguments {
  readonly base: string;
  readonly head: string;
  readonly threshold: string;
  readonly metric?: string;
  readonly format: Format;
  readonly strict?: boolean;
}

export const EXIT_CODES =
  'Exit codes: 0 fine, 1 a regression, 2 usage or an unreadable record, 3 a cell is broken or missing, 4 (with --strict) inconclusive or incomparable. When several apply: 2, 3, 1, 4.';

/** The flags of every command that prints a comparison. */
export function comparisonOptions<T>(argv: Argv<T>) {
  return argv
    .option('format', {
      choices: FORMATS,
      default: 'md' as const,
      describe: 'Markdown, JSON, or what github-action-benchmark (gha) and Bencher (bmf) read',
    })
    .option('strict', {
      type: 'boolean',
      describe: 'exit code 4 when a cell is inconclusive or incomparable',
    });
}

export const compareCommand: CommandModule<object, Arguments> = {
  command: 'compare <base> <head>',
  describe: 'compare two records, cell by cell',
  builder: (argv) =>
    comparisonOptions(
      argv
        .positional('base', {
          type: 'string',
          demandOption: true,
          describe: 'folder of a run, or of several',
        })
        .positional('head', { type: 'string', demandOption: true, describe: 'the same, newer' })
        .option('threshold', {
          type: 'string',
          default: '10%',
          describe: 'the relative change from which on a noisy figure counts',
        })
        .option('metric', {
          type: 'string',
          describe: `compare this figure alone: ${METRICS.map(({ name }) => name).join(', ')}`,
          defaultDescription: 'wall, bytes, messages and flights',
        }),
    )
      .example('$0 compare results/20260131T120000Z-3f9a results/20260201T090000Z-77c2', '')
      .epilogue(
        `${EXIT_CODES}\nTwo runs made at different times differ by the machine's drift too: to gate changes of code on time, use bench ab.`,
      ) as unknown as Argv<Arguments>,
  handler: async ({ base, head, threshold, metric, format, strict = false }) => {
    const options = {
      metric: metric === undefined ? null : metricNamed(metric),
      wall: metricNamed('wall'),
      threshold: parseShare(threshold, 'threshold'),
    };
    const comparison = compareRecords(await readRecords(base), await readRecords(head), options);
    process.stdout.write(formatComparison(comparison, format, strict));
    for (const warning of comparison.warnings) process.stderr.write(`bench: ${warning}\n`);
    process.exitCode = exitCodeOfAll(
      comparison.cells.map(({ verdict }) => verdict),
      strict,
    );
  },
};
