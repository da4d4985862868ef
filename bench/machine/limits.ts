/**
 * What this process may use, which can be far less than what the machine has: in a container, under
 * `taskset`, after `ulimit`. Read from `/proc` and the control groups (versions 1 and 2) of Linux;
 * elsewhere nothing but the number of cores is known.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join, relative } from 'node:path';

export interface ProcessLimits {
  /** Cores that it may run on. */
  readonly cores: number;
  /** CPU time per time that a quota grants all its processes together, in cores; null without one. */
  readonly cpuQuota: number | null;
  /** Memory that its control group may use, in bytes; null without a limit. */
  readonly memoryBytes: number | null;
  /** Address space of one process (`ulimit -v`), in bytes; null without a limit. */
  readonly addressSpaceBytes: number | null;
  /** Files and sockets that one process may have open; null without a limit. */
  readonly openFiles: number | null;
}

/** Reads them now. @param root where the file system begins: another one for tests. */
export function processLimits(root = '/'): ProcessLimits {
  return {
    cores: affinity(root) ?? availableParallelism(),
    cpuQuota: least(groupFolders(root, 'cpu').map(quotaOf)),
    memoryBytes: least(groupFolders(root, 'memory').map((folder) => memoryOf(folder)?.limit ?? null)),
    addressSpaceBytes: softLimit(root, 'Max address space'),
    openFiles: softLimit(root, 'Max open files'),
  };
}

/** Memory in bytes that this process and those that it starts may still take: the machine's, and its groups'. */
export function availableMemory(root = '/'): number {
  const machine =
    Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text(root, 'proc/meminfo'))?.[1] ?? Number.NaN) * 1024;
  const left = groupFolders(root, 'memory').map((folder) => {
    const memory = memoryOf(folder);
    return memory && Math.max(0, memory.limit - memory.used);
  });
  return Math.min(Number.isFinite(machine) ? machine : freemem(), least(left) ?? Number.POSITIVE_INFINITY);
}

function text(...path: string[]): string {
  try {
    return readFileSync(join(...path), 'utf8');
  } catch {
    return '';
  }
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** The cores of the affinity mask; a quota does not change it, and lets bursts run on all of them. */
function affinity(root: string): number | null {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(text(root, 'proc/self/status'))?.[1];
  if (list === undefined) return null;
  return list.split(',').reduce((count, range) => {
    const [from, to = from] = range.split('-').map(Number);
    return count + ((to ?? 0) - (from ?? 0) + 1);
  }, 0);
}

function softLimit(root: string, name: string): number | null {
  const line = text(root, 'proc/self/limits')
    .split('\n')
    .find((one) => one.startsWith(name));
  const value = line?.slice(name.length).trim().split(/\s+/)[0];
  return value === undefined || !/^\d+$/.test(value) ? null : Number(value);
}

type Controller = 'cpu' | 'memory';

/**
 * Folders of the process's control groups that can limit `controller`, the innermost first: its own and
 * those around it, as far as they can be seen from here.
 */
function groupFolders(root: string, controller: Controller): string[] {
  const groups = text(root, 'proc/self/cgroup')
    .split('\n')
    .map((line) => /^(\d+):([^:]*):(.*)$/.exec(line))
    .filter((match) => match !== null);
  return text(root, 'proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => {
      const mount = parseMount(line);
      if (!mount || !serves(mount, controller)) return [];
      const group = groups.find(([, , names = '']) =>
        mount.type === 'cgroup2' ? names === '' : names.split(',').includes(controller),
      )?.[3];
      return group === undefined ? [] : foldersOf(join(root, mount.at), mount.root, group);
    });
}

interface Mount {
  /** The part of the hierarchy that is mounted, and where. */
  readonly root: string;
  readonly at: string;
  readonly type: string;
  readonly options: string;
}

/** A line of `mountinfo`: numbers, root, place, options, optional fields, a hyphen, type, source, options. */
function parseMount(line: string): Mount | null {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, at] = before.split(' ').map(unescaped);
  const [type = '', , options = ''] = after.split(' ');
  return root && at && type.startsWith('cgroup') ? { root, at, type, options } : null;
}

/** Blanks and the like stand in octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function serves({ type, options }: Mount, controller: Controller): boolean {
  return type === 'cgroup2' || (type === 'cgroup' && options.split(',').includes(controller));
}

function foldersOf(mounted: string, mountRoot: string, group: string): string[] {
  const inside = relative(mountRoot, group);
  // In a container, the group's name may be that outside, of which only the innermost folder is mounted.
  const parts = inside.startsWith('..') ? [] : inside.split('/').filter(Boolean);
  const folders = [mounted];
  for (const part of parts) folders.unshift(join(folders[0] ?? mounted, part));
  return folders;
}

function quotaOf(folder: string): number | null {
  const [quota = '', period = ''] = text(folder, 'cpu.max').trim().split(' ');
  const v2 = Number(quota) / Number(period);
  if (quota !== '' && Number.isFinite(v2)) return v2;
  const v1 = Number(text(folder, 'cpu.cfs_quota_us')) / Number(text(folder, 'cpu.cfs_period_us'));
  return Number.isFinite(v1) && v1 > 0 ? v1 : null;
}

/** No machine has as much: version 1 writes the largest number where there is no limit. */
const NO_LIMIT = 2 ** 60;

/** Limit and use; what the system can drop at any time is not counted as used. */
function memoryOf(folder: string): { limit: number; used: number } | null {
  const number = (name: string) => {
    const value = text(folder, name).trim();
    return /^\d+$/.test(value) && Number(value) < NO_LIMIT ? Number(value) : null;
  };
  const limit = least(['memory.max', 'memory.high', 'memory.limit_in_bytes'].map(number));
  if (limit === null) return null;
  const used = number('memory.current') ?? number('memory.usage_in_bytes') ?? 0;
  const cached = /^(?:total_)?inactive_file (\d+)$/m.exec(text(folder, 'memory.stat'))?.[1];
  return { limit, used: Math.max(0, used - Number(cached ?? 0)) };
}
