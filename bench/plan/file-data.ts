/** The data of a plan from two files: read, counted, compared, and looked at for what the user should know. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import {
  differencesOf,
  expectedIntersection,
  type FileSpec,
  fileRemarks,
  formatNormalisation,
  inspectFile,
  lookOf,
  sharesFew,
} from '../../datasets/dataset.ts';

/** @throws DatasetError when a file cannot be used */
export async function fileData(dataset: FileSpec) {
  const receiver = await inspectFile(dataset, 'receiver');
  const sender = await inspectFile(dataset, 'sender');
  const overlap = (await expectedIntersection(dataset)).length;
  const sizes = { receiver: receiver.size.items, sender: sender.size.items };
  const few = sharesFew(overlap, sizes.receiver, sizes.sender);
  return {
    dataset,
    datasetName: nameOf(dataset),
    sizes,
    overlap,
    facts: {
      key: dataset.key.join(','),
      ...(dataset.senderKey && { sender_key: dataset.senderKey.join(',') }),
      ...(dataset.normalisation && { normalisation: formatNormalisation(dataset.normalisation) }),
      ...(dataset.normalisation?.missing && { missing: dataset.normalisation.missing.join(',') }),
      receiver_rows_without_key: receiver.size.emptyKey,
      receiver_duplicates: receiver.size.duplicates,
      sender_rows_without_key: sender.size.emptyKey,
      sender_duplicates: sender.size.duplicates,
      // By these, a run is not continued with other contents.
      receiver_sha256: await digestOf(dataset.receiverFile),
      sender_sha256: await digestOf(dataset.senderFile),
    },
    remarks: [
      ...[receiver, sender].flatMap(fileRemarks),
      ...(few
        ? [
            `${overlap} items are shared; how the keys are written:`,
            ...[receiver, sender].flatMap(lookOf),
            ...differencesOf(receiver, sender),
          ]
        : []),
    ],
  };
}

/** In records: the files' names and the key, and how values are prepared where that is not the default. */
function nameOf({ receiverFile, senderFile, key, senderKey, normalisation }: FileSpec): string {
  const keys = key.join('+') + (senderKey ? `=${senderKey.join('+')}` : '');
  const form = normalisation ? formatNormalisation(normalisation) : 'default';
  const missing = normalisation?.missing ? '~missing' : '';
  return `${basename(receiverFile)}+${basename(senderFile)}:${keys}${form === 'default' ? '' : `~${form}`}${missing}`;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
