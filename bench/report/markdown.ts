/** The report as Markdown, for a repository, a job summary or a pull request. */

import { formatBytesOr, formatMs, formatSize, NOTHING } from '../format/numbers.ts';
import { buildTable, codeMarkdown, escapeMarkdown, leanMarkdown } from '../format/table.ts';
import type { Section } from './cell.ts';
import type { Chart } from './charts/chart.ts';
import { chartData } from './charts/data.ts';
import { breakEvenNotes, listCharts } from './charts/list.ts';
import {
  FAILURE_COLUMNS,
  groupTitle,
  guaranteeOf,
  PARTY_COLUMNS,
  PHASE_COLUMNS,
  partyLines,
  RESULT_COLUMNS,
  SECTION_TITLES,
} from './columns.ts';
import { linkTurns } from './link-crossovers.ts';
import { partTitle } from './machines.ts';
import { matrixOf } from './matrix.ts';
import { type Group, type Machine, type ReportModel, SECTIONS } from './model.ts';
import { conditions, limits, reproduction } from './prose.ts';
import {
  renderAnswer,
  renderBreakEven,
  renderCharts,
  renderClaims,
  renderPrice,
  renderPublished,
  renderTurns,
} from './sections.ts';

/** What a reader must know of the rows of a section. */
const SECTION_NOTES: Readonly<Record<Section, string>> = {
  private:
    'By cryptography: nobody learns more than the declared leakage, under the declared assumption, and nobody but ' +
    'the two parties needs to be trusted.',
  enclave: 'Private if the maker of the hardware and the measured code are trusted.',
  simulated:
    'The protocol of an enclave in an ordinary process: no memory encryption, no attested hardware. Its ' +
    'time is that of the work, not that of an enclave, and it protects nothing.',
  'trusted-party': 'A third party sees both sets.',
  'not-private': 'Images of items travel: whoever sees them can guess the items. For comparison only.',
};

/** The first line of every report. */
export const REPORT_TITLE = '# Private set intersection: what was measured';

