/** The data of a run whose sender has its own file on another host: this host knows one half of it. */
import { basename } from 'node:path';
import { type FileSpec, inspectFile } from '../../datasets/dataset.ts';
import type { BlockData } from './plan.ts';

/** What the other host tells of its half. */
export interface OtherHalf {
  readonly items: number;
  readonly emptyKey: number;
  readonly duplicates: number;
}

/** Before the answer is known: no item is said to be shared. */
export async function ownDataOf(spec: FileSpec, sender: OtherHalf): Promise<BlockData> {
  const { size: receiver } = await inspectFile(spec, 'receiver');
  return {
    dataset: spec,
    datasetName: `${basename(spec.receiverFile)}+peer:${spec.key.join('+')}`,
    sizes: { receiver: receiver.items, sender: sender.items },
    overlap: 0,
    facts: {
      key: spec.key.join(','),
      receiver_rows_without_key: receiver.emptyKey,
      receiver_duplicates: receiver.duplicates,
      sender_rows_without_key: sender.emptyKey,
      sender_duplicates: sender.duplicates,
    },
    remarks: [],
  };
}

/** The same with the answer, and how it was checked. */
export function withAnswer(
  data: BlockData,
  expected: Uint32Array,
  answer: { readonly checked: string; readonly digest: string },
): BlockData {
  return {
    ...data,
    overlap: expected.length,
    expected,
    facts: { ...data.facts, checked: answer.checked, answer_sha256: answer.digest },
  };
}
