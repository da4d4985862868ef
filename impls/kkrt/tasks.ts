/** What worker threads of `kkrt` do: they take a share of the work on one matrix, then do what they are told of it. */
import { WorkingMemory } from '../primitives/working-memory/working-memory.ts';
import { type ReceiverOrder, type ReceiverPlan, ReceiverShare } from './receiver-share.ts';
import { type SenderOrder, type SenderPlan, SenderShare } from './sender-share.ts';
import { type Part, SHARE_BYTES, type Share } from './share.ts';

export type Plan = ReceiverPlan | SenderPlan;
export type Order = ReceiverOrder | SenderOrder;

/** A share: of what, which, and the address of {@link SHARE_BYTES} bytes for it. */
export interface Assignment {
  readonly plan: Plan;
  readonly part: Part;
  readonly arena: number;
}

let share: Share<Order> | undefined;

export function begin({ memory }: WorkingMemory, { plan, part, arena }: Assignment): void {
  // Not in the memory of a task, which ends with it: a share outlasts many.
  const own = new WorkingMemory(memory, { start: arena, end: arena + SHARE_BYTES });
  const untimed = <T>(_: string, work: () => T) => work();
  const made =
    plan.role === 'receiver'
      ? new ReceiverShare(own, plan, part, untimed)
      : new SenderShare(own, plan, part, untimed);
  // A party's orders are those of its own kind of share.
  share = made as Share<Order>;
}

export function work(_: WorkingMemory, orders: readonly Order[]): void {
  if (!share) throw new Error('a worker has no share yet');
  for (const order of orders) share.do(order);
}

export default { begin, work };
