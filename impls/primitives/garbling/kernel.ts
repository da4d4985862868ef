/** The kernel of half gates, and what both sides do with it alike. */
import type { Copy, Instruction } from '../circuits/program.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { LABEL_BYTES, type Labels } from './layout.ts';

export interface Kernel {
  garblePrepare(a: number, b: number, n: number, gate: number, gamma: number, blocks: number): void;
  garbleFinish(
    a: number,
    b: number,
    n: number,
    gamma: number,
    blocks: number,
    encrypted: number,
    tables: number,
    out: number,
  ): void;
  evaluatePrepare(a: number, b: number, n: number, gate: number, blocks: number): void;
  evaluateFinish(
    a: number,
    b: number,
    n: number,
    blocks: number,
    encrypted: number,
    tables: number,
    out: number,
  ): void;
  garbleHalfPrepare(a: number, n: number, gate: number, gamma: number, blocks: number): void;
  garbleHalfFinish(
    a: number,
    bits: number,
    first: number,
    period: number,
    n: number,
    gamma: number,
    blocks: number,
    encrypted: number,
    tables: number,
    out: number,
  ): void;
  evaluateHalfPrepare(a: number, n: number, gate: number, blocks: number): void;
  evaluateHalfFinish(
    a: number,
    n: number,
    blocks: number,
    encrypted: number,
    tables: number,
    out: number,
  ): void;
  decoding(n: number, blocks: number, encrypted: number, out: number): void;
  decode(n: number, blocks: number, encrypted: number, decodings: number, bits: number): void;
  choose(zero: number, bits: number, n: number, gamma: number, out: number): void;
  xor(a: number, b: number, n: number, out: number): void;
  add(a: number, constant: number, n: number, out: number): void;
  copy(
    from: number,
    fromStep: number,
    fromRow: number,
    to: number,
    toStep: number,
    toRow: number,
    rows: number,
    count: number,
  ): void;
}

/** Gates that are hashed at once: blocks and their encryptions stay in the second-level cache. */
export const PIECE = 2048;
/** Bytes of blocks for that: four a gate. */
export const BLOCKS_BYTES = PIECE * 64;

export function garblingKernel(memory: WorkingMemory): Kernel {
  return memory.kernel<Kernel>('garbling');
}

/** XOR and copies are the same for both sides. */
export function runFree(
  kernel: Kernel,
  labels: Labels,
  instruction: Extract<Instruction, { op: 'xor' | 'copy' }>,
): void {
  const out = labels.of(instruction.out);
  if (instruction.op === 'xor') {
    kernel.xor(labels.of(instruction.a), labels.of(instruction.b), instruction.a.lanes, out);
  } else for (const copy of instruction.copies) runCopy(kernel, labels, copy, out);
}

function runCopy(kernel: Kernel, labels: Labels, copy: Copy, out: number): void {
  const { from, fromStep, fromRow, to, toStep, toRow, rows, count } = copy;
  kernel.copy(labels.of(from), fromStep, fromRow, out + to * LABEL_BYTES, toStep, toRow, rows, count);
}
