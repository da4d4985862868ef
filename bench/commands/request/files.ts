/** From flags to the two files of a data set, and what the terminal says of them. */
import {
  canonicalEncoding,
  type FileFormat,
  type FileSpec,
  parseDelimiter,
  parseNormalisation,
  validateSpec,
} from '../../../datasets/dataset.ts';
import { UsageError } from '../../errors.ts';
import { splitQuoted } from '../../words.ts';

/** The flags of files, as far as a command has them. */
export interface FileArguments {
  readonly receiverFile?: string;
  readonly senderFile?: string;
  readonly key?: string;
  readonly receiverKey?: string;
  readonly senderKey?: string;
  readonly normalise?: string;
  readonly missing?: string;
  readonly delimiter?: string;
  readonly receiverDelimiter?: string;
  readonly senderDelimiter?: string;
  readonly encoding?: string;
  readonly receiverEncoding?: string;
  readonly senderEncoding?: string;
}

/** Their names: none of them means anything to generated data. */
export const FILE_ARGUMENTS = [
  ...(['receiverFile', 'senderFile', 'key', 'receiverKey', 'senderKey', 'normalise', 'missing'] as const),
  ...(['delimiter', 'receiverDelimiter', 'senderDelimiter'] as const),
  ...(['encoding', 'receiverEncoding', 'senderEncoding'] as const),
];

/** @throws UsageError when a file or a key is missing or named twice, DatasetError for words nobody knows */
export function fileSpecOf(argv: FileArguments): FileSpec {
  const { receiverFile, senderFile } = argv;
  const [key, senderKey] = keysOf(argv);
  if (!receiverFile || !senderFile || !key) {
    throw new UsageError('a data set of files needs --receiver-file, --sender-file and --key');
  }
  const receiverFormat = formatOf(
    argv.receiverDelimiter ?? argv.delimiter,
    argv.receiverEncoding ?? argv.encoding,
  );
  const senderFormat = formatOf(argv.senderDelimiter ?? argv.delimiter, argv.senderEncoding ?? argv.encoding);
  const normalisation = normalisationOf(argv);
  const spec: FileSpec = {
    ...{ kind: 'file', receiverFile, senderFile, key: splitQuoted(key) },
    ...(senderKey !== undefined && { senderKey: splitQuoted(senderKey) }),
    ...(receiverFormat && { receiverFormat }),
    ...(senderFormat && { senderFormat }),
    ...(normalisation && { normalisation }),
  };
  validateSpec(spec);
  return spec;
}

/**
 * One file, for a party whose other side is on another host: it stands in the place of both, and only one is
 * read.
 */
export function ownFileOf(file: string | undefined, argv: FileArguments): FileSpec {
  const key = argv.receiverKey ?? argv.key;
  if (!file || !key) {
    throw new UsageError(
      'own data with another host needs --receiver-file (bench run) or --file (bench party), and --key',
    );
  }
  if (argv.senderKey !== undefined) {
    throw new UsageError("--sender-key goes with two files here: the sender's host says its own (--key)");
  }
  const { receiverKey: _, ...others } = argv;
  return fileSpecOf({ ...others, key, receiverFile: file, senderFile: file });
}

function keysOf({ key, receiverKey, senderKey }: FileArguments): [receiver?: string, sender?: string] {
  if (key !== undefined && receiverKey !== undefined && senderKey !== undefined) {
    throw new UsageError('--key stands for --receiver-key and --sender-key: leave one of the three out');
  }
  const receiver = receiverKey ?? key;
  const sender = senderKey ?? key;
  if (receiver === undefined || sender === undefined) {
    if (receiver !== sender)
      throw new UsageError('--receiver-key and --sender-key go together, or with --key');
    return [];
  }
  return receiver === sender ? [receiver] : [receiver, sender];
}

function formatOf(delimiter: string | undefined, encoding: string | undefined): FileFormat | null {
  if (delimiter === undefined && encoding === undefined) return null;
  return {
    ...(delimiter !== undefined && { delimiter: parseDelimiter(delimiter) }),
    ...(encoding !== undefined && { encoding: canonicalEncoding(encoding) }),
  };
}

function normalisationOf({ normalise, missing }: FileArguments) {
  if (normalise === undefined && missing === undefined) return null;
  return parseNormalisation(normalise ?? 'default', missing === undefined ? [] : splitQuoted(missing));
}
