/**
 * What a process has used, read from outside as a hypervisor does: it asks nobody inside, so a guest that
 * computes for minutes without a pause is counted as well, and none can lie about it. Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { EnclaveUsage } from './guest.ts';

/** The first child of process `pid`, or `pid` itself when it has none: `unshare` starts the process that counts. */
export function innermost(pid: number): number {
  const children = read(`/proc/${pid}/task/${pid}/children`);
  if (children !== undefined) return Number.parseInt(children, 10) || pid;
  // A kernel without that file: all processes are looked at.
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${name}/status`) ?? '');
    if (Number(parent?.[1]) === pid) return Number(name);
  }
  return pid;
}

/** @returns `undefined` when the process has ended, or this platform does not tell. */
export function processUsage(pid: number): EnclaveUsage | undefined {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '');
  const cpuMs = threadsMs(pid) ?? ticksMs(pid);
  if (!peak || cpuMs === undefined) return undefined;
  return { cpuMs, peakBytes: Number(peak[1]) * 1024 };
}

/** By thread, to the nanosecond; Node's threads live as long as the process. */
function threadsMs(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const times = threads.map((id) => Number(read(`/proc/${pid}/task/${id}/schedstat`)?.split(' ')[0]));
    const sum = times.reduce((total, ns) => total + ns, 0);
    return sum > 0 ? sum / 1e6 : undefined;
  } catch {
    return undefined;
  }
}

/** User and system time in ticks of 10 ms: fields 14 and 15, counted behind the name, which may have spaces. */
function ticksMs(pid: number): number | undefined {
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  if (!fields) return undefined;
  const ms = (Number(fields[11]) + Number(fields[12])) * 10;
  return Number.isFinite(ms) ? ms : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
