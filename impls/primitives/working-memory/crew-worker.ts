/** A worker of a {@link Crew}: does the tasks it is told, in its part of the shared memory, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CrewWorkerData, Tasks } from './crew.ts';
import { WorkingMemory } from './working-memory.ts';

const { memory, region, control, failures, tasks } = workerData as CrewWorkerData;
const working = new WorkingMemory(memory, region);
const done = new Int32Array(control);
const known = ((await import(tasks)) as { readonly default: Tasks }).default;

parentPort?.on('message', ({ name, order }: { readonly name: string; readonly order: never }) => {
  const mark = working.mark();
  try {
    const task = known[name];
    if (!task) throw new Error(`there is no task "${name}"`);
    task(working, order);
  } catch (error) {
    failures.postMessage(error instanceof Error ? error.message : String(error));
  }
  working.release(mark);
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
});

parentPort?.postMessage('started');
