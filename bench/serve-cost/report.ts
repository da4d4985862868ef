/** The report of `bench serve-cost`, from its record and nothing else. */
import { formatBytes, formatMs, formatRatio, NOTHING, significant } from '../format/numbers.ts';
import {
  buildTable,
  codeMarkdown,
  escapeMarkdown,
  type TableColumn,
  tableToMarkdown,
} from '../format/table.ts';
import { median, medianInterval, type Ratio, ratioInterval } from '../statistics/stats.ts';
import { answers, QUESTION, UNHACKABLE } from './answer.ts';
import { METRICS, type Metric, WAY_TITLES, WAYS, type Way } from './metrics.ts';
import type { Conditions, CostRecord, ProcessUse } from './record.ts';

/** Markdown. */
export function costReport(record: CostRecord): string {
  const { samples, usage, conditions } = record;
  const ways = WAYS.filter((way) => samples.some((sample) => sample.way === way));
  const guests = [...new Set(METRICS.map(({ guest }) => guest))].filter((guest) =>
    samples.some((sample) => sample.guest === guest),
  );
  return [
    '# What a server costs in an enclave\n',
    `${answer(record)}\n`,
    `${conditionsText(conditions, ways)}\n`,
    ...guests.flatMap((guest) => [
      `## ${guest}\n`,
      figuresTable(record, guest, ways),
      ...usageSection(usage.filter((used) => used.guest === guest)),
    ]),
    `${howToRead(ways)}\n`,
  ].join('\n');
}

type Figures = (guest: string, metric: string, way: Way) => readonly number[];

const figuresOf =
  ({ samples }: CostRecord): Figures =>
  (guest, metric, way) =>
    samples.flatMap((one) =>
      one.guest === guest && one.metric === metric && one.way === way ? [one.value] : [],
    );

/** Enclave ÷ two plain relays; `null` where one was not measured. */
function overRelays(figures: Figures, { guest, id }: Pick<Metric, 'guest' | 'id'>): Ratio | null {
  const [enclave, relays] = [figures(guest, id, 'enclave'), figures(guest, id, 'relays')];
  return enclave.length > 0 && relays.length > 0 ? ratioInterval(enclave, relays) : null;
}

/** The question and its answer, from whatever was measured. */
function answer(record: CostRecord): string {
  const said = [...answers(record).values()].flat();
  const text = said.length > 0 ? `${said.join('; ')}.` : 'nothing was measured in all ways.';
  return `**${QUESTION}** Here, with simulated hardware: ${text} ${UNHACKABLE}`;
}

function conditionsText(
  { started, command, code, host, runtime, rounds, isolation, skipped, failed = {} }: Conditions,
  ways: readonly Way[],
): string {
  const lines = [
    `${rounds} rounds, begun ${started}, of ${codeMarkdown(command)}; commit ${code.commit?.slice(0, 12) ?? 'unknown'}${code.changesSha256 ? ' with uncommitted changes' : ''}; Node ${runtime.node} on ${escapeMarkdown(host.cpu)}, ${host.cores} cores. Client, server, host and proxy share them.`,
    ...ways.flatMap((way) => {
      const description = isolation[way];
      return description === undefined
        ? []
        : [`The hardware of "${WAY_TITLES[way]}" is simulated; isolation: ${escapeMarkdown(description)}.`];
    }),
    ...Object.entries(skipped).map(([guest, reason]) => `Not measured: ${guest}, ${escapeMarkdown(reason)}.`),
    ...Object.entries(failed).map(
      ([guest, reason]) => `Failed: ${guest}, after the rounds shown, ${escapeMarkdown(reason)}.`,
    ),
  ];
  return lines.join('\n');
}

function figuresTable(record: CostRecord, guest: string, ways: readonly Way[]): string {
  const figures = figuresOf(record);
  const rows = METRICS.filter((metric) => metric.guest === guest);
  const columns: TableColumn<Metric>[] = [
    { header: 'median [95 %]', align: 'left', cell: ({ title }) => title },
    ...ways.map(
      (way): TableColumn<Metric> => ({
        header: WAY_TITLES[way],
        align: 'right',
        cell: (metric) => figureText(figures(guest, metric.id, way), metric.unit),
      }),
    ),
    {
      header: 'enclave ÷ relays',
      align: 'right',
      cell: (metric) => {
        const ratio = overRelays(figures, metric);
        return ratio ? formatRatio(ratio) : NOTHING;
      },
    },
  ];
  return tableToMarkdown(buildTable(rows, columns));
}

function figureText(values: readonly number[], unit: Metric['unit']): string {
  if (values.length === 0) return NOTHING;
  const { low, high, coverage } = medianInterval(values);
  const show = (value: number) => (unit === 'ms' ? formatMs(value) : `${significant(value)} ${unit}`);
  return coverage === 0 ? show(median(values)) : `${show(median(values))} [${show(low)} … ${show(high)}]`;
}

function usageSection(usage: readonly ProcessUse[]): string[] {
  if (usage.length === 0) return [];
  const table = buildTable(usage, [
    { header: 'way', align: 'left', cell: ({ way }) => WAY_TITLES[way] },
    { header: 'process', align: 'left', cell: ({ process }) => process },
    { header: 'CPU, all rounds', align: 'right', cell: ({ cpuMs }) => formatMs(cpuMs) },
    { header: 'peak memory', align: 'right', cell: ({ peakBytes }) => formatBytes(peakBytes) },
  ]);
  return ['', tableToMarkdown(table)];
}

function howToRead(ways: readonly Way[]): string {
  return [
    '## How to read this\n',
    'Direct: the client connects to the server. Two plain relays: the same bytes over two processes that add nothing,',
    'since any enclave needs a way in and any verifying client a way out; what is left between them and the enclave is',
    'attestation, encryption and isolation. In every round each way has its turn, in shuffled order; a first round',
    'counts for nothing. Each round gives one value per figure: of connections, pages and pings the median of 10, of round',
    'trips of 200, of chat lines of 15.',
    '',
    'Everything runs on one machine over loopback: a network adds the same to all ways, except that a new connection',
    'to the enclave waits for two more round trips (document, then the first record). What real hardware adds is not',
    'in these figures: memory encryption, vsock, and the latency of a real security module.',
    ...(ways.includes('vm')
      ? [
          '',
          'The virtual machine is shown beside, and left out of all ratios: emulated in software, its times mean nothing.',
        ]
      : []),
  ].join('\n');
}
