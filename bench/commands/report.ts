/** `bench report`: records → report. */
import { basename, join } from 'node:path';
import type { CommandModule } from 'yargs';
import { writeReport } from '../report/index.ts';

interface Arguments {
  readonly results: readonly string[];
  readonly out?: string;
}

export const reportCommand: CommandModule<object, Arguments> = {
  command: 'report <results..>',
  describe: 'write the Markdown report of one or several records',
  builder: (argv) =>
    argv
      .positional('results', { type: 'string', array: true, demandOption: true, describe: 'folders of runs' })
      .option('out', {
        type: 'string',
        describe: 'folder for the report',
        defaultDescription: 'reports/<run>',
      })
      .example('$0 report results/20260131T120000Z-3f9a --out reports/mine', 'one record') as never,
  handler: async ({ results, out }) => {
    const path = await writeReport(results, out ?? join('reports', basename(results[0])));
    process.stdout.write(`${path}\n`);
  },
};
