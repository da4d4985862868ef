/**
 * Several that take turns, as tasks of tinybench: in each round everyone who wants one has a turn, in an order
 * shuffled anew. So slow drift of the machine meets all alike.
 */
import { Bench } from 'tinybench';

export interface Player {
  /** Unique among those that take turns. */
  readonly name: string;
  /** Whether it wants another turn after `turns` of them, which took `spentMs` in all. */
  wants(turns: number, spentMs: number): boolean;
  /** Takes a turn. */
  play(): unknown;
  /** Is told what the turn took, in ms. */
  took?(ms: number): void;
}

/**
 * Gives everyone turns until nobody wants more or `signal` is aborted; one turn at a time.
 * @param random gives numbers in [0, 1): seeded, so that an order can be had again.
 * @throws what a turn threw
 */
export async function takeTurns(
  players: readonly Player[],
  random: () => number,
  signal?: AbortSignal,
): Promise<void> {
  // A turn is one iteration of a task; tinybench times it.
  const bench = new Bench({
    iterations: 1,
    time: 0,
    warmup: false,
    retainSamples: true,
    ...(signal && { signal }),
  });
  for (const { name, play } of players) bench.add(name, async () => void (await play()), { async: true });
  const counts = new Map(players.map((player) => [player, { turns: 0, spentMs: 0 }]));
  for (;;) {
    const wanting = [...counts].filter(([player, { turns, spentMs }]) => player.wants(turns, spentMs));
    if (wanting.length === 0) return;
    for (const [player, count] of shuffled(wanting, random)) {
      if (signal?.aborted) return;
      const task = bench.getTask(player.name);
      if (!task) throw new Error(`"${player.name}" takes turns twice`);
      task.reset();
      const { result } = await task.run();
      if (result.state === 'errored') throw result.error;
      if (result.state !== 'completed') return; // aborted
      count.turns++;
      count.spentMs += result.latency.mean;
      player.took?.(result.latency.mean);
    }
  }
}

/** Fisher–Yates. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
