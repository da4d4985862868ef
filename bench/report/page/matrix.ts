/** The answer on the first screen: for each machine and output a matrix of sizes and networks per mode. */

import { formatMs, NOTHING, significant } from '../../format/numbers.ts';
import type { Mode } from '../../record/samples.ts';
import { linkOf } from '../charts/data.ts';
import { networkFigures } from '../charts/network-name.ts';
import { PRIVATE_MEANS } from '../columns.ts';
import { ELSEWHERE_CAVEAT, ELSEWHERE_TITLE, fasterElsewhereLines } from '../faster-elsewhere.ts';
import { hostsOf } from '../machines.ts';
import {
  type MatrixEntry,
  type MatrixRow,
  MODE_MEANINGS,
  matrixOf,
  matrixSentences,
  missingRivals,
  shortSizes,
} from '../matrix.ts';
import type { Machine } from '../model.ts';
import { escapeHtml } from './html.ts';

/** A section for each machine and output; `data-host` says which machine it speaks of. */
export function matrixSections(machines: readonly Machine[]): string {
  const hosts = hostsOf(machines);
  return hosts
    .flatMap(({ name, parts }, host) =>
      [...Map.groupBy(parts, ({ output }) => output)].map(([output, own], i) => {
        const several = new Set(parts.map((part) => part.output)).size > 1;
        const title = [
          'Enclave or cryptography: who is faster?',
          ...(several ? [output] : []),
          ...(hosts.length > 1 ? [name] : []),
        ];
        return section(`matrix-${host}-${i}`, host, title.join(' · '), own);
      }),
    )
    .join('\n');
}

function section(id: string, host: number, title: string, parts: readonly Machine[]): string {
  const rows = matrixOf(parts);
  if (rows.length === 0) return '';
  const modes = parts.map(({ mode }) => mode);
  const sentences = matrixSentences(rows, modes).map(
    ([mode, text]) => `<p class="finding"><strong>${mode}</strong>: ${powers(text)}</p>`,
  );
  const meanings = modes.map((mode) => `<strong>${mode}</strong>: ${escapeHtml(MODE_MEANINGS[mode])}`);
  const simulated = parts.some(({ groups }) =>
    groups.some(({ claims }) => claims.some(({ evidence }) => evidence.simulated)),
  );
  const missing = missingRivals(parts).replaceAll('**', '');
  return `<section data-host="${host}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeHtml(title)}</h2>
${sentences.join('\n')}
<div class="matrices">${parts.map((part) => grid(rows, part, id)).join('\n')}</div>
<p class="note">In each place: who is faster; the best cryptography’s time over the enclave’s, above 1 the enclave is faster; then both times, the enclave’s first.${simulated ? ' The enclave is simulated: real hardware may be slower by that ratio before cryptography is faster.' : ''} ${meanings.join('. ')}. ${escapeHtml(missing)} ${escapeHtml(PRIVATE_MEANS.replaceAll('*', ''))}</p>
${elsewhere(parts)}</section>`;
}

/** What is known to be faster than the cryptography of the matrix. */
function elsewhere(parts: readonly Machine[]): string {
  const lines = fasterElsewhereLines(parts).map((line) => `<li>${escapeHtml(line)}</li>`);
  if (lines.length === 0) return '';
  return `<details class="note"><summary><strong>${ELSEWHERE_TITLE}</strong>: ${lines.length === 1 ? 'one program' : `${lines.length} sets of figures`}, ${escapeHtml(ELSEWHERE_CAVEAT)}</summary><ul>${lines.join('')}</ul></details>`;
}

function grid(rows: readonly MatrixRow[], part: Machine, id: string): string {
  const networks = [...new Set(rows.map(({ network }) => network))];
  const severalSets = new Set(rows.map(({ dataset }) => dataset)).size > 1;
  const lines = Map.groupBy(rows, ({ dataset, receiverSize, senderSize, overlap }) =>
    JSON.stringify([dataset, receiverSize, senderSize, overlap]),
  );
  const head = networks.map(
    (network) =>
      `<th scope="col">${escapeHtml(network)} <small>${escapeHtml(networkFigures(network, linkOf(part, network)))}</small></th>`,
  );
  const body = [...lines.values()].map((own) => {
    const cells = networks.map((network) => {
      const entry = own.find((row) => row.network === network)?.entries[part.mode];
      return entry === undefined ? `<td>${NOTHING}</td>` : place(entry);
    });
    const name = own
      .slice(0, 1)
      .map((row) => `${severalSets ? `${row.dataset} ` : ''}${powers(shortSizes(row))}`);
    return `<tr><th scope="row">${name.join('')}</th>${cells.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${part.mode}, ${escapeHtml(part.output)}"><table class="heat" id="${id}-${part.mode}" aria-labelledby="${id}-${part.mode}-title"><caption id="${id}-${part.mode}-title">${captionOf(part.mode)}</caption>
<thead><tr><th scope="col">items</th>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

function captionOf(mode: Mode): string {
  return {
    'one-shot': '<strong>one-shot</strong>: parties that meet once',
    warm: '<strong>warm</strong>: a service',
  }[mode];
}

/** Sizes of sets as on paper. */
function powers(text: string): string {
  return escapeHtml(text).replace(/\^(\d+)/g, '<sup>$1</sup>');
}

function place({ verdict, winner, ratio, enclaveMs, cryptographyMs }: MatrixEntry): string {
  const time = (ms: number | null) => (ms === null ? NOTHING : formatMs(ms));
  const figures = ratio === null ? '' : ` <span class="ratio">${significant(ratio, 2)} ×</span>`;
  return `<td class="${verdict} step-${stepOf(ratio)}"><b>${escapeHtml(winner)}</b>${figures}<small><span>${time(enclaveMs)}</span> | <span>${time(cryptographyMs)}</span></small></td>`;
}

/** How strong the colour is: up to half as much again, up to four times, more. */
function stepOf(ratio: number | null): number {
  const factor = ratio === null ? 1 : Math.max(ratio, 1 / ratio);
  return factor < 1.5 ? 1 : factor < 4 ? 2 : 3;
}
