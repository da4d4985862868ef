/** Reports: records in, files out. */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecord } from '../samples.ts';
import { renderMarkdown } from './markdown.ts';
import { buildModel, type ReportModel } from './model.ts';

export { buildModel, type ReportModel } from './model.ts';
export { summaryJson, summaryTable } from './summary.ts';

/**
 * Reads the records in `resultsDirs` as one model.
 * @throws {RecordError} when one cannot be read or is given twice
 */
export async function readModel(resultsDirs: readonly string[]): Promise<ReportModel> {
  return buildModel(await Promise.all(resultsDirs.map(readRecord)));
}

/**
 * Writes the report on the records in `resultsDirs` to `outDir/report.md` and returns that path. It
 * reads nothing else, neither clock nor locale: the same records give the same bytes.
 * @throws {RecordError} when a record cannot be read or is given twice
 */
export async function writeReport(resultsDirs: readonly string[], outDir: string): Promise<string> {
  const text = renderMarkdown(await readModel(resultsDirs));
  await mkdir(outDir, { recursive: true });
  const path = join(outDir, 'report.md');
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
  return path;
}
