/**
 * Data sets: what the parties hold, and what the right answer is. Each party's process calls
 * {@link loadItems} for itself; the harness, which checks results, calls the rest.
 */
import type { ItemSet } from '../bench/contract.ts';
import { fileIntersection, fileItems, fileSize, type SetSize, writeFileMatches } from './file.ts';
import { patientItems } from './patients/patients.ts';
import { sharedPositions } from './placement.ts';
import { randomItems } from './random.ts';
import { type DataRole, DatasetError, type DatasetSpec, validateSpec } from './spec.ts';

export { type DatasetDescription, describeDataset, formatDescription } from './describe.ts';
export type { SetSize } from './file.ts';
export { parseDelimiter } from './reading/delimiter.ts';
export { canonicalEncoding } from './reading/encoding.ts';
export { readable, type Spooled, spool } from './reading/spool.ts';
export {
  type DataRole,
  DatasetError,
  type DatasetSpec,
  type FileFormat,
  type FileSpec,
  type GeneratedSpec,
  type Normalisation,
  validateSpec,
} from './spec.ts';
export { differencesOf, fileRemarks, lookOf, sharesFew } from './values/advice.ts';
export { type FileInspection, inspectFile } from './values/inspect.ts';
export { formatNormalisation, parseNormalisation } from './values/normalise.ts';
export { keyColumns, writeDataset } from './write.ts';

/**
 * One party's set, made or read without the other's. `data` and `offsets` lie in `SharedArrayBuffer`s
 * of exactly their size: worker threads can read them without a copy. Sockets, files, `TextDecoder`,
 * WebAssembly memory and all of `node:crypto` that is not Web Crypto take such views;
 * `crypto.subtle` does not, and needs a copy (`Uint8Array.from`).
 * @throws {DatasetError} when the specification is wrong or a file cannot be used.
 */
export async function loadItems(spec: DatasetSpec, role: DataRole): Promise<ItemSet> {
  validateSpec(spec);
  if (spec.kind === 'file') return (await fileItems(spec, role)).items;
  return spec.kind === 'random' ? randomItems(spec, role) : patientItems(spec, role);
}

/**
 * The right result: indices of the receiver's items that the sender has as well, strictly ascending.
 * Known by construction for generated sets; for files found by comparing the bytes of the items.
 * @throws {DatasetError} as {@link loadItems}.
 */
export async function expectedIntersection(spec: DatasetSpec): Promise<Uint32Array> {
  validateSpec(spec);
  return spec.kind === 'file' ? fileIntersection(spec) : sharedPositions(spec);
}

/**
 * Set sizes, and how many rows of files were dropped and why. Files are read for it.
 * @throws {DatasetError} as {@link loadItems}.
 */
export async function sizesOf(spec: DatasetSpec): Promise<{ receiver: SetSize; sender: SetSize }> {
  validateSpec(spec);
  if (spec.kind === 'file') {
    return { receiver: await fileSize(spec, 'receiver'), sender: await fileSize(spec, 'sender') };
  }
  const size = (items: number): SetSize => ({ items, rows: items, emptyKey: 0, duplicates: 0 });
  return { receiver: size(spec.receiverSize), sender: size(spec.senderSize) };
}

/**
 * Writes the receiver's rows that matched as CSV; see {@link writeFileMatches}.
 * @returns the number of rows written.
 * @throws {DatasetError} when the data set has no rows because it is generated, and as `writeFileMatches`.
 */
export async function writeMatches(
  spec: DatasetSpec,
  indices: Uint32Array,
  outFile: string,
): Promise<number> {
  validateSpec(spec);
  if (spec.kind !== 'file') {
    throw new DatasetError(`data set "${spec.kind}" has no rows to write: only "file" has`);
  }
  return writeFileMatches(spec, indices, outFile);
}
