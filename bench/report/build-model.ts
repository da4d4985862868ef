/** From records to the model that every view shows. */
import type { AttackRecord } from '../attack/record.ts';
import type { Environment, ImplementationFacts } from '../record/environment.ts';
import {
  MODES,
  type Mode,
  type PartyRow,
  RecordError,
  type RunRecord,
  type Sample,
} from '../record/samples.ts';
import { ratioOfExecutions } from '../statistics/executions.ts';
import { median } from '../statistics/stats.ts';
import { type CellSummary, countedRuns, executionsOf, summariseCell } from './cell.ts';
import { type Contender, NOT_RUN } from './claims/decide.ts';
import { claimsOf } from './claims/list.ts';
import { withDistinctData } from './data-names.ts';
import { circumstancesOf, labelCells } from './labels.ts';
import {
  type Decisions,
  type EmulatedRow,
  type FailureRow,
  type Group,
  type Machine,
  type ReportModel,
  SECTIONS,
} from './model.ts';

/**
 * @throws {RecordError} when there is no record, one is given twice, or one lacks the declaration of
 * an implementation that it ran
 */
export function buildModel(
  records: readonly RunRecord[],
  attacks: readonly AttackRecord[] = [],
): ReportModel {
  if (records.length === 0) throw new RecordError('no record to report: name a folder below results/');
  const sorted = records.toSorted((a, b) => compare(a.environment.run, b.environment.run));
  const runs = sorted.map((record) => record.environment.run);
  const twice = runs.find((run, i) => run === runs[i - 1]);
  if (twice !== undefined) throw new RecordError(`run ${twice} is given twice`);
  const machines = groupBy(withDistinctData(sorted), (record) => record.environment.host.fingerprint);
  return {
    runs,
    machines: machines.flatMap((own) =>
      outputsOf(own).flatMap((output) => modesOf(own, output).map((mode) => buildMachine(own, output, mode))),
    ),
    warnings: sorted.flatMap((record) => record.warnings),
    attacks: attacks.toSorted((a, b) => compare(a.environment.run, b.environment.run)),
  };
}

/** One cell under one set of conditions, with everything recorded of it. */
interface MeasuredCell {
  readonly head: Sample;
  readonly samples: readonly Sample[];
  readonly parties: readonly PartyRow[];
  readonly facts: ImplementationFacts;
  readonly commit: string;
  readonly circumstances: Readonly<Record<string, string>>;
  /** What was asked of the network: a profile's name may mean another link in another record. */
  readonly link: string;
  label: string;
}

/** The outputs in the records, the intersection first. */
function outputsOf(records: readonly RunRecord[]): string[] {
  const found = new Set(records.flatMap(({ samples }) => samples.map(({ output }) => output)));
  const rank = (output: string) => (output === 'intersection' ? '' : output);
  return found.size === 0 ? ['intersection'] : [...found].sort((a, b) => compare(rank(a), rank(b)));
}

/** The modes in which one output was measured, one-shot first. */
function modesOf(records: readonly RunRecord[], output: string): Mode[] {
  const found = new Set(
    records.flatMap((record) => only(record, { output }).samples.map(({ mode }) => mode)),
  );
  return found.size === 0 ? ['warm'] : MODES.filter((mode) => found.has(mode));
}

/** The rows of one output, or of one output and mode, alone. */
function only(
  record: RunRecord,
  { output, mode }: { readonly output: string; readonly mode?: Mode },
): RunRecord {
  const samples = record.samples.filter(
    (sample) => sample.output === output && (mode === undefined || sample.mode === mode),
  );
  const cells = new Set(samples.map(({ cell }) => cell));
  return { ...record, samples, parties: record.parties.filter(({ cell }) => cells.has(cell)) };
}

