/** The page at work: choices, slider, charts, tables. Runs in a browser. */

import { significant } from '../../format/numbers.ts';
import { inDark } from '../charts/drawing/theme.ts';
import { breakEvenNotes, listCharts } from '../charts/list.ts';
import { decide } from '../claims/decide.ts';
import { STATEMENTS } from '../claims/list.ts';
import { formatRivalRatio, formatSizes, subjectName } from '../claims/text.ts';
import { formatAddress, parseAddress } from './address.ts';
import { showComparison } from './comparison-view.ts';
import type { PageData, PageMachine } from './data.ts';
import {
  factorOf,
  positionOf,
  type Selection,
  selectCharts,
  selectClaims,
  sizeKey,
  slowdownOf,
} from './selection.ts';
import { makeSortable, tableToCsv } from './sortable.ts';

declare const vega: typeof import('vega');
declare const vegaLite: typeof import('vega-lite');

const data: PageData = JSON.parse(element('data').textContent!);
const dark = matchMedia('(prefers-color-scheme: dark)');
let charts: { finalize(): unknown }[] = [];

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A choice that is there only where there is something to choose from. */
function selectOf(id: string): HTMLSelectElement | null {
  return document.getElementById(id) as HTMLSelectElement | null;
}

function chosen(group: string): Set<string> {
  const boxes = element(group).querySelectorAll<HTMLInputElement>('input:checked');
  return new Set([...boxes].map((box) => box.value));
}

function selection(): Selection {
  const other = selectOf('other')?.value ?? '';
  return {
    machine: Number(selectOf('part')?.value ?? 0),
    other: other === '' ? null : Number(other),
    sizes: chosen('sizes'),
    networks: chosen('networks'),
    impls: chosen('impls'),
    slowdown: Number(element<HTMLInputElement>('factor').value) || 1,
    log: element<HTMLInputElement>('log').checked,
  };
}

function cell(text: string, className = ''): HTMLTableCellElement {
  const td = document.createElement('td');
  td.textContent = text;
  td.className = className;
  return td;
}

/** Fills the table of claims anew: every verdict is decided here and now, by the report's own function. */
function showClaims(now: Selection): void {
  const rows = selectClaims(data.machines[now.machine]!, now);
  const count = { supported: 0, refuted: 0, undecided: 0 };
  const table = element<HTMLTableElement>('claims');
  const heads = [...table.tHead!.rows[0]!.cells];
  const body = table.tBodies[0]!;
  body.replaceChildren(
    ...rows.map((row) => {
      const { verdict, ratio, reason } = decide(row.claim.evidence, slowdownOf(row, now.slowdown));
      if (row.claim.kind === 'enclave' && row.claim.against === 'cryptography') count[verdict]++;
      const tr = document.createElement('tr');
      tr.append(
        cell(`${subjectName(row.claim)} ${STATEMENTS[row.claim.against]}`),
        cell(row.dataset),
        cell(formatSizes(row), 'nowrap'),
        cell(row.network),
        cell(verdict, `verdict ${verdict}`),
        cell(ratio?.rival ?? '–'),
        cell(formatRivalRatio(ratio), 'number'),
        cell(reason),
      );
      tr.cells[2]!.dataset.value = String(row.receiverSize * 2 ** 25 + row.senderSize);
      tr.cells[6]!.dataset.value = String(ratio?.ratio ?? -1);
      for (const [i, td] of [...tr.cells].entries()) td.hidden = heads[i]?.hidden ?? false;
      return tr;
    }),
  );
  const slowed =
    now.slowdown === 1 ? 'as measured' : `if enclaves took ${significant(now.slowdown)} times as long`;
  element('tally').textContent =
    `Enclaves against the fastest private cryptography, ${slowed}: ` +
    `${count.supported} supported, ${count.refuted} refuted, ${count.undecided} undecided.`;
}

