/** Reports: records in, files out. */

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ATTACK_FILE, type AttackRecord, readAttack } from '../attack/record.ts';
import { listRecords, readRecord } from '../record/samples.ts';
import { machineCharts, renderMarkdown } from './markdown.ts';
import { buildModel, type ReportModel } from './model.ts';

export { buildModel, type ReportModel } from './model.ts';
export { summaryJson, summaryTable } from './summary.ts';

export interface ReportOptions {
  /** Also writes `index.html`, the interactive page. */
  readonly html?: boolean;
}

/**
 * Reads the records in `resultsDirs` as one model. A folder is that of a run, or one that holds folders of
 * runs; `attack.json` in any of them is read too.
 * @throws {RecordError} when one cannot be read or is given twice
 */
export async function readModel(resultsDirs: readonly string[]): Promise<ReportModel> {
  const records: string[] = [];
  const attacks: AttackRecord[] = [];
  for (const dir of resultsDirs) {
    const inside = existsSync(join(dir, 'environment.json')) ? [] : await listRecords(dir);
    const exhibits = inside.length === 0 ? [dir] : [dir, ...(await foldersOf(dir))];
    if (inside.length > 0) records.push(...inside);
    else if (existsSync(join(dir, 'environment.json')) || !existsSync(join(dir, ATTACK_FILE)))
      records.push(dir);
    for (const folder of exhibits) {
      const attack = await readAttack(folder);
      if (attack !== null) attacks.push(attack);
    }
  }
  return buildModel(await Promise.all(records.map(readRecord)), attacks);
}

async function foldersOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(dir, entry.name))
    .sort();
}

/**
 * The files of the report on `model`, by name: `report.md`, its charts, and the page when asked for. Made
 * from the records and nothing else, neither clock nor locale: the same records give the same bytes.
 */
export async function renderReport(
  model: ReportModel,
  { html = false }: ReportOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const files = new Map([['report.md', renderMarkdown(model)]]);
  const charts = model.machines.flatMap((_, i) => machineCharts(model, i));
  if (charts.length > 0) {
    const { renderSvg } = await import('./charts/render.ts');
    for (const { id, spec } of charts) files.set(`${id}.svg`, await renderSvg(spec));
  }
  if (html) {
    const { renderPage } = await import('./page/index.ts');
    files.set('index.html', renderPage(model));
  }
  return files;
}

/**
 * Writes the report on the records in `resultsDirs` into `outDir` and returns the path of its `report.md`.
 * Charts of an earlier report there are removed. A report in a folder named after its run is also copied to
 * `latest` beside it (a copy, as links do not work everywhere).
 * @throws {RecordError} when a record cannot be read or is given twice
 */
export async function writeReport(
  resultsDirs: readonly string[],
  outDir: string,
  options: ReportOptions = {},
): Promise<string> {
  const model = await readModel(resultsDirs);
  const files = await renderReport(model, options);
  await writeFiles(outDir, files);
  if (model.runs.includes(basename(outDir))) await writeFiles(join(dirname(outDir), 'latest'), files);
  return join(outDir, 'report.md');
}

async function writeFiles(dir: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const name of await readdir(dir)) {
    if ((name.endsWith('.svg') || name === 'index.html') && !files.has(name)) await rm(join(dir, name));
  }
  for (const [name, text] of files) {
    const path = join(dir, name);
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
  }
}

/**
 * Makes the report in `outDir` again, without writing it, and names what differs from what is there: changed
 * by hand, missing, or left over. An `index.html` is compared where there is one.
 * @returns one sentence per file; none when the report is what its records give
 */
export async function checkReport(resultsDirs: readonly string[], outDir: string): Promise<string[]> {
  const html = existsSync(join(outDir, 'index.html'));
  const files = await renderReport(await readModel(resultsDirs), { html });
  const found: string[] = [];
  for (const [name, text] of files) {
    const path = join(outDir, name);
    const present = existsSync(path) ? (await readFile(path, 'utf8')).replaceAll('\r\n', '\n') : null;
    if (present === null) found.push(`${name} is missing`);
    else if (present !== text.replaceAll('\r\n', '\n'))
      found.push(`${name} ${firstDifference(present, text)}`);
  }
  const extra = existsSync(outDir)
    ? (await readdir(outDir)).filter((name) => name.endsWith('.svg') && !files.has(name))
    : [];
  return [...found, ...extra.map((name) => `${name} belongs to no chart of these records`)];
}

function firstDifference(present: string, wanted: string): string {
  const [a, b] = [present.split('\n'), wanted.split('\n')];
  const line = a.findIndex((text, i) => text !== b[i]);
  return `is not what the records give, from line ${(line < 0 ? a.length : line) + 1} on`;
}
