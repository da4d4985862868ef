/** Tasks for the tests of crews: in a file of its own, since every worker loads it. */
import type { Tasks } from './crew.ts';
import type { WorkingMemory } from './working-memory.ts';

const tasks: Tasks = {
  fill(memory: WorkingMemory, { at, byte }: { at: number; byte: number }) {
    // Scratch comes from the thread's own part.
    const scratch = memory.allocate(1024);
    memory.bytes(scratch, 1024).fill(byte);
    memory.bytes(at, 1024).set(memory.bytes(scratch, 1024));
  },
  fail() {
    throw new Error('as told');
  },
};

export default tasks;