function showCharts(now: Selection): void {
  for (const view of charts) view.finalize();
  charts = [];
  const place = element('charts');
  const width = Math.max(240, Math.min(520, place.clientWidth - 330));
  const chosenData = selectCharts(data.machines[now.machine]!, now);
  const view = { log: now.log, width, slowdown: now.slowdown };
  const list = listCharts(chosenData, view);
  element('chart-notes').textContent = breakEvenNotes(chosenData, view).join(' ');
  place.replaceChildren(
    ...list.map(({ id, alt, spec }) => {
      const figure = document.createElement('figure');
      figure.id = `chart-${id}`;
      const picture = document.createElement('div');
      const caption = document.createElement('figcaption');
      caption.textContent = alt;
      figure.append(picture, caption);
      const themed = dark.matches ? inDark(spec) : spec;
      const compiled = vegaLite.compile(themed as Parameters<typeof vegaLite.compile>[0]).spec;
      const view = new vega.View(vega.parse(compiled), { renderer: 'svg', container: picture, hover: false });
      charts.push(view);
      void view.runAsync();
      return figure;
    }),
  );
  if (list.length === 0)
    place.textContent = 'Nothing is left to draw: choose more sizes, networks or implementations.';
}

/** Hides the rows of the table of results that were not chosen. */
function showResults(now: Selection): void {
  for (const tr of element<HTMLTableElement>('results').tBodies[0]!.rows) {
    const { machine, size, network, label } = tr.dataset;
    tr.hidden =
      Number(machine) !== now.machine ||
      !now.sizes.has(size!) ||
      !now.networks.has(network!) ||
      !now.impls.has(label!);
  }
}

/** Checkboxes for what the machine's record has. */
function offerChoices(machine: number): void {
  const { points } = data.machines[machine]!.charts;
  const { claims } = data.machines[machine]!;
  const offer = (id: string, values: readonly (readonly [string, string])[]) => {
    const legend = element(id).querySelector('legend')!;
    const boxes = [...new Map(values)].map(([value, text]) => {
      const label = document.createElement('label');
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.value = value;
      box.checked = true;
      label.append(box, ` ${text}`);
      return label;
    });
    element(id).replaceChildren(legend, ...boxes);
  };
  const settings = [...points, ...claims].toSorted(
    (a, b) =>
      a.receiverSize + a.senderSize - (b.receiverSize + b.senderSize) || a.receiverSize - b.receiverSize,
  );
  offer(
    'sizes',
    settings.map((point) => [sizeKey(point), formatSizes({ ...point, overlap: 0 })]),
  );
  offer(
    'networks',
    [...points, ...claims].map(({ network }) => [network, network]),
  );
  const subjects = claims.map(({ claim }) => claim.subject);
  offer(
    'impls',
    [...points.map(({ label }) => label), ...subjects].map((label) => [label, label]),
  );
}

/** The parts of a machine, to choose from; `part` is chosen. */
function offerParts(part: number): void {
  const host = data.machines[part]?.host ?? 0;
  const select = selectOf('part');
  select?.replaceChildren(
    ...data.machines.flatMap((machine, i) =>
      machine.host === host ? [new Option(machine.name, String(i), i === part, i === part)] : [],
    ),
  );
  const hosts = selectOf('host');
  if (hosts) hosts.value = String(host);
}

/** The same question on another machine, or its first part. */
function partOn(host: number, { output, mode }: Pick<PageMachine, 'output' | 'mode'>): number {
  const own = data.machines.flatMap((machine, i) => (machine.host === host ? [{ machine, i }] : []));
  const same = own.find(({ machine }) => machine.output === output && machine.mode === mode);
  return (same ?? own[0])?.i ?? 0;
}

