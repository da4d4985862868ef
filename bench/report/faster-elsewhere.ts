/** Figures of others that are below anything measured here: a lead over the rows of a record is none over these. */
import { formatMs, formatSize } from '../format/numbers.ts';
import { escapeMarkdown } from '../format/table.ts';
import type { Group, Machine } from './model.ts';
import { PUBLISHED_PSI, type PublishedPsi } from './published.ts';

/** Networks of published figures that are like one of ours. */
const ALIKE: Readonly<Record<string, string>> = { loopback: 'none', LAN: 'lan' };

/** A published figure below the fastest cryptography of its sizes, output, mode and network. */
export interface FasterElsewhere {
  readonly figure: PublishedPsi;
  /** The fastest cryptography here, in ms. */
  readonly bestMs: number;
  /** The plain enclave here, in ms; null where it was not measured. */
  readonly enclaveMs: number | null;
}

/** All of them for one machine and output, whose `parts` are its modes. */
export function fasterElsewhere(
  parts: readonly Machine[],
  published: readonly PublishedPsi[] = PUBLISHED_PSI,
): FasterElsewhere[] {
  return published.flatMap((figure) => {
    const part = parts.find(({ mode, output }) => mode === figure.mode && output === figure.output);
    const group = part?.groups.find((one) => isPlaceOf(one, figure));
    const sound = group?.cells.filter(({ failed }) => failed === 0) ?? [];
    const bestMs = Math.min(
      ...sound.filter(({ facts }) => facts.kind === 'cryptography').map(({ wallMs }) => wallMs.median),
    );
    if (!(Number.isFinite(bestMs) && figure.ms < bestMs)) return [];
    const enclave = sound.find(({ impl }) => impl === 'enclave');
    return [{ figure, bestMs, enclaveMs: enclave?.wallMs.median ?? null }];
  });
}

function isPlaceOf(group: Group, figure: PublishedPsi): boolean {
  return (
    group.dataset === 'random' &&
    group.network === ALIKE[figure.network] &&
    group.receiverSize === figure.receiverSize &&
    group.senderSize === figure.senderSize
  );
}

/** What these figures are, before their lines. */
export const ELSEWHERE_TITLE = 'Faster elsewhere than any cryptography measured here';
export const ELSEWHERE_CAVEAT =
  'and in no ratio above (the starting of programs is not in these times; sources under "Figures of others" in the report)';

/** The same as text, a line for each program, machine, network and mode. */
export function fasterElsewhereLines(parts: readonly Machine[]): string[] {
  const lines = Map.groupBy(fasterElsewhere(parts), ({ figure }) => {
    const { mode, network, system, protocol, origin, machine, threads } = figure;
    const core = threads === 1 ? 'one thread per party' : `${threads} threads per party`;
    return `${mode}, ${network}: ${protocol} by ${system} (${origin}; ${machine}, ${core})`;
  });
  return [...lines].map(([who, found]) => {
    const figures = found.map(({ figure, bestMs, enclaveMs }) => {
      const here = `cryptography here ${formatMs(bestMs)}`;
      const enclave = enclaveMs === null ? '' : `, the enclave ${formatMs(enclaveMs)}`;
      return `${formatMs(figure.ms)} at ${formatSize(figure.receiverSize)} (${here}${enclave})`;
    });
    return `${who}: ${figures.join('; ')}`;
  });
}

/** The same as Markdown; '' when there are none. */
export function renderFasterElsewhere(parts: readonly Machine[]): string {
  const items = fasterElsewhereLines(parts).map((line) => `- ${escapeMarkdown(line)}\n`);
  return items.length === 0 ? '' : `**${ELSEWHERE_TITLE}**, ${ELSEWHERE_CAVEAT}:\n\n${items.join('')}`;
}
