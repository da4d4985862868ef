import type { WorkingMemory } from '../working-memory/working-memory.ts';

export interface OpprfKernel {
  itemKeys(items: number, bins: number, count: number, out: number): void;
  tableKeys(items: number, table: number, bins: number, empty: number, out: number): void;
  pick(from: number, numbers: number, count: number, out: number): void;
  cut(from: number, count: number, width: number, out: number): void;
  spread(from: number, count: number, width: number, out: number): void;
  bits(blocks: number, count: number, width: number, flip: number, out: number): void;
}

export function opprfKernel(memory: WorkingMemory): OpprfKernel {
  return memory.kernel<OpprfKernel>('opprf');
}