function buildMachine(recorded: readonly RunRecord[], output: string, mode: Mode): Machine {
  const records = recorded.map((record) => only(record, { output, mode }));
  const all = records.flatMap((record) => record.samples);
  const counted = all.filter((sample) => !sample.seeded);
  const measured = collectCells(records);
  labelCells(measured);
  const yardsticks = counted.map((sample) => sample.yardstickUs).filter((us) => us !== null);
  const groups = groupBy(measured, ({ head, link }) =>
    [head.dataset, head.receiverSize, head.senderSize, head.overlap, head.network, link].join('\n'),
  );
  const decisions = countDecisions(groups);
  return {
    output,
    mode,
    decisions,
    environments: records.map((record) => record.environment),
    groups: groups.map((group) => buildGroup(group, decisions)).toSorted(compareGroups),
    failures: measured.flatMap(listFailures),
    seededRuns: all.length - counted.length,
    emulated: emulatedRows(counted),
    steadiness:
      yardsticks.length === 0
        ? null
        : {
            medianUs: median(yardsticks),
            lowUs: Math.min(...yardsticks),
            highUs: Math.max(...yardsticks),
            n: yardsticks.length,
          },
    implementations: listImplementations(records),
  };
}

/** How many verdicts of each kind are given on one machine: each has to allow for the others. */
function countDecisions(groups: readonly (readonly MeasuredCell[])[]): Decisions {
  const claims = groups.flatMap((group) => claimsOf(group.map(contenderOf), {}));
  const decided = claims.filter(({ evidence }) => evidence.comparisons.length > 0);
  return Object.fromEntries(
    [...Map.groupBy(decided, ({ against }) => against)].map(([against, own]) => [against, own.length]),
  );
}

function listImplementations(records: readonly RunRecord[]): Machine['implementations'] {
  const all = records.flatMap((record) =>
    Object.entries(record.environment.implementations).map(([id, facts]) => ({ id, facts })),
  );
  // What it declares: an edited file may still declare the same.
  const declared = ({ id, facts: { source: _, ...facts } }: (typeof all)[number]) =>
    JSON.stringify([id, facts]);
  return groupBy(all, declared).map((alike) => alike[0]!);
}

/**
 * Joins rows of one cell, over all records that were made under the same conditions: runs of another
 * version, code, runtime or option are another row.
 */
function collectCells(records: readonly RunRecord[]): MeasuredCell[] {
  const cells = new Map<
    string,
    { head: Sample; samples: Sample[]; parties: PartyRow[]; environment: Environment }
  >();
  for (const { environment, samples, parties } of records) {
    const { code, runtime } = environment;
    const conditions = [
      [code.commit, code.changesSha256, code.lockSha256, runtime.node],
      [environment.seed, JSON.stringify(environment.conditions ?? null)],
    ].join(' ');
    const keys = new Map<string, string>();
    for (const sample of samples) {
      if (sample.seeded || ranEmulated(sample)) continue;
      const { cell, version, build, engine, options } = sample;
      const link = environment.networks[sample.network];
      const key = JSON.stringify([
        [cell, version, build, engine, options, sample.private],
        [link?.bandwidthBps, link?.rttMs, conditions],
        // The code as it was, whatever it calls itself; the data by seed, or by what the files held.
        [environment.implementations[sample.impl]?.source, environment.datasets[sample.dataset]],
      ]);
      const known = cells.get(key);
      if (known) known.samples.push(sample);
      else cells.set(key, { head: sample, samples: [sample], parties: [], environment });
      keys.set(`${sample.sample} ${cell}`, key);
    }
    for (const row of parties) {
      const key = keys.get(`${row.sample} ${row.cell}`);
      if (key !== undefined) cells.get(key)!.parties.push(row);
    }
  }
  return [...cells.values()].map(({ head, samples: all, parties, environment }) => {
    // What one record skipped and another measured was measured.
    const measured = all.some(({ outcome }) => outcome === 'ok');
    const samples = measured ? all.filter(({ outcome }) => !NOT_RUN.includes(outcome)) : all;
    const facts = environment.implementations[head.impl];
    if (facts === undefined) {
      throw new RecordError(
        `${environment.run}/environment.json says nothing of implementation "${head.impl}"`,
      );
    }
    const { commit, changesSha256 } = environment.code;
    const code = (commit ?? 'unknown').slice(0, 7) + (changesSha256 ? `+${changesSha256.slice(0, 7)}` : '');
    const { bandwidthBps, rttMs } = environment.networks[head.network] ?? {};
    const link = `${bandwidthBps} ${rttMs}`;
    const circumstances = circumstancesOf(environment, facts);
    return { head, samples, parties, facts, commit: code, circumstances, link, label: head.impl };
  });
}

