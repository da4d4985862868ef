/** What must be equal on both sides before figures are put side by side. */
import { differingConditionFields } from '../record/conditions.ts';
import type { Environment } from '../record/environment.ts';
import type { OkSample } from '../record/samples.ts';

/** One cell of one record: its right, measured runs (at least one). */
export interface CellRuns {
  readonly environment: Environment;
  readonly runs: readonly OkSample[];
}

type Field = readonly [name: string, base: unknown, head: unknown];

/**
 * Names of the fields that differ where the cell solves another problem, or solves it by other means for
 * another reason than a change of its code: then no figure can be compared. Engine, build and options
 * may change with the implementation's version, which says that the code did.
 */
export function differingSubject(base: CellRuns, head: CellRuns): string[] {
  const [a, b] = [base.runs[0]!, head.runs[0]!];
  const [linkA, linkB] = [base.environment.networks[a.network], head.environment.networks[b.network]];
  const always: Field[] = [
    ['seed', base.environment.seed, head.environment.seed],
    ['seeded protocols', a.seeded, b.seeded],
    ['result', a.resultSha256, b.resultSha256],
    ['network bandwidth', linkA?.bandwidthBps, linkB?.bandwidthBps],
    ['network RTT', linkA?.rttMs, linkB?.rttMs],
    ['enclave hardware', a.hardware, b.hardware],
  ];
  const sameCode: Field[] = [
    ['engine', a.engine, b.engine],
    ['build', a.build, b.build],
    ['options', a.options, b.options],
  ];
  return differing(a.version === b.version ? [...always, ...sameCode] : always);
}

/** Names of the fields that differ where the machine or the runtime is another: then no time can be compared. */
export function differingMachine(base: Environment, head: Environment): string[] {
  const [a, b] = [base.host, head.host];
  const fields: Field[] = [
    ['CPU', a.cpu, b.cpu],
    ['cores', a.cores, b.cores],
    ['memory', Math.round(a.memoryBytes / 2 ** 30), Math.round(b.memoryBytes / 2 ** 30)],
    ['operating system', `${a.os} ${a.osRelease} ${a.arch}`, `${b.os} ${b.osRelease} ${b.arch}`],
    ['Node version', base.runtime.node, head.runtime.node],
  ];
  const found = [...differing(fields), ...differingConditionFields(base.conditions, head.conditions)];
  // The fingerprint covers more than is named here.
  if (found.length === 0 && a.fingerprint !== b.fingerprint) found.push('host');
  return found;
}

function differing(fields: readonly Field[]): string[] {
  return fields.filter(([, a, b]) => a !== b).map(([name]) => name);
}
