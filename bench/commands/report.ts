/** `bench report`: records → report. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { checkReport, writeReport } from '../report/index.ts';
import { type Spliced, splice } from '../report/splice.ts';
import { readRecord } from '../serve-cost/record.ts';
import { costSummary, SUMMARY_TITLE } from '../serve-cost/summary.ts';

export const reportCommand = defineCommand({
  name: 'report',
  describe: 'write the report of one or several records: claims, charts, the price in trust, tables',
  positionals: { results: { many: true, help: 'folders of runs, or folders that hold some' } },
  examples: [
    ['$0 report results/20260131T120000Z-3f9a --out reports/mine', 'one record'],
    ['$0 report results/reference --png --png-scale 3 --out figures', 'for a paper'],
    ['$0 report results/reference --out reports/reference --check', 'in CI'],
  ],
  run: async ({ results, out, html, png, pngScale, check, replace, splice: into, servers }) => {
    const outDir = out ?? join('reports', basename(results[0]!));
    const appendix = servers === undefined ? '' : costSummary(readRecord(servers));
    const sections = servers === undefined ? [] : [{ title: SUMMARY_TITLE, marker: 'servers' }];
    if (!check) {
      const report = await writeReport(results, outDir, {
        ...{ html, replace, appendix },
        ...(png && { pngScale }),
      });
      if (into !== undefined) await writeFile(into, await spliced(into, report, sections));
      process.stdout.write(`${report}
`);
      return ExitCode.fine;
    }
    const differences = (await checkReport(results, outDir, { appendix })).map(
      (text) => `${outDir}: ${text}`,
    );
    if (
      into !== undefined &&
      (await readFile(into, 'utf8')) !== (await spliced(into, join(outDir, 'report.md'), sections))
    ) {
      differences.push(`${into}: its figures are not those of the report`);
    }
    for (const difference of differences) process.stderr.write(`bench: ${difference}\n`);
    if (differences.length > 0) return ExitCode.broken;
    process.stdout.write(`${join(outDir, 'report.md')} and its charts are what the records give\n`);
    return ExitCode.fine;
  },
});

/** What `file` is to hold, with the figures of the report at `report`, and these `sections` of it. */
async function spliced(file: string, report: string, sections: readonly Spliced[]): Promise<string> {
  const text = await readFile(report, 'utf8');
  const document = splice(await readFile(file, 'utf8'), text);
  return sections.reduce((whole, section) => splice(whole, text, section), document);
}
