/**
 * The report as one self-contained HTML file: tables that need no script, and on top of them, where scripts
 * run, the same charts and claims with choices. Nothing is fetched; it opens from a file.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { significant } from '../../format/numbers.ts';
import { chartData } from '../charts/data.ts';
import { answer, bySubject, claimRows } from '../claims/text.ts';
import { type Host, hostFacts, hostsOf } from '../machines.ts';
import type { Machine, ReportModel } from '../model.ts';
import { PUBLISHED_ENCLAVES } from '../published.ts';
import { bundle } from './bundle.ts';
import type { PageData, PageHost } from './data.ts';
import { escapeHtml, htmlTable } from './html.ts';
import { matrixSections } from './matrix.ts';
import { PAGE_STYLE } from './style.ts';
import { claimTable, exhibitTables, priceTable, publishedTable, resultTable } from './tables.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The page. The same model gives the same bytes. */
export function renderPage(model: ReportModel): string {
  const hosts = hostsOf(model.machines);
  const machines = hosts.flatMap(({ parts }, host) => parts.map((machine) => ({ host, machine })));
  const data: PageData = {
    runs: model.runs,
    hosts: hosts.map(describe),
    machines: machines.map(({ host, machine }) => ({
      name: `${machine.mode}, output: ${machine.output}`,
      host,
      output: machine.output,
      mode: machine.mode,
      charts: chartData(machine),
      claims: claimRows(machine.groups),
    })),
  };
  const ordered = machines.map(({ machine }) => machine);
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
${machineChoice(data.hosts)}
${matrixSections(ordered)}
${comparison(data.hosts)}
${controls(data.machines.length)}
<h2 id="claims-title">Claims</h2>
${ordered.map((machine, i) => sentences(machine, i, data)).join('\n')}
<p id="tally" role="status"></p>
${claimTable(data.machines.flatMap(({ claims }) => claims))}
<section class="scripted" aria-label="Charts"><h2>Charts</h2>
<p>Dashed and hollow: simulated, or not private by cryptography. Break-even maps are modelled.</p>
<div id="charts"></div>
<p id="chart-notes" class="note"></p></section>
<h2 id="results-title">Results</h2>
<p><button type="button" id="export" class="scripted">Export the rows shown as CSV</button> <span id="announce" role="status"></span></p>
${resultTable(ordered)}
${priceTable(model)}
${exhibitTables(model)}
${publishedTable()}
${machineTable(data.hosts)}
<p>Made by <code>bench report --html</code> from ${model.runs.map((run) => `<code>${escapeHtml(run)}</code>`).join(', ')} and from nothing else.</p>
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

/** What a machine is, and which code and runtime it measured. */
function describe({ name, environment, parts }: Host): PageHost {
  const environments = [...new Set(parts.flatMap((part) => part.environments))];
  const all = (text: (one: (typeof environments)[number]) => string) =>
    [...new Set(environments.map(text))].join('; ');
  return {
    name,
    facts: [
      ...hostFacts(environment),
      ['runtime', all(({ runtime }) => `Node ${runtime.node}, V8 ${runtime.v8}, OpenSSL ${runtime.openssl}`)],
      ['code', all(({ code }) => (code.commit ?? 'no commit').slice(0, 12))],
      ['records', all(({ run }) => run)],
    ],
  };
}

/** Which machine's figures are shown, where there are several. */
function machineChoice(hosts: readonly PageHost[]): string {
  if (hosts.length < 2) return '';
  const options = hosts.map(({ name }, i) => `<option value="${i}">${escapeHtml(name)}</option>`).join('');
  return `<form id="machines" class="scripted" aria-label="Machines" onsubmit="return false">
<label>Machine <select id="host">${options}</select></label>
<label>compared with <select id="other"><option value="">none</option>${options}</select></label>
</form>`;
}

/** Filled by the script once two machines are chosen. */
function comparison(hosts: readonly PageHost[]): string {
  if (hosts.length < 2) return '';
  return `<section id="comparison" hidden aria-labelledby="comparison-title"><h2 id="comparison-title">Two machines side by side</h2>
<p class="note">Each was measured by itself, and nothing of one is pooled with the other. Times of different machines differ for many reasons: see what each machine is.</p>
<div id="comparison-tables"></div></section>`;
}

function machineTable(hosts: readonly PageHost[]): string {
  const facts = hosts[0]?.facts ?? [];
  const several = hosts.length > 1;
  return `<h2 id="host-facts-title">Measured on</h2>
${htmlTable('host-facts', 'host-facts-title', facts, [
  { header: 'what', cell: ([fact]) => fact },
  ...hosts.map((host) => ({
    header: several ? host.name : 'machine',
    cell: ([fact]: readonly [string, string]) => host.facts.find(([name]) => name === fact)?.[1] ?? '',
  })),
])}`;
}

/** The claims of a part in sentences. */
function sentences(machine: Machine, part: number, { hosts, machines }: PageData): string {
  const rows = claimRows(machine.groups);
  const lines = bySubject(rows, 'cryptography').map(([, own]) => `<li>${escapeHtml(answer(own))}</li>`);
  const { name = '', host = 0 } = machines[part] ?? {};
  const title = hosts.length > 1 ? `${hosts[host]?.name ?? ''}, ${name}` : name;
  const text =
    lines.length === 0
      ? '<p>Neither an enclave nor hash comparison was measured: no claim can be examined.</p>'
      : `<ul class="answer">${lines.join('')}</ul>`;
  return `<div data-part="${part}">${machines.length > 1 ? `<h3>${escapeHtml(title)}</h3>` : ''}${text}</div>`;
}

function controls(parts: number): string {
  // Its choices depend on the machine: the script offers them.
  const choice = parts === 1 ? '' : '<label>Part <select id="part"></select></label>';
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
