/** Which cells may have their processes at the same time. */
import { availableMemory } from '../machine/limits.ts';
import type { CellState } from './cell-state.ts';

/** A Node process before it holds anything, and what an item may take in all: deliberately ample. */
const PROCESS_BYTES = 120e6;
const ITEM_BYTES = 600;

/** Cells whose processes fit into half of the memory that is left for this process, together. */
export function groupsByMemory(states: readonly CellState[]): CellState[][] {
  const limit = availableMemory() / 2;
  const groups: CellState[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const state of states) {
    const { located, sizes, options, link } = state.cell;
    const parties = located.implementation.helper ? 3 : 2;
    const relay = link ? PROCESS_BYTES : 0;
    const declared = located.implementation.estimate?.(sizes, options).peakBytes ?? 0;
    const items = sizes.receiver + sizes.sender;
    const bytes = relay + parties * Math.max(declared, PROCESS_BYTES) + items * ITEM_BYTES;
    if (used + bytes > limit) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)!.push(state);
    used += bytes;
  }
  return groups;
}
