/**
 * Looks at the values of a party's key columns as they stand in its file: for damage that earlier
 * programs did to them, and for their look, which tells why two files may share nothing. What is told
 * of values is their shape; each party is told of its own file only.
 */
import { DistinctItems } from '../distinct-items.ts';
import { fileOf, keyOf, type RowObserver, readDistinct, type SetSize } from '../file.ts';
import type { DataRole, FileSpec } from '../spec.ts';
import { splitKey } from './linkage-key.ts';
import { shapeOf, type ValueProfile, ValueProfiler } from './profile.ts';

/** What one party's file holds. */
export interface FileInspection {
  readonly role: DataRole;
  readonly file: string;
  readonly size: SetSize;
  /** One for each key column, in the key's order. */
  readonly columns: readonly { readonly name: string; readonly profile: ValueProfile }[];
  /** The key that most rows have, as a shape; null when none repeats. */
  readonly commonest: { readonly shape: string; readonly rows: number } | null;
}

/** Keys that repeat are counted up to so many; a placeholder that stands for thousands comes early. */
const MAX_REPEATED = 2 ** 16;

/**
 * Reads one party's file.
 * @throws {DatasetError} when it cannot be used.
 */
export async function inspectFile(spec: FileSpec, role: DataRole): Promise<FileInspection> {
  const names = keyOf(spec, role);
  const profilers = names.map(() => new ValueProfiler());
  const repeated = new Map<string, number>();
  const observer: RowObserver = {
    raw: (values) => {
      for (const [i, profiler] of profilers.entries()) profiler.add(values[i] ?? '');
    },
    duplicate: (key) => {
      const rows = repeated.get(key);
      if (rows !== undefined) repeated.set(key, rows + 1);
      else if (repeated.size < MAX_REPEATED) repeated.set(key, 2);
    },
  };
  const size = await readDistinct(spec, role, new DistinctItems(), observer);
  let commonest: FileInspection['commonest'] = null;
  for (const [key, rows] of repeated) {
    if (rows <= (commonest?.rows ?? 1)) continue;
    commonest = { shape: splitKey(key).map(shapeOf).join(' | '), rows };
  }
  return {
    role,
    file: fileOf(spec, role),
    size,
    columns: profilers.map((profiler, i) => ({ name: names[i] ?? '', profile: profiler.profile })),
    commonest,
  };
}
