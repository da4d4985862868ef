/** The results for the one who waits for them: aligned text for a terminal, and JSON for programs. */

import { formatSeeded, formatSize } from '../format/numbers.ts';
import { buildTable, tableToText } from '../format/table.ts';
import { breakEven, decide } from './claims/decide.ts';
import { type Claim, RIVALS } from './claims/list.ts';
import { claimRows, formatRivalRatio, subjectName } from './claims/text.ts';
import { groupTitle, RESULT_TEXT_COLUMNS, SECTION_TITLES } from './columns.ts';
import { partTitle } from './machines.ts';
import type { EmulatedRow, FailureRow, Machine, ReportModel } from './model.ts';

/** Aligned tables of at most `width` characters, one per group; failures with reasons follow,
 * uncut. */
export function summaryTable(model: ReportModel, width = 110): string {
  const several = model.machines.length > 1;
  return model.machines
    .map((machine) => {
      const title = several ? `${partTitle(machine, model.machines)}\n\n` : '';
      return title + machineText(machine, width);
    })
    .join('\n');
}

function machineText(machine: Machine, width: number): string {
  const parts = machine.groups
    .filter((group) => group.cells.length > 0)
    .map((group) => {
      const table = buildTable(group.cells, RESULT_TEXT_COLUMNS, {
        strong: (cell) => cell.reference,
        heading: (cell) => SECTION_TITLES[cell.section],
      });
      return `${groupTitle(group)}\n${tableToText(table, width)}${group.claims
        .filter(({ against }) => against === 'cryptography')
        .map(claimLine)
        .join('')}`;
    });
  const references = machine.groups.map((group) => group.reference?.section).filter((x) => x !== undefined);
  if (references.length > 0) {
    const open = references.some((section) => section !== 'private')
      ? ' (of all, where none is private)'
      : '';
    parts.push(
      `* fastest private implementation${open}: "speed" is its time over theirs, above 1 they are faster\n`,
    );
  }
  if (machine.failures.length > 0) {
    parts.push(`Runs without a result\n${machine.failures.map(failureLine).join('')}`);
  }
  if (machine.emulated.length > 0) {
    parts.push(
      `In virtual machines emulated in software, whose times mean nothing\n${machine.emulated.map(emulatedLine).join('')}`,
    );
  }
  if (machine.seededRuns > 0) parts.push(`Not shown: ${formatSeeded(machine.seededRuns)}\n`);
  return parts.join('\n');
}

/** A claim on one line: verdict first. */
function claimLine(claim: Claim): string {
  const { verdict, ratio, reason } = decide(claim.evidence);
  const because = ratio === null ? reason : `${ratio.rival} takes ${formatRivalRatio(ratio)} its time`;
  return `  ${verdict}: ${subjectName(claim)} against ${RIVALS[claim.against]}: ${because}\n`;
}

function emulatedLine(row: EmulatedRow): string {
  const sizes = `${formatSize(row.receiverSize)} × ${formatSize(row.senderSize)}`;
  const others = row.reason === '' ? '' : `; the others: ${row.reason}`;
  return `  ${row.impl}, ${row.dataset} ${sizes}, network ${row.network}: ${row.right} of ${row.runs} results are right${others}\n`;
}

/** A failure on one line, uncut: its reason says what to do. */
function failureLine(row: FailureRow): string {
  const sizes = `${formatSize(row.receiverSize)} × ${formatSize(row.senderSize)}`;
  const times = row.count > 1 ? ` (${row.count} runs)` : '';
  return `  ${row.label}, ${row.dataset} ${sizes}, network ${row.network}: ${row.outcome}${times}: ${row.reason}\n`;
}

/**
 * The summary for programs: unrounded, units in the names, one object per cell. A cell without a right
 * run is in `failures` only, which have no figures.
 */
export function summaryJson(model: ReportModel): object {
  return {
    schema: 1,
    runs: model.runs,
    warnings: model.warnings,
    machines: model.machines.map((machine) => ({
      fingerprint: machine.environments[0]!.host.fingerprint,
      output: machine.output,
      mode: machine.mode,
      decisions: machine.decisions,
      results: machine.groups.flatMap(({ cells, reference, without, contenders, claims, ...group }) =>
        cells.map(({ facts, partyPhases, executions, ...cell }) => ({
          ...group,
          ...cell,
          executionsMs: executions,
          kind: facts.kind,
          trust: facts.security.trust,
          model: facts.security.model,
        })),
      ),
      claims: claimRows(machine.groups).map(({ claim: { subject, against, evidence }, ...setting }) => {
        const { verdict, reason, ratio } = decide(evidence);
        const { simulated, failed, notRun } = evidence;
        const claim = { subject, simulated, against, verdict, reason, ratio, breakEven: breakEven(evidence) };
        return { ...setting, ...claim, failed, notRun };
      }),
      failures: machine.failures,
      emulated: machine.emulated,
      seededRuns: machine.seededRuns,
    })),
  };
}
