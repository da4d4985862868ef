/** `bench merge`: the parts of a sharded run, joined. */
import { readRecords } from '../compare/index.ts';
import { ExitCode } from '../errors.ts';
import { defineCommand } from '../flags/command.ts';
import { mergeRecords } from '../record/merge.ts';

export const mergeCommand = defineCommand({
  name: 'merge',
  describe: 'join the records of a run that --shard split among machines',
  positionals: { results: { many: true, help: 'folders of runs, or folders of such' } },
  examples: [['$0 merge shard-1/results shard-2/results --out results', '']],
  run: async ({ results, out }) => {
    const records = (await Promise.all(results.map(readRecords))).flat();
    for (const { warnings } of records) for (const text of warnings) process.stderr.write(`bench: ${text}\n`);
    for (const { dir, records: count, fingerprint } of await mergeRecords(records, out)) {
      process.stdout.write(`${dir}  (host ${fingerprint}, ${count} ${count === 1 ? 'record' : 'records'})\n`);
    }
    return ExitCode.fine;
  },
});
