/** What changes how fast this process and its children run, and is not the machine: limits and settings. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessLimits, processLimits } from '../machine/limits.ts';

/** Null: none, or not told by the operating system. */
export interface Conditions extends Pick<ProcessLimits, 'cpuQuota' | 'memoryBytes' | 'addressSpaceBytes'> {
  /** Options that every Node process got; values that may be paths are left out. */
  readonly nodeOptions: string;
  /** Whose cache of compiled code the parties load from: the run's own, or one that NODE_COMPILE_CACHE names. */
  readonly compileCache?: 'own' | 'given';
  /** How the frequency of the CPU is governed: `performance`, `powersave`, …. */
  readonly governor: string | null;
  /** Measures against faults of the CPU that are in force, as `fault: measure`. */
  readonly mitigations: readonly string[] | null;
}

const CPU = '/sys/devices/system/cpu';

export async function captureConditions(): Promise<Conditions> {
  const { cpuQuota, memoryBytes, addressSpaceBytes } = processLimits();
  const governor = await readFile(`${CPU}/cpu0/cpufreq/scaling_governor`, 'utf8').catch(() => null);
  return {
    cpuQuota,
    memoryBytes,
    addressSpaceBytes,
    nodeOptions: withoutPaths(process.env.NODE_OPTIONS ?? ''),
    compileCache: process.env.NODE_COMPILE_CACHE === undefined ? 'own' : 'given',
    governor: governor?.trim() ?? null,
    mitigations: await mitigations(`${CPU}/vulnerabilities`),
  };
}

/** Names of options, and values that are numbers or plain words. */
export function withoutPaths(options: string): string {
  const words = options.match(/"[^"]*"|\S+/g) ?? [];
  const kept = words.map((word) => {
    const [, name, value] = /^(--?[\w-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined) return /^\d+$/.test(word) ? word : '…';
    return value === undefined || /^[\w-]+$/.test(value) ? word : `${name}=…`;
  });
  return kept.join(' ');
}

async function mitigations(folder: string): Promise<string[] | null> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return null;
  const told = names.sort().map(async (name) => {
    const text = (await readFile(join(folder, name), 'utf8').catch(() => '')).trim();
    return text === '' || text === 'Not affected' ? [] : [`${name}: ${text}`];
  });
  return (await Promise.all(told)).flat();
}

/** In words for the user; what one side does not know is no difference. */
export function differingConditionFields(a: Conditions | undefined, b: Conditions | undefined): string[] {
  if (!a || !b) return [];
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['CPU quota', a.cpuQuota, b.cpuQuota],
    ['memory limit', a.memoryBytes, b.memoryBytes],
    ['limit of address space', a.addressSpaceBytes, b.addressSpaceBytes],
    ['NODE_OPTIONS', a.nodeOptions, b.nodeOptions],
    ['NODE_COMPILE_CACHE', a.compileCache ?? b.compileCache, b.compileCache ?? a.compileCache],
    ['CPU governor', a.governor, b.governor],
    ['mitigations', a.mitigations?.join('\n'), b.mitigations?.join('\n')],
  ];
  return fields.filter(([, x, y]) => x !== y).map(([name]) => name);
}
