/** Runs a circuit in the clear: what a garbled run must agree with. */
import type { Program, Wires } from './program.ts';

/** Bits, a byte each: those of both parties, and those that the garbler knows. */
export interface Inputs {
  readonly garbler: Uint8Array;
  readonly evaluator: Uint8Array;
  readonly secrets: Uint8Array;
}

/** The circuit's outputs, a byte each. @throws RangeError when there are not as many bits as the circuit takes. */
export function runPlain(program: Program, inputs: Inputs): Uint8Array<ArrayBuffer> {
  const { counts, places, peak, instructions } = program;
  for (const [name, bits, expected] of [
    ['garbler', inputs.garbler, counts.garblerBits],
    ['evaluator', inputs.evaluator, counts.evaluatorBits],
    ['secrets', inputs.secrets, counts.secretBits],
  ] as const) {
    if (bits.length !== expected)
      throw new RangeError(`"${name}" must be ${expected} bits, got ${bits.length}`);
  }
  const wires = new Uint8Array(peak);
  const outputs = new Uint8Array(counts.outputs);
  const lanes = ({ vector, offset, lanes }: Wires) => {
    const start = (places[vector] ?? 0) + offset;
    return wires.subarray(start, start + lanes);
  };
  // The evaluator's are there from the beginning, as when it is garbled.
  for (const instruction of instructions) {
    if (instruction.op !== 'input' || instruction.of !== 'evaluator') continue;
    const { first, out } = instruction;
    lanes(out).set(inputs.evaluator.subarray(first, first + out.lanes));
  }
  for (const instruction of instructions) {
    switch (instruction.op) {
      case 'input': {
        const { of, first, out } = instruction;
        if (of === 'garbler') lanes(out).set(inputs.garbler.subarray(first, first + out.lanes));
        break;
      }
      case 'xor':
      case 'and': {
        const b = lanes(instruction.b);
        const and = instruction.op === 'and';
        lanes(instruction.out).set(
          lanes(instruction.a).map((bit, i) => (and ? bit & (b[i] ?? 0) : bit ^ (b[i] ?? 0))),
        );
        break;
      }
      case 'not':
        lanes(instruction.out).set(lanes(instruction.a).map((bit) => bit ^ 1));
        break;
      case 'and secret': {
        const { a, first, period, out } = instruction;
        lanes(out).set(lanes(a).map((bit, i) => bit & (inputs.secrets[first + (i % period)] ?? 0)));
        break;
      }
      case 'xor secret': {
        const { a, first, out } = instruction;
        lanes(out).set(lanes(a).map((bit, i) => bit ^ (inputs.secrets[first + i] ?? 0)));
        break;
      }
      case 'copy': {
        const out = lanes(instruction.out);
        for (const copy of instruction.copies) {
          const from = lanes(copy.from);
          for (let row = 0; row < copy.rows; row++) {
            for (let i = 0; i < copy.count; i++) {
              const bit = from[row * copy.fromRow + i * copy.fromStep] ?? 0;
              out[copy.to + row * copy.toRow + i * copy.toStep] = bit;
            }
          }
        }
        break;
      }
      case 'output':
        outputs.set(lanes(instruction.a), instruction.first);
    }
  }
  return outputs;
}
