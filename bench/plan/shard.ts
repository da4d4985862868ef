/** Splitting the cells of a plan among machines, each of which runs the same command but for its number. */
import { UsageError } from '../errors.ts';

/** The `index`-th, from 1, of `count` parts. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Reads `2/8`. @throws UsageError */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (!(shard.index >= 1 && shard.index <= shard.count)) {
    throw new UsageError(`--shard expects i/N with i from 1 to N, as 2/8, got ${text}`);
  }
  return shard;
}

/**
 * What of `blocks` belongs to the shard; every cell is in exactly one. Whole blocks, dealt out in turn, so
 * that cells which are compared with each other run on one machine; where there are fewer blocks than
 * shards, cells are dealt out instead.
 */
export function shardOf<Block extends { readonly cells: readonly unknown[] }>(
  blocks: readonly Block[],
  { index, count }: Shard,
): Block[] {
  const mine = (i: number) => i % count === index - 1;
  if (blocks.length >= count) return blocks.filter((_, i) => mine(i));
  let cell = 0;
  return blocks
    .map((block) => ({ ...block, cells: block.cells.filter(() => mine(cell++)) }))
    .filter(({ cells }) => cells.length > 0);
}
