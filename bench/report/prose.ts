/** The parts of a report that are not tables of results: conditions, reproduction, limits. */

import { formatBps, formatMs, formatSeeded, significant } from '../format/numbers.ts';
import { buildTable, codeMarkdown, escapeMarkdown, leanMarkdown, type TableColumn } from '../format/table.ts';
import type { Environment, NetworkFacts } from '../record/environment.ts';
import { hostFacts } from './machines.ts';
import type { Machine, ReportModel } from './model.ts';

/** Machine, code, runtime, links and steadiness, as tables. */
export function conditions(machine: Machine): string {
  const facts: [string, string][] = machine.environments.slice(0, 1).flatMap(hostFacts);
  if (machine.steadiness) {
    const { medianUs, lowUs, highUs, n } = machine.steadiness;
    facts.push([
      'X25519 by OpenSSL beside the runs',
      `${significant(medianUs)} µs (median of ${n}; ${significant(lowUs)} … ${significant(highUs)})`,
    ]);
  }
  for (const { run, floor, foreignDuring } of machine.environments) {
    const where = machine.environments.length > 1 ? ` (${run})` : '';
    if (floor) {
      const cost = `${formatMs(floor.wallMs)}, ${formatMs(floor.cpuMs)} of CPU (median of ${floor.runs} runs)`;
      facts.push([`the harness itself: a protocol that does nothing${where}`, cost]);
    }
    if (foreignDuring) {
      const percent = (share: number) => `${significant(share * 100, 2)} %`;
      const { median, highest } = foreignDuring;
      facts.push([
        `used by others while cells were measured${where}`,
        `${percent(median)} of all cores (median), ${percent(highest)} at the highest`,
      ]);
    }
  }
  if (machine.seededRuns > 0) {
    facts.push(['left out', formatSeeded(machine.seededRuns)]);
  }
  const parts = [
    leanMarkdown(
      buildTable(facts, [
        { header: 'machine', align: 'left', cell: ([name]) => name },
        { header: '', align: 'left', cell: ([, value]) => value },
      ]),
    ),
    leanMarkdown(buildTable(machine.environments, RUN_COLUMNS)),
    networkTable(machine.environments),
    datasetTable(machine.environments),
    packageLines(machine.environments),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const RUN_COLUMNS: readonly TableColumn<Environment>[] = [
  { header: 'run', align: 'left', cell: (environment) => environment.run },
  { header: 'started', align: 'left', cell: (environment) => environment.started },
  { header: 'commit', align: 'left', cell: formatCommit },
  { header: 'lock file', align: 'left', cell: ({ code }) => code.lockSha256?.slice(0, 12) ?? 'none' },
  { header: 'Node', align: 'left', cell: ({ runtime }) => runtime.node },
  { header: 'V8', align: 'left', cell: ({ runtime }) => runtime.v8 },
  { header: 'OpenSSL', align: 'left', cell: ({ runtime }) => runtime.openssl },
  { header: 'seed', align: 'left', cell: ({ seed }) => seed },
  {
    header: 'peak memory',
    align: 'left',
    cell: ({ peakMemory }) => (peakMemory === 'phase' ? 'of each phase' : 'of the process'),
  },
];

function formatCommit({ code }: Environment): string {
  if (code.commit === null) return 'not in a repository';
  const commit = code.commit.slice(0, 12);
  return code.changesSha256 === null ? commit : `${commit} + changes ${code.changesSha256.slice(0, 12)}`;
}

function networkTable(environments: readonly Environment[]): string {
  const rows = environments.flatMap((environment) =>
    Object.entries(environment.networks).map(([name, facts]) => ({ run: environment.run, name, facts })),
  );
  if (rows.length === 0) return '';
  const bandwidth = (bps: number | null) => (bps === null ? 'not limited' : formatBps(bps));
  const measured = ({ measuredBandwidthBps, measuredRttMs }: NetworkFacts) =>
    measuredBandwidthBps === null || measuredRttMs === null
      ? 'not calibrated'
      : `${formatBps(measuredBandwidthBps)}, RTT ${formatMs(measuredRttMs)}`;
  return leanMarkdown(
    buildTable(rows, [
      { header: 'run', align: 'left', cell: ({ run }) => run },
      { header: 'network', align: 'left', cell: ({ name }) => name },
      {
        header: 'asked',
        align: 'left',
        cell: ({ facts }) => `${bandwidth(facts.bandwidthBps)}, RTT ${formatMs(facts.rttMs)} added`,
      },
      { header: 'measured before the runs', align: 'left', cell: ({ facts }) => measured(facts) },
    ]),
  );
}

function datasetTable(environments: readonly Environment[]): string {
  const rows = environments.flatMap((environment) =>
    Object.entries(environment.datasets).map(([name, facts]) => ({ run: environment.run, name, facts })),
  );
  if (rows.length === 0) return '';
  return leanMarkdown(
    buildTable(rows, [
      { header: 'run', align: 'left', cell: ({ run }) => run },
      { header: 'data set', align: 'left', cell: ({ name }) => name },
      {
        header: 'facts',
        align: 'left',
        cell: ({ facts }) =>
          Object.entries(facts)
            .map(([key, value]) => `${key} ${value}`)
            .join(', '),
      },
    ]),
  );
}

function packageLines(environments: readonly Environment[]): string {
  const lines = environments.map(({ packages }) =>
    Object.entries(packages)
      .map(([name, version]) => codeMarkdown(`${name} ${version}`))
      .join(', '),
  );
  return [...new Set(lines)]
    .filter((line) => line !== '')
    .map((line) => `Packages: ${line}.\n`)
    .join('\n');
}

/** The commands that make the record and the report again. */
export function reproduction(model: ReportModel): string {
  const environments = model.machines.flatMap((machine) => machine.environments);
  const steps = environments.flatMap(({ code, command }) => [
    ...(code.commit === null ? [] : [`git checkout ${code.commit}`]),
    'npm ci',
    `npx ${command.replace(/\s+/g, ' ')}`,
  ]);
  const report = `npx bench report ${model.runs.map((run) => `results/${run}`).join(' ')}`;
  const changed = environments.filter(({ code }) => code.changesSha256 !== null);
  const note =
    changed.length === 0
      ? ''
      : `\nThe code of ${changed.map(({ run }) => codeMarkdown(run)).join(', ')} had changes that no commit ` +
        'holds: the commit alone does not reproduce it.\n';
  const indented = [...steps, report].map((line) => `    ${line}\n`).join('');
  return `${indented}${note}
Bytes, messages and flights come out the same for the same sizes; times vary with the machine, and the
record of another machine is not to be put beside this one.
`;
}

/** What a reader might take from the numbers and must not. */
export function limits(model: ReportModel): string {
  const cells = model.machines.flatMap(({ groups }) => groups.flatMap((group) => group.cells));
  const shaped = model.machines.some(({ groups }) => groups.some((group) => group.network !== 'none'));
  const lines = [
    'All parties run on one machine and share its cores, caches and memory bandwidth; on two machines each would have its own.',
    shaped
      ? 'Networks are imitated in user space (bandwidth and delay): there is no loss, no jitter and no other traffic.'
      : 'The network is the loopback of one machine: bytes and flights cost almost nothing here, and they do elsewhere.',
    'Processes were started and warmed before the clock; only the column "first, cold run" shows what the first run costs.',
    'Memory is the peak of a whole process, runtime and items included.',
    'Code in JavaScript and WebAssembly cannot promise constant time: nothing here speaks of side channels.',
    'Security is what implementations declare. Tests hold them to what can be tested, and no test proves security.',
    'Intervals speak of the runs on this machine in this session, not of other machines or days.',
  ];
  if (cells.some((cell) => cell.section === 'simulated')) {
    lines.push(
      'A simulated enclave lacks the costs of real hardware: memory encryption, the way through the host, attestation by a vendor, and in one-shot times the boot of a virtual machine: its launch is the start of a process.',
    );
  }
  return lines.map((line) => `- ${escapeMarkdown(line)}\n`).join('');
}
