/** What else the machine is doing while nothing of ours runs: it ends up in every time that is measured. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { UsageError } from '../errors.ts';
import { familyCpuMs } from './processes.ts';

/** From this share on a core counts as busy: clock ticks are coarse, and something always runs. */
const BUSY = 0.2;

/** Share of each core's time that was not idle during `ms` in which the caller waits. */
export async function sampleLoad(ms: number): Promise<number[]> {
  const before = cpus();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return cpus().map(({ times }, core) => {
    const from = before[core]?.times ?? times;
    const idle = times.idle - from.idle;
    const all = Object.keys(times).reduce((sum, kind) => {
      const name = kind as keyof typeof times;
      return sum + times[name] - from[name];
    }, 0);
    return all > 0 ? Math.max(0, 1 - idle / all) : 0;
  });
}

/**
 * Begins to watch what others use of the machine. What it gives back ends that, and tells the share of all
 * cores, 0 to 1, that was neither idle nor this process's, nor that of any process which it started; null
 * where the system does not tell. Processes that were started must have ended by then, or live.
 */
export function watchForeign(): () => number | null {
  const from = { busyMs: busyMs(), ownMs: familyCpuMs(), at: performance.now() };
  return () => {
    const ownMs = familyCpuMs();
    const spanMs = (performance.now() - from.at) * cpus().length;
    if (ownMs === null || from.ownMs === null || spanMs <= 0) return null;
    const foreignMs = busyMs() - from.busyMs - (ownMs - from.ownMs);
    return Math.min(1, Math.max(0, foreignMs / spanMs));
  };
}

/** Time of all cores that was not idle, in ms since the machine was started. */
function busyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

/** How busy the busiest cores were, all together: for choosing the worst of several samples. */
export function totalLoad(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + share, 0);
}

/** A warning that names the remedy, or null when the machine was at rest. */
export function loadWarning(shares: readonly number[]): string | null {
  const busy = shares.filter((share) => share >= BUSY);
  if (busy.length === 0) return null;
  const percent = Math.round((100 * totalLoad(busy)) / busy.length);
  const were = busy.length === 1 ? 'was' : 'were';
  const remedy = busy.length < shares.length ? 'close what runs, or pin with --cpus' : 'close what runs';
  return `${busy.length} of ${shares.length} cores ${were} busy ${percent} % before the run: ${remedy}`;
}

/** Reads `0,2-3` as a list of cores. @throws UsageError also for a core that is not there */
export function parseCpus(text: string): number[] {
  const cores = text.split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    const length = Number(to) - Number(from) + 1;
    if (!(length >= 1 && length <= 4096)) {
      throw new UsageError(`--cpus expects cores as 0,1 or 0-3, got ${text}`);
    }
    return Array.from({ length }, (_, i) => Number(from) + i);
  });
  const beyond = cores.find((core) => core >= cpus().length);
  if (beyond !== undefined) {
    throw new UsageError(
      `--cpus ${text}: there is no core ${beyond}, this machine has 0 to ${cpus().length - 1}`,
    );
  }
  return [...new Set(cores)].sort((a, b) => a - b);
}

/**
 * Keeps this process, and all that it starts from now on, on `cores`.
 * @throws UsageError where the operating system has no `taskset`
 */
export function pinTo(cores: readonly number[]): void {
  const list = cores.join(',');
  const { error, status, stderr } = spawnSync('taskset', ['-a', '-p', '-c', list, String(process.pid)], {
    encoding: 'utf8',
  });
  if (error) {
    throw new UsageError(
      '--cpus needs the program taskset (Linux, package util-linux), which is not here: leave --cpus out, or pin by other means',
    );
  }
  if (status !== 0) throw new UsageError(`--cpus ${list}: ${stderr.trim()}`);
}
