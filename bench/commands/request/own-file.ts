/** The file of a party whose other side is on another host. */
import { fileRemarks, inspectFile, loadItems, writeMatches } from '../../../datasets/dataset.ts';
import { type OwnData, ownFacts } from '../../peer/host/own-data.ts';
import { indicesOf } from '../../peer/host/shared-items.ts';
import { type FileArguments, ownFileOf } from './files.ts';

/** As the command line has them. */
export interface OwnFileArguments extends FileArguments {
  readonly file?: string;
  readonly writeResult?: string;
}

/**
 * The sender's own data; null without `--file`. Says on the error stream what was dropped and what looks
 * damaged.
 * @throws UsageError for flags that do not fit, DatasetError for a file that cannot be used
 */
export async function ownData(argv: OwnFileArguments): Promise<OwnData | null> {
  const { file, writeResult } = argv;
  if (file === undefined) return null;
  const spec = ownFileOf(file, argv);
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
