/** `bench dataset`: make, describe, write. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DatasetSpec,
  describeDataset,
  formatDescription,
  type GeneratedSpec,
  keyColumns,
  readable,
  spool,
  writeDataset,
} from '../../datasets/dataset.ts';
import { ExitCode } from '../errors.ts';
import { defineCommand, defineGroup } from '../flags/command.ts';
import { overlapCount, parseOverlap, parseSize } from '../plan/sizes.ts';
import { FILE_ARGUMENTS } from './request/files.ts';
import { type DataArguments, fileOf, refuse } from './request/index.ts';

const describeCommand = defineCommand({
  name: 'dataset describe',
  describe: 'sizes, overlap, bytes per item, skew, a few samples',
  positionals: { kind: { choices: ['random', 'patients', 'file'], help: 'generated, or two CSV files' } },
  examples: [
    ['$0 dataset describe patients --size 2^16', ''],
    ['$0 dataset describe file --receiver-file a.csv --sender-file b.csv --key id', ''],
  ],
  run: async ({ kind, json, seed, ...argv }) => {
    const spec = specOf({ dataset: kind, ...argv }, seed);
    const spooled = await spool(spec.kind === 'file' ? [spec.receiverFile, spec.senderFile] : []);
    const description = await describeDataset(readable(spec, spooled)).finally(() => spooled.dispose());
    process.stdout.write(
      json ? `${JSON.stringify(description, null, 2)}\n` : `${formatDescription(description).trimEnd()}\n`,
    );
    return ExitCode.fine;
  },
});

const makeCommand = defineCommand({
  name: 'dataset make',
  describe: 'write generated sets as two CSV files, receiver.csv and sender.csv',
  positionals: { kind: { choices: ['random', 'patients'], help: 'what to generate' } },
  examples: [['$0 dataset make patients --size 10000 --overlap 2500 --out data', '']],
  run: async ({ kind, out, seed, ...argv }) => {
    const spec = generatedSpec({ dataset: kind, ...argv }, seed);
    await mkdir(out, { recursive: true });
    for (const role of ['receiver', 'sender'] as const) {
      await writeDataset(spec, role, join(out, `${role}.csv`));
    }
    process.stdout.write(
      `${join(out, 'receiver.csv')} and sender.csv: read them with --dataset file --key ${keyColumns(kind).join(',')}\n`,
    );
    return ExitCode.fine;
  },
});

export const datasetCommand = defineGroup('dataset', 'make, describe and write data sets', [
  describeCommand,
  makeCommand,
]);

function specOf(argv: DataArguments, seed: string): DatasetSpec {
  const { dataset } = argv;
  if (dataset !== 'file') return generatedSpec({ ...argv, dataset }, seed);
  return fileOf(argv);
}

type GeneratedArguments = DataArguments & { readonly dataset: GeneratedSpec['kind'] };

function generatedSpec(argv: GeneratedArguments, seed: string): GeneratedSpec {
  refuse(argv, FILE_ARGUMENTS, 'generated data has no files');
  const { size = '2^10' } = argv;
  const receiverSize = parseSize(argv.receiverSize ?? size);
  const senderSize = parseSize(argv.senderSize ?? size);
  const overlap = overlapCount(parseOverlap(argv.overlap ?? '50%'), receiverSize, senderSize);
  return { kind: argv.dataset, receiverSize, senderSize, overlap, seed };
}
