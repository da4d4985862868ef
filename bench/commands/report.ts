/** `bench report`: records → report. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { checkReport, writeReport } from '../report/index.ts';
import { splice } from '../report/splice.ts';

export const reportCommand = defineCommand({
  name: 'report',
  describe: 'write the report of one or several records: claims, charts, the price in trust, tables',
  positionals: { results: { many: true, help: 'folders of runs, or folders that hold some' } },
  examples: [
    ['$0 report results/20260131T120000Z-3f9a --out reports/mine', 'one record'],
    ['$0 report results/reference --png --png-scale 3 --out figures', 'for a paper'],
    ['$0 report results/reference --out reports/reference --check', 'in CI'],
  ],
  run: async ({ results, out, html, png, pngScale, check, replace, splice: into }) => {
    const outDir = out ?? join('reports', basename(results[0]!));
    if (!check) {
      const report = await writeReport(results, outDir, { html, replace, ...(png && { pngScale }) });
      if (into !== undefined) await writeFile(into, await spliced(into, report));
      process.stdout.write(`${report}
`);
      return ExitCode.fine;
    }
    const differences = (await checkReport(results, outDir)).map((text) => `${outDir}: ${text}`);
    if (
      into !== undefined &&
      (await readFile(into, 'utf8')) !== (await spliced(into, join(outDir, 'report.md')))
    ) {
      differences.push(`${into}: its figures are not those of the report`);
    }
    for (const difference of differences) process.stderr.write(`bench: ${difference}\n`);
    if (differences.length > 0) return ExitCode.broken;
    process.stdout.write(`${join(outDir, 'report.md')} and its charts are what the records give\n`);
    return ExitCode.fine;
  },
});

/** What `file` is to hold, with the figures of the report at `report`. */
async function spliced(file: string, report: string): Promise<string> {
  return splice(await readFile(file, 'utf8'), await readFile(report, 'utf8'));
}
