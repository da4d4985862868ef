/** Reports: records in, files out. */

import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ATTACK_FILE, type AttackRecord, readAttack } from '../attack/record.ts';
import { ensureFolder } from '../record/folder.ts';
import { listRecords, RecordError, readRecord } from '../record/samples.ts';
import { buildModel } from './build-model.ts';
import { machineCharts, REPORT_TITLE, renderMarkdown } from './markdown.ts';
import type { ReportModel } from './model.ts';
import { SUMMARY_FILE, summaryCsv } from './tidy.ts';

export { buildModel } from './build-model.ts';
export type { ReportModel } from './model.ts';
export { summaryJson, summaryTable } from './summary.ts';

export interface ReportOptions {
  /** Also writes `index.html`, the interactive page. */
  readonly html?: boolean;
  /** Also writes every chart as PNG, with so many pixels for each of its own. */
  readonly pngScale?: number;
  /** Overwrites a report that was made from other records. */
  readonly replace?: boolean;
  /** Markdown that stands at its end: a part on something else, from a record of another kind. */
  readonly appendix?: string;
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
 * The files of the report on `model`, by name: `report.md`, its charts, its figures as a table, and the page when
 * asked for. Made from the records and nothing else, neither clock nor locale: the same records give the same bytes.
 */
export async function renderReport(
  model: ReportModel,
  { html = false, appendix = '' }: ReportOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const files = new Map([
    ['report.md', renderMarkdown(model) + (appendix && `\n${appendix}`)],
    [SUMMARY_FILE, summaryCsv(model)],
  ]);
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
 * Charts (SVG) of an earlier report there are removed, and nothing else. A report on other records is not overwritten
 * unless `replace` says so. A report in a folder named after its run is also copied to
 * `latest` beside it (a copy, as links do not work everywhere).
 * @throws {RecordError} when a record cannot be read or is given twice
 * @throws {UsageError} when PNG files are asked for and the packages for them are not installed
 */
export async function writeReport(
  resultsDirs: readonly string[],
  outDir: string,
  options: ReportOptions = {},
): Promise<string> {
  const model = await readModel(resultsDirs);
  if (!options.replace) await refuseOther(outDir, model);
  const files = new Map<string, string | Uint8Array>(await renderReport(model, options));
  if (options.pngScale !== undefined) {
    const { renderPngs } = await import('./charts/png.ts');
    for (const [name, bytes] of await renderPngs(files, options.pngScale)) files.set(name, bytes);
  }
  await writeFiles(outDir, files);
  if (model.runs.includes(basename(outDir))) await writeFiles(join(dirname(outDir), 'latest'), files);
  return join(outDir, 'report.md');
}

/** @throws {RecordError} when the report in `dir` was made from none of the model's records */
async function refuseOther(dir: string, model: ReportModel): Promise<void> {
  const report = await readFile(join(dir, 'report.md'), 'utf8').catch(() => '');
  const [, made] =
    /^Made by `bench report` from the records? (.*) and from nothing else\.$/m.exec(report) ?? [];
  if (made === undefined || model.runs.some((run) => made.includes(`\`${run}\``))) return;
  throw new RecordError(
    `${dir} holds the report on ${made.replaceAll('`', '')}: give --replace to overwrite it`,
  );
}

async function writeFiles(dir: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  ensureFolder(dir);
  for (const name of await ownFiles(dir)) {
    if (!files.has(name)) await rm(join(dir, name), { force: true });
  }
  for (const [name, content] of files) {
    const path = join(dir, name);
    await writeFile(`${path}.tmp`, content);
    await rename(`${path}.tmp`, path);
  }
}

/**
 * Files of the report that was written into `dir` before: the charts that its `report.md` shows, and the
 * page that says who made it. Nothing else in the folder is ours to remove.
 */
async function ownFiles(dir: string): Promise<string[]> {
  const text = (name: string) => readFile(join(dir, name), 'utf8').catch(() => '');
  const report = await text('report.md');
  if (!report.startsWith(REPORT_TITLE)) return [];
  const charts = [...report.matchAll(/\]\(([\w-]+\.svg)\)$/gm)].flatMap(([, name]) => name ?? []);
  const isPage = (await text('index.html')).includes('<p>Made by <code>bench report --html</code>');
  return isPage ? [...charts, 'index.html'] : charts;
}

/**
 * Makes the report in `outDir` again, without writing it, and names what differs from what is there: changed
 * by hand, missing, or left over. An `index.html` is compared where there is one.
 * @returns one sentence per file; none when the report is what its records give
 */
export async function checkReport(
  resultsDirs: readonly string[],
  outDir: string,
  { appendix = '' }: Pick<ReportOptions, 'appendix'> = {},
): Promise<string[]> {
  const html = existsSync(join(outDir, 'index.html'));
  const files = await renderReport(await readModel(resultsDirs), { html, appendix });
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
