/** `bench report`: records → report. */
import { basename, join } from 'node:path';
import type { CommandModule } from 'yargs';
import { ExitCode } from '../errors.ts';
import { checkReport, writeReport } from '../report/index.ts';

interface Arguments {
  readonly results: readonly string[];
  readonly out?: string;
  readonly html?: boolean;
  readonly check?: boolean;
}

export const reportCommand: CommandModule<object, Arguments> = {
  command: 'report <results..>',
  describe: 'write the report of one or several records: claims, charts, the price in trust, tables',
  builder: (argv) =>
    argv
      .positional('results', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'folders of runs, or folders that hold some',
      })
      .option('out', {
        type: 'string',
        describe: 'folder for the report',
        defaultDescription: 'reports/<run>',
      })
      .option('html', {
        type: 'boolean',
        describe: 'also write index.html: the same, interactive, in one file that needs no network',
      })
      .option('check', {
        type: 'boolean',
        describe: 'write nothing: see whether the report that is there is what the records give',
      })
      .conflicts('check', 'html')
      .example('$0 report results/20260131T120000Z-3f9a --out reports/mine', 'one record')
      .example('$0 report results/reference --out reports/reference --check', 'in CI')
      .epilogue('Exit codes: 0 fine, 2 usage, 3 the report is not what the records give (--check).') as never,
  handler: async ({ results, out, html, check }) => {
    const outDir = out ?? join('reports', basename(results[0]!));
    if (!check) {
      process.stdout.write(`${await writeReport(results, outDir, { html: html ?? false })}\n`);
      return;
    }
    const differences = await checkReport(results, outDir);
    for (const difference of differences) process.stderr.write(`bench: ${outDir}: ${difference}\n`);
    if (differences.length > 0) process.exitCode = ExitCode.broken;
    else process.stdout.write(`${join(outDir, 'report.md')} and its charts are what the records give\n`);
  },
};
