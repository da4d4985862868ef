/**
 * Joins the records of a sweep that was split among machines: one record for each kind of host, with every
 * run as it was. Rows of one cell never come from two records, so nothing is pooled across hosts.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Environment } from './environment.ts';
import { newRunId, type PartyRow, RecordError, RecordWriter, type RunRecord } from './samples.ts';

/** What a merged record says of each record that it was made from. */
export type MergedSource = Pick<
  Environment,
  'run' | 'started' | 'command' | 'yardsticks' | 'networks' | 'foreignLoad'
>;

/** The environment of a merged record. `networks` and `yardsticks` are those of its first source. */
export interface MergedEnvironment extends Environment {
  readonly merged: readonly MergedSource[];
}

/**
 * Merges `records` into new records below `outDir`, one for each host fingerprint and Node version.
 * @returns their folders with the number of records in each
 * @throws RecordError when records are of different code or seed, one is given twice, or a cell is in two
 * records of one host
 */
export async function mergeRecords(
  records: readonly RunRecord[],
  outDir: string,
): Promise<{ readonly dir: string; readonly records: number; readonly fingerprint: string }[]> {
  const sorted = records.toSorted((a, b) => compare(a.environment, b.environment));
  checkSameCode(sorted);
  const groups = [
    ...Map.groupBy(
      sorted,
      ({ environment: { host, runtime } }) => `${host.fingerprint} ${runtime.node}`,
    ).values(),
  ];
  for (const group of groups) checkDistinct(group);
  const merged = [];
  for (const group of groups) {
    const dir = await writeGroup(group, outDir);
    merged.push({ dir, records: group.length, fingerprint: group[0]!.environment.host.fingerprint });
  }
  return merged;
}

function compare(a: Environment, b: Environment): number {
  const [x, y] = [`${a.started} ${a.run}`, `${b.started} ${b.run}`];
  return x < y ? -1 : x > y ? 1 : 0;
}

function checkSameCode(records: readonly RunRecord[]): void {
  const [first] = records;
  if (!first) throw new RecordError('no record to merge: name the folders of runs');
  for (const [i, { environment }] of records.entries()) {
    const { run, code, seed } = environment;
    if (records.findIndex((other) => other.environment.run === run) < i) {
      throw new RecordError(`run ${run} is given twice`);
    }
    const known = first.environment;
    const differing = [
      ['commit', code.commit, known.code.commit],
      ['uncommitted changes', code.changesSha256, known.code.changesSha256],
      ['lock file', code.lockSha256, known.code.lockSha256],
      ['seed', seed, known.seed],
    ].filter(([, a, b]) => a !== b);
    if (differing.length > 0) {
      throw new RecordError(
        `${known.run} and ${run} are not parts of one sweep: they differ in ${differing.map(([name]) => name).join(', ')}`,
      );
    }
  }
}

/** What records of one host say must fit together, and no cell may be in two. */
function checkDistinct(group: readonly RunRecord[]): void {
  const homes = new Map<string, string>();
  for (const { environment, samples } of group) {
    for (const cell of new Set(samples.map((sample) => sample.cell))) {
      const home = homes.get(cell);
      if (home !== undefined) {
        throw new RecordError(
          `${cell} is in both ${home} and ${environment.run}, of one host: merge the parts of one sweep (--shard) only`,
        );
      }
      homes.set(cell, environment.run);
    }
  }
}

async function writeGroup(group: readonly RunRecord[], outDir: string): Promise<string> {
  const run = newRunId();
  const environments = group.map(({ environment }) => environment as Environment & MergedSource);
  const merged: MergedEnvironment = {
    ...environments[0]!,
    run,
    command: environments.map(({ command }) => command).join(' && '),
    networks: united(
      'network',
      environments,
      ({ networks }) => networks,
      (a, b) => {
        // Calibration differs from session to session; what was asked must not.
        return a.bandwidthBps === b.bandwidthBps && a.rttMs === b.rttMs;
      },
    ),
    datasets: united('data set', environments, ({ datasets }) => datasets, isDeepStrictEqual),
    implementations: united(
      'implementation',
      environments,
      ({ implementations }) => implementations,
      isDeepStrictEqual,
    ),
    merged: environments.map(({ run, started, command, yardsticks, networks, foreignLoad }) => {
      return { run, started, command, yardsticks, networks, ...(foreignLoad && { foreignLoad }) };
    }),
  };
  const writer = await RecordWriter.create(outDir, merged);
  for (const { samples, parties } of group) {
    const key = (row: { cell: string; sample: number }) => `${row.sample} ${row.cell}`;
    const own = Map.groupBy(parties, key);
    for (const sample of samples) {
      const rows = (own.get(key(sample)) ?? []).map((row): PartyRow => ({ ...row, run }));
      if (sample.outcome === 'ok') writer.append({ ...sample, run }, rows);
      else writer.append({ ...sample, run });
    }
  }
  writer.close();
  return writer.dir;
}

/** All entries; of an entry that several have, the first. @throws RecordError when they contradict each other */
function united<Facts>(
  title: string,
  environments: readonly Environment[],
  of: (environment: Environment) => Readonly<Record<string, Facts>>,
  agree: (a: Facts, b: Facts) => boolean,
): Record<string, Facts> {
  const all: Record<string, Facts> = {};
  for (const environment of environments) {
    for (const [name, facts] of Object.entries(of(environment))) {
      all[name] ??= facts;
      if (agree(all[name], facts)) continue;
      throw new RecordError(`${environment.run}: ${title} "${name}" is not the one of the other records`);
    }
  }
  return all;
}
