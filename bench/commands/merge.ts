/** `bench merge`: the parts of a sharded run, joined. */
import type { CommandModule } from 'yargs';
import { readRecords } from '../compare/index.ts';
import { mergeRecords } from '../record/merge.ts';

interface Arguments {
  readonly results: readonly string[];
  readonly out: string;
}

export const mergeCommand: CommandModule<object, Arguments> = {
  command: 'merge <results..>',
  describe: 'join the records of a run that --shard split among machines',
  builder: (argv) =>
    argv
      .positional('results', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'folders of runs, or folders of such',
      })
      .option('out', {
        type: 'string',
        demandOption: true,
        describe: 'folder for the result: one new record in it for each kind of host',
      })
      .example('$0 merge shard-1/results shard-2/results --out results', '')
      .epilogue(
        'Exit codes: 0 fine, 2 usage: an unreadable record, a cell twice, or parts of different code.',
      ) as never,
  handler: async ({ results, out }) => {
    const records = (await Promise.all(results.map(readRecords))).flat();
    for (const { warnings } of records) for (const text of warnings) process.stderr.write(`bench: ${text}\n`);
    for (const { dir, records: count, fingerprint } of await mergeRecords(records, out)) {
      process.stdout.write(`${dir}  (host ${fingerprint}, ${count} ${count === 1 ? 'record' : 'records'})\n`);
    }
  },
};
