/**
 * The report as one self-contained HTML file: tables that need no script, and on top of them, where scripts
 * run, the same charts and claims with choices. Nothing is fetched; it opens from a file.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  formatBytes,
  formatBytesOr,
  formatMs,
  formatSize,
  NOTHING,
  significant,
} from '../../format/numbers.ts';
import type { TableColumn } from '../../format/table.ts';
import type { CellSummary } from '../cell.ts';
import { chartData } from '../charts/data.ts';
import { caveatOf } from '../charts/point.ts';
import { decide } from '../claims/decide.ts';
import { STATEMENTS } from '../claims/list.ts';
import {
  answer,
  bySubject,
  type ClaimRow,
  claimRows,
  formatRivalRatio,
  formatSizes,
  subjectName,
} from '../claims/text.ts';
import { partTitle } from '../columns.ts';
import { ATTACK_COLUMNS, HOST_COLUMNS } from '../exhibits.ts';
import { MODE_MEANINGS, matrixColumns, matrixOf, missingRivals } from '../matrix.ts';
import type { Group, Machine, ReportModel } from '../model.ts';
import { PUBLISHED_ENCLAVES, PUBLISHED_PSI } from '../published.ts';
import { bundle } from './bundle.ts';
import type { PageData } from './data.ts';
import { escapeHtml, htmlTable } from './html.ts';
import { sizeKey } from './selection.ts';
import { PAGE_STYLE } from './style.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The page. The same model gives the same bytes. */
export function renderPage(model: ReportModel): string {
  const machines = model.machines.map((machine) => ({
    name: partTitle(machine, model.machines),
    charts: chartData(machine),
    claims: claimRows(machine.groups),
  }));
  const data: PageData = { runs: model.runs, machines };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:">
<title>Private set intersection: what was measured</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>Private set intersection: what was measured</h1>
<p>Made by <code>bench report --html</code> from ${model.runs.map((run) => `<code>${escapeHtml(run)}</code>`).join(', ')} and from nothing else. ${escapeHtml(whereMeasured(model))}</p>
${matrices(model)}
${model.machines.map((machine) => (machines.length > 1 ? `<h2>${escapeHtml(partTitle(machine, model.machines))}</h2>\n` : '') + answers(machine)).join('\n')}
${controls(machines.map(({ name }) => name))}
<h2 id="claims-title">Claims</h2>
<p id="tally" role="status"></p>
${claimTable(machines.flatMap(({ claims }) => claims))}
<section class="scripted" aria-label="Charts"><h2>Charts</h2>
<p>Dashed and hollow: simulated, or not private by cryptography. Break-even maps are modelled.</p>
<div id="charts"></div></section>
<h2 id="results-title">Results</h2>
<p><button type="button" id="export" class="scripted">Export the rows shown as CSV</button> <span id="announce" role="status"></span></p>
${resultTable(model.machines)}
${price(model)}
${exhibits(model)}
${published()}
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
${script(library('vega', 'vega.min.js'))}
${script(library('vega-lite', 'vega-lite.min.js'))}
${script(bundle('bench/report/page/app.ts', root))}
</body>
</html>
`;
}

function script(text: string): string {
  return `<script>${text.replaceAll('</script', '<\\/script')}</script>`;
}

/** A package's bundle for browsers, without its pointer to a source map. */
function library(name: string, file: string): string {
  // The main module lies in the same folder as the bundle.
  const folder = dirname(fileURLToPath(import.meta.resolve(name)));
  return readFileSync(join(folder, file), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '');
}

function whereMeasured({ machines }: ReportModel): string {
  const cpus = new Set(machines.map(({ environments }) => environments[0]!.host.cpu));
  return `Measured on ${[...cpus].join('; ')}.`;
}

/** The verdicts on the first screen: one matrix for each machine and output, over its modes. */
function matrices({ machines }: ReportModel): string {
  const alike = Map.groupBy(
    machines,
    ({ output, environments }) => `${environments[0]?.host.fingerprint} ${output}`,
  );
  return [...alike.values()]
    .map((parts, i) => {
      const rows = matrixOf(parts);
      if (rows.length === 0) return '';
      const modes = parts.map(({ mode }) => mode);
      const id = `matrix-${i}`;
      const columns = matrixColumns(rows, modes).map(({ header, align, cell }) => ({
        ...{ header, cell, number: align === 'right' },
      }));
      const meanings = modes.map((mode) => `<strong>${mode}</strong>: ${escapeHtml(MODE_MEANINGS[mode])}`);
      const simulated = parts.some(({ groups }) =>
        groups.some(({ claims }) => claims.some(({ evidence }) => evidence.simulated)),
      );
      const name = `Who is faster${alike.size > 1 ? `, ${parts[0]?.output ?? ''}` : ''}`;
      return `<h2 id="${id}-title">${escapeHtml(name)}</h2>
${htmlTable(id, `${id}-title`, rows, columns)}
<p class="note">Ratio: the best cryptography’s time over the enclave’s; above 1 the enclave is faster.${simulated ? ' The enclave is simulated.' : ''} ${meanings.join('. ')}. ${escapeHtml(missingRivals(parts).replaceAll('**', ''))}</p>`;
    })
    .join('\n');
}

function answers(machine: Machine): string {
  const rows = claimRows(machine.groups);
  const lines = bySubject(rows, 'cryptography').map(([, own]) => `<li>${escapeHtml(answer(own))}</li>`);
  const simulated = rows.some(({ claim }) => claim.evidence.simulated)
    ? '<p class="note">The enclave is <strong>simulated</strong>: its times are those of the work, without memory encryption, vsock or a real security module. The slider below slows it down.</p>'
    : '';
  if (lines.length === 0)
    return '<p>Neither an enclave nor hash comparison was measured: no claim can be examined.</p>';
  return `<ul class="answer">${lines.join('')}</ul>${simulated}`;
}

function controls(machines: readonly string[]): string {
  const choice =
    machines.length === 1
      ? ''
      : `<label>Part <select id="machine">${machines.map((name, i) => `<option value="${i}">${i + 1}: ${escapeHtml(name)}</option>`).join('')}</select></label>`;
  const factors = PUBLISHED_ENCLAVES.filter(({ factor }) => factor !== null && factor <= 100);
  const group = (id: string, legend: string) => `<fieldset id="${id}"><legend>${legend}</legend></fieldset>`;
  return `<form id="choices" class="scripted" aria-label="What is shown" onsubmit="return false">
${choice}
<fieldset><legend>How many times as long enclaves take</legend>
<input type="range" id="slowdown" min="0" max="100" step="0.5" value="0" aria-label="Slowdown of enclaves, logarithmic">
<label><input type="number" id="factor" min="1" max="100" step="any" value="1"> ×</label>
<p class="note">Published: ${factors.map(({ hardware, what, factor }) => escapeHtml(`${hardware}, ${what} ${significant(factor!)} ×`)).join(' · ')}</p>
</fieldset>
${group('sizes', 'Items (receiver × sender)')}
${group('networks', 'Networks')}
${group('impls', 'Implementations')}
<fieldset><legend>Axes</legend>
<label><input type="radio" name="axes" id="log" checked> logarithmic</label>
<label><input type="radio" name="axes" id="linear"> linear</label></fieldset>
</form>`;
}

function claimTable(rows: readonly ClaimRow[]): string {
  return htmlTable('claims', 'claims-title', rows, [
    { header: 'claim', cell: ({ claim }) => `${subjectName(claim)} ${STATEMENTS[claim.against]}` },
    { header: 'data set', cell: (row) => row.dataset },
    { header: 'items', nowrap: true, cell: formatSizes },
    { header: 'network', cell: (row) => row.network },
    { header: 'verdict', kept: true, cell: ({ claim }) => decide(claim.evidence).verdict },
    {
      header: 'fastest rival',
      kept: true,
      cell: ({ claim }) => decide(claim.evidence).ratio?.rival ?? NOTHING,
    },
    {
      header: "rival's time over its time",
      number: true,
      kept: true,
      cell: ({ claim }) => formatRivalRatio(decide(claim.evidence).ratio),
    },
    { header: 'why', kept: true, cell: ({ claim }) => decide(claim.evidence).reason },
  ]);
}

interface ResultRow {
  readonly machine: number;
  readonly group: Group;
  readonly cell: CellSummary;
}

function resultTable(machines: readonly Machine[]): string {
  const rows = machines.flatMap((each, machine) =>
    each.groups.flatMap((group) => group.cells.map((cell): ResultRow => ({ machine, group, cell }))),
  );
  return htmlTable(
    'results',
    'results-title',
    rows,
    [
      { header: 'implementation', cell: ({ cell }) => cell.label },
      { header: 'guarantee', cell: ({ cell }) => caveatOf(cell.section) || 'private' },
      { header: 'data set', cell: ({ group }) => group.dataset },
      { header: 'mode', cell: ({ machine }) => machines[machine]?.mode ?? NOTHING },
      {
        header: 'receiver’s items',
        name: 'receiver_size',
        nowrap: true,
        cell: ({ group }) => formatSize(group.receiverSize),
        value: ({ group }) => group.receiverSize,
      },
      {
        header: 'sender’s items',
        name: 'sender_size',
        nowrap: true,
        cell: ({ group }) => formatSize(group.senderSize),
        value: ({ group }) => group.senderSize,
      },
      { header: 'network', cell: ({ group }) => group.network },
      {
        header: 'time',
        name: 'wall_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.wallMs.median),
        value: ({ cell }) => cell.wallMs.median,
      },
      {
        header: 'from',
        name: 'wall_low_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.wallMs.interval.low),
        value: ({ cell }) => cell.wallMs.interval.low,
      },
      {
        header: 'to',
        name: 'wall_high_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.wallMs.interval.high),
        value: ({ cell }) => cell.wallMs.interval.high,
      },
      {
        header: 'CPU',
        name: 'cpu_ms',
        number: true,
        cell: ({ cell }) => formatMs(cell.cpuMs),
        value: ({ cell }) => cell.cpuMs,
      },
      {
        header: 'sent',
        name: 'sent_bytes',
        number: true,
        cell: ({ cell }) => formatBytes(cell.sentBytes),
        value: ({ cell }) => cell.sentBytes,
      },
      {
        header: 'flights',
        number: true,
        cell: ({ cell }) => String(cell.flights),
        value: ({ cell }) => cell.flights,
      },
      {
        header: 'memory',
        name: 'peak_bytes',
        number: true,
        cell: ({ cell }) => formatBytesOr(cell.peakBytes),
        value: ({ cell }) => cell.peakBytes ?? -1,
      },
      {
        header: 'runs',
        number: true,
        cell: ({ cell }) => (cell.failed === 0 ? String(cell.n) : `${cell.n} (+ ${cell.failed} failed)`),
        value: ({ cell }) => cell.n,
      },
    ],
    ({ machine, group, cell }) => ({
      machine: String(machine),
      size: sizeKey(group),
      network: group.network,
      label: cell.label,
    }),
  );
}

function price({ machines }: ReportModel): string {
  const rows = machines.flatMap(({ implementations }) => implementations);
  return `<h2 id="price-title">The price: what must be trusted, what is revealed</h2>
${htmlTable('price', 'price-title', rows, [
  {
    header: 'implementation',
    cell: ({ id, facts }) =>
      facts.kind === 'enclave' && facts.build === 'enclave-simulated' ? `${id} (simulated)` : id,
  },
  { header: 'private', cell: ({ facts }) => (facts.security.private ? 'yes' : 'no') },
  { header: 'must be trusted', cell: ({ facts }) => facts.security.trust },
  {
    header: 'reveals besides sizes and result',
    cell: ({ facts }) =>
      Object.entries(facts.security.learns)
        .map(([role, what]) => `to the ${role}: ${what}`)
        .join('; ') || 'nothing',
  },
  { header: 'rests on', cell: ({ facts }) => facts.security.assumption },
])}`;
}

function exhibits({ attacks }: ReportModel): string {
  const html = <Row>(columns: readonly TableColumn<Row>[]) =>
    columns.map(({ header, align, cell }) => ({ header, cell, number: align === 'right' }));
  if (attacks.length === 0) return '';
  return `<h2 id="attack-title">A dictionary against transcripts</h2>
<p>Generated patients, half of them in both sets. Unshared records are the sender’s own, which nobody else should learn.</p>
${htmlTable(
  'attack',
  'attack-title',
  attacks.flatMap((record) => record.attacks),
  html(ATTACK_COLUMNS),
)}
<h2 id="host-title">What the host of an enclave sees of the joins inside</h2>
${htmlTable(
  'host',
  'host-title',
  attacks.flatMap(({ hostViews }) => hostViews),
  html(HOST_COLUMNS),
)}`;
}

function published(): string {
  return `<h2 id="published-title">Figures of others, in no ratio above</h2>
${htmlTable('published', 'published-title', PUBLISHED_PSI, [
  { header: 'system', cell: ({ system }) => system },
  { header: 'protocol', cell: ({ protocol }) => protocol },
  { header: 'items', nowrap: true, cell: formatPublished },
  { header: 'time', number: true, cell: ({ ms }) => formatMs(ms) },
  { header: 'origin', cell: ({ origin }) => origin },
  { header: 'hardware', cell: ({ hardware }) => hardware },
  { header: 'source', cell: ({ source }) => source },
])}`;
}

function formatPublished(row: (typeof PUBLISHED_PSI)[number]): string {
  return formatSizes({ ...row, dataset: '', overlap: 0, network: '' });
}