/** The whole report. The same model gives the same text. */
export function renderMarkdown(model: ReportModel): string {
  const several = model.machines.length > 1;
  const parts = [
    `${REPORT_TITLE}\n`,
    what(model),
    ...model.machines.flatMap((machine, i) => [
      several ? `# Part ${i + 1}: ${escapeMarkdown(partTitle(machine, model.machines))}\n` : '',
      ...renderMachine(model, i),
    ]),
    renderPublished(),
    `## How to reproduce\n\n${reproduction(model)}`,
    `## What the numbers do not show\n\n${limits(model)}`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function what(model: ReportModel): string {
  const environments = model.machines.flatMap((machine) => machine.environments);
  // A record has a part per mode and output, and stands in the environments of each.
  const commands = [...new Set(environments.map(({ command }) => `${command.replace(/\s+/g, ' ')}\n`))];
  const fence = '`'.repeat(
    Math.max(
      3,
      ...(commands
        .join('')
        .match(/`+/g)
        ?.map((t) => t.length + 1) ?? []),
    ),
  );
  const notes = [
    `Made by \`bench report\` from the record${model.runs.length > 1 ? 's' : ''} ` +
      `${model.runs.map((run) => codeMarkdown(run)).join(', ')} and from nothing else.`,
    ...(new Set(environments.map(({ host }) => host.fingerprint)).size > 1
      ? ['The records come from different machines, whose times are not put side by side: one part each.']
      : []),
    ...(new Set(model.machines.map(({ output }) => output)).size > 1
      ? [
          'What receivers learn differs (output), and with it the work: one part each, with verdicts of its own.',
        ]
      : []),
    ...(new Set(model.machines.map(({ mode }) => mode)).size > 1
      ? ['First runs of fresh processes (one-shot) and later runs (warm) are two questions: one part each.']
      : []),
    ...model.warnings.map((warning) => `Left out in reading: ${escapeMarkdown(warning)}.`),
  ];
  return (
    `<!-- command -->\n${fence}sh\n${commands.join('')}${fence}\n<!-- /command -->\n\n` +
    `${notes.join('\n')}\n`
  );
}

/** The charts of one machine's records; their names tell machines apart. */
export function machineCharts(model: ReportModel, machine: number): Chart[] {
  const { machines } = model;
  const own = machines[machine]!;
  const modes = new Set(machines.map(({ mode }) => mode));
  const before = machines.slice(0, machine).filter(({ mode }) => mode === own.mode).length;
  const prefix = `${modes.size > 1 ? `${own.mode}-` : ''}${before > 0 ? `part-${before + 1}-` : ''}`;
  const charts = listCharts(chartData(own));
  return charts.map((chart) => ({ ...chart, id: prefix + chart.id }));
}

/** Attacks made on a machine; what was made on none of those shown stands with the first. */
function attacksOf(model: ReportModel, index: number): ReportModel['attacks'] {
  const fingerprints = model.machines.map(({ environments }) => environments[0]!.host.fingerprint);
  return model.attacks.filter(
    ({ environment }) => Math.max(0, fingerprints.indexOf(environment.host.fingerprint)) === index,
  );
}

/** Beyond as many settings, tables of parties would be most of a report that no browser shows whole. */
const MOST_WITH_PARTIES = 24;

function measuredGroups({ groups }: Machine): Group[] {
  return groups.filter(({ cells }) => cells.length > 0);
}

function renderMachine(model: ReportModel, index: number): string[] {
  const machine = model.machines[index]!;
  const measured = measuredGroups(machine);
  const withParties = model.machines.flatMap(measuredGroups).length <= MOST_WITH_PARTIES;
  const isSame = (other: Machine) =>
    other.output === machine.output &&
    other.environments[0]?.host.fingerprint === machine.environments[0]?.host.fingerprint;
  const alike = model.machines.filter(isSame);
  // The matrix spans the modes of a machine: it stands once, before the first of them.
  const others = alike[0] === machine ? alike : [];
  const isLast = model.machines.findLast(isSame) === machine;
  return [
    ...(measured.length > 0
      ? [
          renderAnswer(machine, others),
          // The matrix says it already, where there is an enclave.
          matrixOf(alike).length > 0 ? '' : renderGlance(measured),
          renderCharts(machineCharts(model, index), breakEvenNotes(chartData(machine))),
          renderClaims(machine),
          renderBreakEven(machine),
          renderTurns(machine, linkTurns(chartData(machine))),
        ]
      : ['## Results\n\nNo run produced a correct result.\n']),
    isLast ? renderPrice(machine, attacksOf(model, index)) : '',
    ...measured.map((group) => renderGroup(group, withParties)),
    renderEmulated(machine),
    renderFailures(machine),
    ...(isLast ? [renderImplementations(machine), `## Environment\n\n${conditions(machine)}`] : []),
  ];
}

/** Machines emulated in software: that it works, and nothing about time. */
function renderEmulated({ emulated }: Machine): string {
  if (emulated.length === 0) return '';
  const table = buildTable(emulated, [
    { header: 'implementation', align: 'left', cell: ({ impl }) => impl },
    { header: 'in', align: 'left', cell: ({ engine }) => engine },
    { header: 'data set', align: 'left', cell: ({ dataset }) => dataset },
    {
      header: 'items',
      align: 'left',
      cell: ({ receiverSize, senderSize }) => `${formatSize(receiverSize)} × ${formatSize(senderSize)}`,
    },
    { header: 'network', align: 'left', cell: ({ network }) => network },
    { header: 'correct results', align: 'right', cell: ({ right, runs }) => `${right} of ${runs}` },
    { header: 'the others', align: 'left', cell: ({ reason }) => reason || NOTHING },
  ]);
  return (
    '## Works in a virtual machine\n\nEvery instruction was emulated in software: results were checked, and times ' +
    `mean nothing, so they stand nowhere.\n\n${leanMarkdown(table)}\n`
  );
}

function renderGlance(groups: readonly Group[]): string {
  const fastest = (group: Group) => (group.reference?.section === 'private' ? group.reference : null);
  const table = buildTable(groups, [
    { header: 'data set', align: 'left', cell: (group) => group.dataset },
    {
      header: 'items',
      align: 'left',
      cell: (group) => `${formatSize(group.receiverSize)} × ${formatSize(group.senderSize)}`,
    },
    { header: 'network', align: 'left', cell: (group) => group.network },
    { header: 'fastest private', align: 'left', cell: (group) => fastest(group)?.label ?? 'none measured' },
    { header: 'time', align: 'right', cell: (group) => medianTime(fastest(group)) },
    { header: 'sent', align: 'right', cell: (group) => formatBytesOr(fastest(group)?.sentBytes ?? null) },
  ]);
  return (
    `## At a glance\n\n${leanMarkdown(table)}\n` +
    'Time is the median wall time from the first barrier until the receiver holds the result, all phases ' +
    'included. Every result was checked against the known intersection.\n'
  );
}

function medianTime(cell: Group['reference']): string {
  return cell === null ? NOTHING : formatMs(cell.wallMs.median);
}

function renderGroup(group: Group, withParties: boolean): string {
  const parts = [`## ${escapeMarkdown(groupTitle(group))}\n`];
  for (const section of SECTIONS) {
    const cells = group.cells.filter((cell) => cell.section === section);
    if (cells.length === 0) continue;
    const table = buildTable(cells, RESULT_COLUMNS, {
      strong: (cell) => cell.reference && section === 'private',
    });
    parts.push(`### ${SECTION_TITLES[section]}\n`, `${SECTION_NOTES[section]}\n`, leanMarkdown(table));
  }
  parts.push(`${explainRelative(group)}\n`);
  if (group.without.length > 0) {
    const labels = group.without.map(escapeMarkdown).join(', ');
    parts.push(`Without a correct result (reasons below): ${labels}.\n`);
  }
  parts.push(
    `<details><summary>Phases${withParties ? ', and what each party did' : ''}</summary>\n`,
    leanMarkdown(buildTable(group.cells, PHASE_COLUMNS)),
    withParties
      ? leanMarkdown(buildTable(partyLines(group.cells), PARTY_COLUMNS))
      : 'What each party did in each phase: `parties.csv` of the records.\n',
    '</details>\n',
  );
  return parts.join('\n');
}

function explainRelative({ reference, cells }: Group): string {
  const failed = cells.some((cell) => cell.failed > 0)
    ? ' A cell with a failed run has no ratio: what remains of it is not a fair sample.'
    : '';
  if (reference === null) return `No ratio can be given.${failed}`;
  const sort =
    reference.section === 'private' ? 'fastest private implementation' : 'fastest (none is private)';
  return `Speed: the time of ${escapeMarkdown(reference.label)}, the ${sort}, over that of the row; above 1 the row is faster.${failed}`;
}

function renderFailures({ failures }: Machine): string {
  if (failures.length === 0) return '';
  return `## Runs without a result\n\n${leanMarkdown(buildTable(failures, FAILURE_COLUMNS))}`;
}

function renderImplementations({ implementations }: Machine): string {
  const table = buildTable(implementations, [
    { header: 'implementation', align: 'left', cell: ({ id }) => id },
    { header: 'name', align: 'left', cell: ({ facts }) => facts.title },
    { header: 'version', align: 'left', cell: ({ facts }) => facts.version },
    { header: 'build', align: 'left', cell: ({ facts }) => facts.build },
    { header: 'guarantee', align: 'left', cell: ({ facts }) => guaranteeOf(facts) },
    { header: 'model', align: 'left', cell: ({ facts }) => facts.security.model },
    { header: 'must be trusted', align: 'left', cell: ({ facts }) => facts.security.trust },
    { header: 'assumption', align: 'left', cell: ({ facts }) => facts.security.assumption },
    { header: 'bits', align: 'right', cell: ({ facts }) => String(facts.security.bits ?? NOTHING) },
    {
      header: 'post-quantum',
      align: 'left',
      cell: ({ facts }) => (facts.security.postQuantum ? 'yes' : 'no'),
    },
    {
      header: 'learns besides sizes and result',
      align: 'left',
      cell: ({ facts }) =>
        Object.entries(facts.security.learns)
          .filter(([, what]) => what !== '')
          .map(([role, what]) => `${role}: ${what}`)
          .join('; ') || 'nothing',
    },
    {
      header: 'wrong result',
      align: 'left',
      cell: ({ facts: { security } }) =>
        security.falsePositiveLog2 === null ? 'never' : `< 2^${security.falsePositiveLog2}`,
    },
  ]);
  const notes = implementations.map(({ id, facts }) => {
    const references = facts.references.map(escapeMarkdown).join('; ');
    return `- ${escapeMarkdown(id)}: ${escapeMarkdown(facts.summary)}${references ? ` See ${references}.` : ''}\n`;
  });
  return `## What each implementation declares\n\n${leanMarkdown(table)}\n${notes.join('')}`;
}
