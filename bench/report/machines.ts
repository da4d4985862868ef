/** The machines of a report: records of different machines are never pooled, and stand in parts of their own. */

import { formatBytes } from '../format/numbers.ts';
import type { Environment } from '../record/environment.ts';
import type { Machine } from './model.ts';

/** One machine with all that was measured on it. */
export interface Host {
  /** CPU and cores, and as much of the fingerprint as it takes to tell it from the others. */
  readonly name: string;
  readonly environment: Environment;
  /** Its parts: one for each output and mode. */
  readonly parts: readonly Machine[];
}

const fingerprintOf = ({ environments: [environment] }: Machine) => environment?.host.fingerprint ?? '';

/** In the order in which they appear. */
export function hostsOf(machines: readonly Machine[]): Host[] {
  const own = [...Map.groupBy(machines, fingerprintOf)];
  const found = own.flatMap(([fingerprint, parts]) => {
    const environment = parts[0]?.environments[0];
    if (environment === undefined) return [];
    const { cpu, cores } = environment.host;
    return [{ fingerprint, name: `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}`, environment, parts }];
  });
  return found.map(({ fingerprint, ...host }) => {
    const isAlone = found.every((other) => other.fingerprint === fingerprint || other.name !== host.name);
    return isAlone ? host : { ...host, name: `${host.name} (${fingerprint.slice(0, 8)})` };
  });
}

/** A part of the report: the machine, where there are several, the mode and the output. */
export function partTitle(machine: Machine, machines: readonly Machine[]): string {
  const hosts = hostsOf(machines);
  const own = hosts.find(({ parts }) => parts.includes(machine));
  const where = hosts.length > 1 && own ? [own.name] : [];
  return [...where, machine.mode, `output: ${machine.output}`].join(', ');
}

/** What a machine is, without anything that names it. */
export function hostFacts({ host }: Environment): [string, string][] {
  return [
    ['CPU', `${host.cpu} (${host.arch}; ${host.cpuFlags.join(', ') || 'no flags known'})`],
    ['cores', String(host.cores)],
    ['memory', formatBytes(host.memoryBytes)],
    ['system', `${host.os} ${host.osRelease}`],
    ['fingerprint', host.fingerprint],
  ];
}
