/** Checks that a run leaves nothing behind in its process: a benchmark's next run would pay for it. */
import type { Worker } from 'node:worker_threads';
import { ownDescendants } from '../machine/processes.ts';
import { type Check, playIn, playRight, require, requireClean, requireSettled, scaled } from './context.ts';
import { randomCase } from './sets.ts';

/** How long workers and child processes may take to end after close(), in ms. */
const PATIENCE_MS = 3_000;

export const cleanupChecks: readonly Check[] = [
  {
    name: 'leaves nothing running after a run or a failed one',
    async run(implementation, context) {
      const size = scaled(context, 10, 4);
      const sets = randomCase('cleanup', { receiver: size, sender: size }, size >> 1);
      const patienceMs = Math.min(PATIENCE_MS, context.limitMs);
      const workers = new Set<Worker>();
      const onWorker = (worker: Worker) => {
        workers.add(worker);
        worker.once('exit', () => workers.delete(worker));
      };
      // What is loaded once and kept (a compiled module, say) is there after this.
      await playRight(implementation, context, sets);
      process.on('worker', onWorker);
      try {
        const before = resources();
        const children = ownDescendants().count;
        await playRight(implementation, context, sets);
        await requireQuiet('a run', before, children, workers, patienceMs);
        const { receiver, sender } = sets;
        const failed = await playIn(implementation, context, {
          receiver,
          sender,
          mesh: { tamper: () => 'close' },
        });
        requireSettled(failed, 'a run whose peers die');
        requireClean(failed, 'a run whose peers die');
        await requireQuiet('a failed run', before, children, workers, patienceMs);
      } finally {
        process.off('worker', onWorker);
      }
    },
  },
];

/**
 * Workers have ended, and there are no more timers, sockets and child processes than before; processes that keep
 * this one from nothing (`unref`) are found where the system tells.
 */
async function requireQuiet(
  what: string,
  before: ReadonlyMap<string, number>,
  childrenBefore: number,
  workers: ReadonlySet<Worker>,
  patienceMs: number,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = [...resources()]
      .filter(([name, count]) => count > (before.get(name) ?? 0))
      .map(([name]) => name);
    if (workers.size > 0) left.push(`${workers.size} worker thread(s)`);
    const children = ownDescendants().count - childrenBefore;
    if (children > 0) left.push(`${children} process(es)`);
    if (left.length === 0) return;
    require(Date.now() < deadline, `${what} left running: ${left.join(', ')}; end it in close()`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What keeps the process alive, by kind. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
