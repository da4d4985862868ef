/** Places for vectors: each from its first instruction to its last reader, first fit. */
import { type Instruction, reads } from './program.ts';

interface Gap {
  readonly start: number;
  readonly end: number;
}

/**
 * Where each vector lies, in wires, and how many places there must be. Inputs of the evaluator live from the
 * beginning, because its labels are made before the first instruction runs.
 */
export function assignPlaces(
  instructions: readonly Instruction[],
  lanes: readonly number[],
): { places: number[]; peak: number } {
  const last = new Map<number, number>();
  instructions.forEach((instruction, i) => {
    if (instruction.op !== 'output') last.set(instruction.out.vector, i);
    for (const { vector } of reads(instruction)) last.set(vector, i);
  });
  const places = lanes.map(() => -1);
  /** What is free, ascending; the last gap has no end. */
  const gaps: Gap[] = [{ start: 0, end: Number.POSITIVE_INFINITY }];
  let peak = 0;
  const place = (vector: number) => {
    const size = lanes[vector] ?? 0;
    const index = gaps.findIndex(({ start, end }) => end - start >= size);
    const gap = gaps[index];
    if (!gap) throw new Error('the last gap has no end');
    const end = gap.start + size;
    places[vector] = gap.start;
    peak = Math.max(peak, end);
    gaps.splice(index, 1, ...(gap.end > end ? [{ start: end, end: gap.end }] : []));
  };
  const free = (vector: number) => {
    const size = lanes[vector] ?? 0;
    if (size === 0) return;
    let start = places[vector] ?? 0;
    let end = start + size;
    let index = gaps.findIndex((gap) => gap.start >= end);
    let joined = 0;
    const [before, after] = [gaps[index - 1], gaps[index]];
    if (after?.start === end) {
      end = after.end;
      joined++;
    }
    if (before?.end === start) {
      start = before.start;
      index--;
      joined++;
    }
    gaps.splice(index, joined, { start, end });
  };
  for (const instruction of instructions) {
    if (instruction.op === 'input' && instruction.of === 'evaluator') place(instruction.out.vector);
  }
  instructions.forEach((instruction, i) => {
    const out = instruction.op === 'output' ? [] : [instruction.out.vector];
    for (const vector of out) if (places[vector] === -1) place(vector);
    const ending = new Set([...out, ...reads(instruction).map(({ vector }) => vector)]);
    for (const vector of ending) if (last.get(vector) === i) free(vector);
  });
  return { places, peak };
}