/** What speaks of a machine or part that is not chosen is hidden; two machines are set side by side. */
function showMachines({ machine, other }: Selection): void {
  const shown = data.machines[machine]!;
  for (const section of document.querySelectorAll<HTMLElement>('[data-host]'))
    section.hidden = Number(section.dataset.host) !== shown.host;
  for (const section of document.querySelectorAll<HTMLElement>('[data-part]'))
    section.hidden = Number(section.dataset.part) !== machine;
  const comparison = document.getElementById('comparison');
  if (comparison === null) return;
  const [host, beside] = [data.hosts[shown.host], other === null ? undefined : data.hosts[other]];
  comparison.hidden = host === undefined || beside === undefined || other === shown.host;
  if (comparison.hidden || !host || !beside || other === null) return;
  const part = data.machines[partOn(other, shown)]!;
  showComparison(element('comparison-tables'), { host, part: shown }, { host: beside, part });
}

function update(): void {
  const now = selection();
  showMachines(now);
  showClaims(now);
  showCharts(now);
  showResults(now);
  keepAddress(now);
}

/** What is chosen goes into the address, which can be sent. */
function keepAddress({ machine, other, slowdown, log }: Selection): void {
  const left = (id: string) =>
    [...element(id).querySelectorAll<HTMLInputElement>('input:not(:checked)')].map((box) => box.value);
  const hidden = { sizes: left('sizes'), networks: left('networks'), impls: left('impls') };
  const words = formatAddress({ part: machine, other, hidden, slowdown, log });
  history.replaceState(null, '', words === '' ? location.href.replace(/#.*$/, '') : `#${words}`);
}

/** Chooses what the address says. */
function followAddress(): void {
  const { part, other, hidden, slowdown, log } = parseAddress(location.hash);
  const known = part < data.machines.length ? part : 0;
  offerParts(known);
  const beside = selectOf('other');
  if (beside && other !== null && other < data.hosts.length) beside.value = String(other);
  offerChoices(known);
  for (const [id, values] of Object.entries(hidden)) {
    for (const box of element(id).querySelectorAll<HTMLInputElement>('input')) {
      box.checked = !values.includes(box.value);
    }
  }
  element<HTMLInputElement>(log ? 'log' : 'linear').checked = true;
  setFactor(slowdown);
}

function setFactor(factor: number): void {
  const bounded = Math.min(100, Math.max(1, factor || 1));
  element<HTMLInputElement>('factor').value = String(bounded);
  const slider = element<HTMLInputElement>('slowdown');
  slider.value = String(positionOf(bounded));
  slider.setAttribute('aria-valuetext', `${bounded} times`);
  update();
}

function start(): void {
  document.documentElement.classList.add('live');
  const slider = element<HTMLInputElement>('slowdown');
  slider.addEventListener('input', () => setFactor(factorOf(Number(slider.value))));
  const factor = element<HTMLInputElement>('factor');
  factor.addEventListener('change', () => setFactor(Number(factor.value)));
  element('choices').addEventListener('change', (event) => {
    const { target } = event;
    if (target === slider || target === factor) return;
    if ((target as HTMLElement).id === 'part') offerChoices(selection().machine);
    update();
  });
  selectOf('host')?.addEventListener('change', (event) => {
    const host = Number((event.target as HTMLSelectElement).value);
    const part = partOn(host, data.machines[selection().machine]!);
    offerParts(part);
    offerChoices(part);
    update();
  });
  selectOf('other')?.addEventListener('change', update);
  dark.addEventListener('change', () => showCharts(selection()));
  window.addEventListener('hashchange', followAddress);
  makeSortable(element<HTMLTableElement>('results'), element('announce'));
  element('export').addEventListener('click', () => {
    const url = URL.createObjectURL(
      new Blob([tableToCsv(element<HTMLTableElement>('results'))], { type: 'text/csv' }),
    );
    const link = document.createElement('a');
    link.href = url;
    link.download = `${data.runs.join('+')}.csv`;
    link.click();
    URL.revokeObjectURL(url);
  });
  let width = document.documentElement.clientWidth;
  window.addEventListener('resize', () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    showCharts(selection());
  });
  followAddress();
}

start();
