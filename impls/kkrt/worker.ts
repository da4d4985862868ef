/** A worker of a {@link Crew}: gets its share once, then does what it is told until it is ended. */
import { parentPort } from 'node:worker_threads';
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import type { Answer, Assignment, Order } from './crew.ts';
import { ReceiverShare } from './receiver-share.ts';
import { SenderShare } from './sender-share.ts';
import { SHARE_BYTES, type Share } from './share.ts';

let share: Share<Order> | undefined;

function take({ memory: common, plan, part, arena }: Assignment): Share<Order> {
  const memory = new WorkingMemory(common);
  // This thread's stack of allocations begins at its arena.
  memory.allocate(arena - memory.used, 1);
  const untimed = <T>(_: string, work: () => T) => work();
  const made =
    plan.role === 'receiver'
      ? new ReceiverShare(memory, plan, part, untimed)
      : new SenderShare(memory, plan, part, untimed);
  if (memory.used > arena + SHARE_BYTES) throw new Error(`a share takes ${memory.used - arena} bytes`);
  // Each party's orders go to its own kind of share.
  return made as Share<Order>;
}

parentPort?.on('message', (message: Assignment | readonly Order[]) => {
  let answer: Answer = {};
  try {
    if ('plan' in message) share = take(message);
    else for (const order of message) share?.do(order);
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});

parentPort?.postMessage({} satisfies Answer);
