/**
 * Processes that a process has started, and what they use, as Linux tells in `/proc`. Elsewhere nothing
 * is found, and what a party declares (`Session.addUsage`) is all that is known.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Length of the kernel's accounting tick in ms: fixed for programs, whatever the kernel's own is. */
export const TICK_MS = 10;

interface ProcessFacts {
  readonly state: string;
  readonly group: number;
  /** CPU time of the process itself, all threads, in ms. */
  readonly ownMs: number;
  /** CPU time of its children that have ended and been waited for. */
  readonly endedMs: number;
}

/** Null where there is no such process, or no `/proc`. */
function factsOf(pid: number): ProcessFacts | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name, in brackets, may hold anything; what follows it is numbered from field 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number) => Number(fields[field - 3]) * TICK_MS;
  return {
    state: fields[0] ?? '',
    group: Number(fields[2]),
    ownMs: ticks(14) + ticks(15),
    endedMs: ticks(16) + ticks(17),
  };
}

/** Processes that `pid` has started and that live, and theirs. */
export function descendantsOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  const children = threads.flatMap((thread) => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
      return text.split(' ').flatMap((word) => (word.trim() === '' ? [] : [Number(word)]));
    } catch {
      return [];
    }
  });
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** What the descendants of a process are and have used since they were started. */
export interface Descendants {
  readonly count: number;
  /** CPU time of those that live and of those that have ended, in ms, in steps of {@link TICK_MS}. */
  readonly cpuMs: number;
  /** Whether one of them is computing at this moment. */
  readonly busy: boolean;
}

/** The descendants of this process. */
export function ownDescendants(): Descendants {
  const living = descendantsOf(process.pid).map(factsOf);
  const found = living.filter((facts) => facts !== null);
  return {
    count: found.length,
    cpuMs: found.reduce(
      (sum, { ownMs, endedMs }) => sum + ownMs + endedMs,
      factsOf(process.pid)?.endedMs ?? 0,
    ),
    busy: found.some(({ state }) => state === 'R'),
  };
}

/** Whether a thread of this process other than its first one computes, or waits for a core to; null: not told. */
export function otherThreadsBusy(): boolean | null {
  let threads: string[];
  try {
    threads = readdirSync('/proc/self/task');
  } catch {
    return null;
  }
  return threads.some((thread) => {
    if (Number(thread) === process.pid) return false;
    try {
      const text = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
      return text.slice(text.lastIndexOf(')') + 2).startsWith('R');
    } catch {
      return false;
    }
  });
}

/** CPU time in ms of this process and of everything it started, living or ended; null where nothing tells. */
export function familyCpuMs(): number | null {
  const own = factsOf(process.pid);
  return own === null ? null : own.ownMs + ownDescendants().cpuMs;
}

/** Processes of the group `group` that live; those that have ended and wait to be noticed do not count. */
export function groupMembers(group: number): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const pid = Number(name);
    const facts = Number.isInteger(pid) ? factsOf(pid) : null;
    return facts?.group === group && facts.state !== 'Z' ? [pid] : [];
  });
}
