/** `bench dataset`: make, describe, write. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import {
  type DatasetSpec,
  describeDataset,
  formatDescription,
  keyColumns,
  writeDataset,
} from '../../datasets/dataset.ts';
import { UsageError } from '../errors.ts';
import { overlapCount, parseOverlap, parseSize } from '../plan/sizes.ts';

interface Arguments {
  readonly kind: 'random' | 'patients' | 'file';
  readonly size: string;
  readonly receiverSize?: string;
  readonly senderSize?: string;
  readonly overlap: string;
  readonly seed: string;
  readonly receiverFile?: string;
  readonly senderFile?: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly out?: string;
}

function dataOptions<T>(argv: Argv<T>) {
  return argv
    .option('size', { type: 'string', default: '2^10', describe: 'size of both sets' })
    .option('receiver-size', { type: 'string', describe: "size of the receiver's set" })
    .option('sender-size', { type: 'string', describe: "size of the sender's set" })
    .option('overlap', { type: 'string', default: '50%', describe: 'shared items: a share (50%) or a count' })
    .option('seed', { type: 'string', default: '1', describe: 'equal seeds make equal data' });
}

export const datasetCommand: CommandModule = {
  command: 'dataset <command>',
  describe: 'make, describe and write data sets',
  builder: (argv) =>
    argv
      .command({
        command: 'describe <kind>',
        describe: 'sizes, overlap, bytes per item, skew, a few samples',
        builder: (sub: Argv) =>
          dataOptions(sub)
            .positional('kind', { choices: ['random', 'patients', 'file'] as const, demandOption: true })
            .option('receiver-file', { type: 'string', describe: "the receiver's CSV file (kind file)" })
            .option('sender-file', { type: 'string', describe: "the sender's CSV file (kind file)" })
            .option('key', { type: 'string', describe: 'column, or columns with commas (kind file)' })
            .option('json', { type: 'boolean', describe: 'as JSON' })
            .example('$0 dataset describe patients --size 2^16', '')
            .example(
              '$0 dataset describe file --receiver-file a.csv --sender-file b.csv --key id',
              '',
            ) as never,
        handler: async (argv) => {
          const description = await describeDataset(specFrom(argv as unknown as Arguments));
          process.stdout.write(
            argv.json
              ? `${JSON.stringify(description, null, 2)}\n`
              : `${formatDescription(description).trimEnd()}\n`,
          );
        },
      })
      .command({
        command: 'make <kind>',
        describe: 'write generated sets as two CSV files, receiver.csv and sender.csv',
        builder: (sub: Argv) =>
          dataOptions(sub)
            .positional('kind', { choices: ['random', 'patients'] as const, demandOption: true })
            .option('out', { type: 'string', demandOption: true, describe: 'folder for the two files' })
            .example('$0 dataset make patients --size 10000 --overlap 2500 --out data', '') as never,
        handler: async (argv) => {
          const { kind, out } = argv as unknown as Arguments;
          const spec = specFrom(argv as unknown as Arguments);
          if (spec.kind === 'file')
            throw new UsageError('a file is there already: bench dataset make writes generated sets');
          await mkdir(out!, { recursive: true });
          for (const role of ['receiver', 'sender'] as const)
            await writeDataset(spec, role, join(out!, `${role}.csv`));
          process.stdout.write(
            `${join(out!, 'receiver.csv')} and sender.csv: read them with --dataset file --key ${keyColumns(kind as 'random').join(',')}\n`,
          );
        },
      })
      .demandCommand(1, 'say what to do: bench dataset describe or make'),
  handler: () => {},
};

function specFrom(argv: Arguments): DatasetSpec {
  if (argv.kind === 'file') {
    const { receiverFile, senderFile, key } = argv;
    if (!receiverFile || !senderFile || !key) {
      throw new UsageError('kind "file" needs --receiver-file, --sender-file and --key');
    }
    return { kind: 'file', receiverFile, senderFile, key: key.split(',').map((column) => column.trim()) };
  }
  const receiverSize = parseSize(argv.receiverSize ?? argv.size);
  const senderSize = parseSize(argv.senderSize ?? argv.size);
  const overlap = overlapCount(parseOverlap(argv.overlap), receiverSize, senderSize);
  return { kind: argv.kind, receiverSize, senderSize, overlap, seed: argv.seed };
}
