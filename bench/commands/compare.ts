/** `bench compare`: two records, a verdict per cell, and an exit code. */
import { formatComparison } from '../compare/formats.ts';
import { compareRecords, readRecords } from '../compare/index.ts';
import { metricNamed } from '../compare/metrics.ts';
import { exitCodeOfAll, parseShare } from '../compare/verdict.ts';
import { defineCommand } from '../flags/command.ts';

export const compareCommand = defineCommand({
  name: 'compare',
  describe: 'compare two records, cell by cell',
  positionals: {
    base: { help: 'folder of a run, or of several' },
    head: { help: 'the same, newer' },
  },
  examples: [['$0 compare results/20260131T120000Z-3f9a results/20260201T090000Z-77c2', '']],
  epilogue:
    "Two runs made at different times differ by the machine's drift too: to gate changes of code on time, use bench ab.",
  run: async ({ base, head, threshold, metric, format, strict }) => {
    const options = {
      metric: metric === undefined ? null : metricNamed(metric),
      wall: metricNamed('wall'),
      threshold: parseShare(threshold, 'threshold'),
    };
    const comparison = compareRecords(await readRecords(base), await readRecords(head), options);
    process.stdout.write(formatComparison(comparison, format, strict));
    for (const warning of comparison.warnings) process.stderr.write(`bench: ${warning}\n`);
    return exitCodeOfAll(
      comparison.cells.map(({ verdict }) => verdict),
      strict,
    );
  },
});
