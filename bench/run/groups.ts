/** Which cells may have their processes at the same time. */
import { availableMemory } from '../machine/limits.ts';
import { processesByOpenFiles } from '../machine/open-files.ts';
import type { CellState } from './cell-state.ts';

/** A Node process before it holds anything, and what an item may take in all: deliberately ample. */
const PROCESS_BYTES = 120e6;
const ITEM_BYTES = 600;

/**
 * Cells whose processes fit together into half of the memory that is left for this process, and into the
 * number of files that it may have open. A cell that alone is too much is a group of its own.
 */
export function groupsThatFit(states: readonly CellState[]): CellState[][] {
  const limit = { bytes: availableMemory() / 2, processes: processesByOpenFiles() };
  const groups: CellState[][] = [];
  let used = { bytes: Number.POSITIVE_INFINITY, processes: 0 };
  for (const state of states) {
    const needed = needsOf(state);
    if (used.bytes + needed.bytes > limit.bytes || used.processes + needed.processes > limit.processes) {
      groups.push([]);
      used = { bytes: 0, processes: 0 };
    }
    groups.at(-1)?.push(state);
    used = { bytes: used.bytes + needed.bytes, processes: used.processes + needed.processes };
  }
  return groups;
}

function needsOf({ cell: { located, sizes, options, link } }: Pick<CellState, 'cell'>) {
  const { helper, estimate } = located.implementation;
  const parties = helper ? 3 : 2;
  const relays = link ? 1 : 0;
  const declared = estimate?.(sizes, options).peakBytes ?? 0;
  const items = sizes.receiver + sizes.sender;
  return {
    bytes: relays * PROCESS_BYTES + parties * Math.max(declared, PROCESS_BYTES) + items * ITEM_BYTES,
    processes: parties + relays,
  };
}
