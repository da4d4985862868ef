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
  let gaps: Gap[] = [{ start: 0, end: Number.POSITIVE_INFINITY }];
  let peak = 0;
  const place = (vector: number) => {
    const size = lanes[vector] ?? 0;
    const gap = gaps.find(({ start, end }) => end - start >= size);
    if (!gap) throw new Error('the last gap has no end');
    places[vector] = gap.start;
    peak = Math.max(peak, gap.start + size);
    gaps = gaps.flatMap((other) =>
      other !== gap ? [other] : gap.end - gap.start > size ? [{ start: gap.start + size, end: gap.end }] : [],
    );
  };
  const free = (vector: number) => {
    const start = places[vector] ?? 0;
    if (lanes[vector] === 0) return;
    let added = { start, end: start + (lanes[vector] ?? 0) };
    const rest: Gap[] = [];
    for (const gap of gaps) {
      if (gap.end === added.start) added = { start: gap.start, end: added.end };
      else if (gap.start === added.end) added = { start: added.start, end: gap.end };
      else rest.push(gap);
    }
    gaps = [...rest, added].sort((a, b) => a.start - b.start);
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