function buildGroup(measured: readonly MeasuredCell[], decisions: Decisions): Group {
  const { dataset, receiverSize, senderSize, overlap, network } = measured[0]!.head;
  const found = measured.flatMap((cell) => {
    const summary = summariseCell(cell);
    return summary === null ? [] : [{ summary: { ...summary, label: cell.label }, source: cell }];
  });
  const sound = found.filter(({ summary }) => summary.failed === 0);
  const candidates = sound.filter(({ summary }) => summary.section === 'private');
  const reference = (candidates.length > 0 ? candidates : sound).reduce<(typeof found)[number] | null>(
    (best, cell) => (best && best.summary.wallMs.median <= cell.summary.wallMs.median ? best : cell),
    null,
  );
  const cells = found.map(({ summary, source }): CellSummary => {
    const comparable = reference !== null && summary.failed === 0;
    return {
      ...summary,
      reference: source === reference?.source,
      ratio: comparable
        ? ratioOfExecutions(executionsOf(reference.source.samples), executionsOf(source.samples))
        : null,
    };
  });
  const contenders = measured.map(contenderOf);
  return {
    dataset,
    receiverSize,
    senderSize,
    overlap,
    network,
    contenders,
    claims: claimsOf(contenders, decisions),
    cells: cells.toSorted(
      (a, b) =>
        SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section) ||
        a.wallMs.median - b.wallMs.median ||
        compare(a.label, b.label),
    ),
    reference: cells.find((cell) => cell.reference) ?? null,
    without: measured.filter((cell) => countedRuns(cell.samples).length === 0).map((cell) => cell.label),
  };
}

function contenderOf(cell: MeasuredCell): Contender {
  const { head, samples, facts, label } = cell;
  const failures = samples.map((sample) => sample.outcome).filter((outcome) => outcome !== 'ok');
  return {
    label,
    impl: head.impl,
    kind: facts.kind,
    simulated: head.hardware === 'simulated' || head.hardware === 'vm',
    executions: executionsOf(samples),
    failures: [...new Set(failures)],
  };
}

function listFailures({ head, samples, label, facts }: MeasuredCell): FailureRow[] {
  const failed = samples.filter((sample) => sample.outcome !== 'ok');
  return groupBy(failed, ({ outcome, reason }) => `${outcome} ${reason}`).map((alike) => ({
    cell: head.cell,
    label,
    impl: head.impl,
    version: head.version,
    kind: facts.kind,
    build: head.build,
    hardware: head.hardware,
    engine: head.engine,
    options: head.options,
    threads: head.threads,
    dataset: head.dataset,
    receiverSize: head.receiverSize,
    senderSize: head.senderSize,
    overlap: head.overlap,
    network: head.network,
    runs: [...new Set(alike.map(({ run }) => run))],
    outcome: alike[0]!.outcome,
    reason: alike[0]!.reason,
    count: alike.length,
  }));
}

function ranEmulated({ hardware, outcome }: Sample): boolean {
  return hardware === 'emulated' && outcome !== 'unavailable' && outcome !== 'skipped';
}

/** What ran in software emulation: checked like everything, and its times kept out of every comparison. */
function emulatedRows(samples: readonly Sample[]): EmulatedRow[] {
  const emulated = samples.filter(ranEmulated);
  return groupBy(emulated, ({ cell, engine }) => `${cell}\n${engine}`).map((own) => {
    const { impl, engine, dataset, receiverSize, senderSize, network } = own[0]!;
    const right = own.filter(({ outcome }) => outcome === 'ok').length;
    const reason = own.find(({ outcome }) => outcome !== 'ok')?.reason ?? '';
    return { impl, engine, dataset, receiverSize, senderSize, network, right, runs: own.length, reason };
  });
}

/** The network without a delay first, then by name; sizes ascending. */
function compareGroups(a: Group, b: Group): number {
  const rank = (group: Group) => (group.network === 'none' ? '' : group.network);
  return (
    compare(a.dataset, b.dataset) ||
    compare(rank(a), rank(b)) ||
    a.receiverSize + a.senderSize - (b.receiverSize + b.senderSize) ||
    a.receiverSize - b.receiverSize ||
    a.overlap - b.overlap
  );
}

/** By code unit: the order does not depend on the machine's language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** In the order in which keys appear first. */
function groupBy<T>(values: readonly T[], key: (value: T) => string): T[][] {
  return [...Map.groupBy(values, key).values()];
}
