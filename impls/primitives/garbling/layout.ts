/** What garbler and evaluator must agree on: where labels lie, and how many bytes travel. */
import type { Counts, Program, Wires } from '../circuits/program.ts';
import type { WorkingMemory } from '../working-memory/working-memory.ts';
import { SEED_BYTES } from './gate-hash.ts';

export const LABEL_BYTES = 16;
/** Half gates: two rows of a label for AND, one where the garbler knows an input. */
export const TABLE_BYTES = 32;
export const SECRET_TABLE_BYTES = 16;
/** Half of the hash of either label. */
export const DECODING_BYTES = 16;

/** Bytes that the garbler sends: exactly. */
export function streamBytes({ garblerBits, ands, secretAnds, outputs }: Counts): number {
  return (
    SEED_BYTES +
    LABEL_BYTES * garblerBits +
    TABLE_BYTES * ands +
    SECRET_TABLE_BYTES * secretAnds +
    DECODING_BYTES * outputs
  );
}

/** The labels of a circuit's wires while it runs. */
export class Labels {
  readonly #program: Program;
  readonly #at: number;

  constructor(memory: WorkingMemory, program: Program) {
    this.#program = program;
    this.#at = memory.allocate(program.peak * LABEL_BYTES);
  }

  /** The address of the first label. */
  of({ vector, offset }: Wires): number {
    return this.#at + ((this.#program.places[vector] ?? 0) + offset) * LABEL_BYTES;
  }

  /** Where the evaluator's inputs belong: they must lie there before the circuit runs. */
  evaluatorInputs(): { readonly address: number; readonly first: number; readonly count: number }[] {
    return this.#program.instructions.flatMap((instruction) =>
      instruction.op === 'input' && instruction.of === 'evaluator'
        ? [{ address: this.of(instruction.out), first: instruction.first, count: instruction.out.lanes }]
        : [],
    );
  }
}
