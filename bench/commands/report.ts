/** `bench report`: records → report. */
import { basename, join } from 'node:path';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { checkReport, writeReport } from '../report/index.ts';

export const reportCommand = defineCommand({
  name: 'report',
  describe: 'write the report of one or several records: claims, charts, the price in trust, tables',
  positionals: { results: { many: true, help: 'folders of runs, or folders that hold some' } },
  examples: [
    ['$0 report results/20260131T120000Z-3f9a --out reports/mine', 'one record'],
    ['$0 report results/reference --out reports/reference --check', 'in CI'],
  ],
  run: async ({ results, out, html, check }) => {
    const outDir = out ?? join('reports', basename(results[0]!));
    if (!check) {
      process.stdout.write(`${await writeReport(results, outDir, { html })}\n`);
      return ExitCode.fine;
    }
    const differences = await checkReport(results, outDir);
    for (const difference of differences) process.stderr.write(`bench: ${outDir}: ${difference}\n`);
    if (differences.length > 0) return ExitCode.broken;
    process.stdout.write(`${join(outDir, 'report.md')} and its charts are what the records give\n`);
    return ExitCode.fine;
  },
});
