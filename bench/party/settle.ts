/**
 * A phase ends when its work is done, also the work that a party left to a worker or to a process of
 * its own: until then the clock runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { otherThreadsBusy, ownDescendants } from '../machine/processes.ts';
import { monotonicMs } from './messages.ts';

/** For so long nothing is done but to watch. */
const WINDOW_MS = 2;
/** Where the system does not tell of threads: from this share of one core on somebody is working. */
const BUSY = 0.7;
/** Such windows in a row it takes: the compiler and the garbage collector have threads of their own. */
const IN_A_ROW = 2;

/**
 * Waits until nothing of this process computes any more.
 * @returns when the work was done, on the monotonic clock: `doneAt` when nothing was going on after it
 */
export async function settled(doneAt: number): Promise<number> {
  for (let until = doneAt, inARow = 0; ; ) {
    const cpu = process.cpuUsage();
    const from = monotonicMs();
    await sleep(WINDOW_MS);
    const to = monotonicMs();
    const used = process.cpuUsage(cpu);
    const share = (used.user + used.system) / 1000 / (to - from);
    const busy = otherThreadsBusy() ?? share >= BUSY;
    if (!busy && !ownDescendants().busy) return until;
    if (++inARow >= IN_A_ROW) until = to;
  }
}
