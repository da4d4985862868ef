/** The short part on servers in a report about something else, from a record of `bench serve-cost`. */
import { codeMarkdown, escapeMarkdown } from '../format/table.ts';
import { answers, QUESTION, UNHACKABLE } from './answer.ts';
import type { CostRecord } from './record.ts';

export const SUMMARY_TITLE = 'A server in an enclave';

/** Markdown: a section of its own. */
export function costSummary(record: CostRecord): string {
  const { command, host, skipped, failed = {} } = record.conditions;
  const said = [...answers(record)].map(([guest, texts]) => `- ${guest}: ${texts.join('; ')}.`);
  const missing = Object.keys({ ...skipped, ...failed }).map(
    (guest) => `- ${escapeMarkdown(guest)}: not measured to the end.`,
  );
  return [
    `## ${SUMMARY_TITLE}\n`,
    `Apart from PSI: any server, for any client, each connection bound to a verified document. **${QUESTION}**`,
    'Here, with simulated hardware, medians of a record of its own:\n',
    ...[...said, ...missing],
    '',
    `${UNHACKABLE} Two plain relays: as many processes between, which add nothing. Measured by`,
    `${codeMarkdown(command)} on ${escapeMarkdown(host.cpu)}, ${host.cores} cores.\n`,
  ].join('\n');
}
