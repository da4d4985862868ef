/** The file of a party whose other side is on another host. */
import {
  canonicalEncoding,
  type FileInspection,
  type FileSpec,
  fileRemarks,
  formatNormalisation,
  inspectFile,
  loadItems,
  parseDelimiter,
  parseNormalisation,
  writeMatches,
} from '../../datasets/dataset.ts';
import { UsageError } from '../errors.ts';
import type { OwnData, OwnFacts } from '../peer/own-data.ts';
import { indicesOf } from '../peer/shared-items.ts';

/** As the command line has them. */
export interface OwnFileArguments {
  readonly file?: string;
  readonly key?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly normalise?: string;
  readonly missing?: string;
  readonly writeResult?: string;
}

/**
 * The sender's own data; null without `--file`. Says on the error stream what was dropped and what looks
 * damaged.
 * @throws UsageError for flags that do not fit, DatasetError for a file that cannot be used
 */
export async function ownData(argv: OwnFileArguments): Promise<OwnData | null> {
  const { file, key, writeResult } = argv;
  if (file === undefined) return null;
  if (key === undefined) throw new UsageError('--file needs --key: the columns that identify a record');
  const spec = ownSpec({ ...argv, file, key });
  const inspection = await inspectFile(spec, 'sender');
  for (const remark of fileRemarks(inspection)) process.stderr.write(`bench: ${remark}\n`);
  return {
    spec,
    facts: ownFacts(spec, inspection),
    takeResult:
      writeResult === undefined
        ? null
        : async (digests) =>
            writeMatches(spec, indicesOf(digests, await loadItems(spec, 'sender')), writeResult),
  };
}

/** One file, for a party of either role: it stands in the place of both, and only one is read. */
export function ownSpec(argv: OwnFileArguments & { readonly file: string; readonly key: string }): FileSpec {
  const { file, key, delimiter, encoding, normalise, missing } = argv;
  const format = {
    ...(delimiter !== undefined && { delimiter: parseDelimiter(delimiter) }),
    ...(encoding !== undefined && { encoding: canonicalEncoding(encoding) }),
  };
  return {
    kind: 'file',
    receiverFile: file,
    senderFile: file,
    key: words(key),
    receiverFormat: format,
    senderFormat: format,
    normalisation: parseNormalisation(normalise ?? 'default', missing === undefined ? [] : words(missing)),
  };
}

/** What the other host is told of a file. */
export function ownFacts(spec: FileSpec, { size }: FileInspection): OwnFacts {
  const { items, emptyKey, duplicates } = size;
  const { normalisation = { form: 'default' } } = spec;
  const missing = normalisation.missing?.toSorted() ?? [];
  return {
    items,
    emptyKey,
    duplicates,
    columns: spec.key.length,
    normalisation: [formatNormalisation(normalisation), ...missing.map((value) => `missing ${value}`)].join(
      '; ',
    ),
  };
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}
