/**
 * Boolean circuits as programs over vectors of wires. An instruction works on all lanes of its vectors at once,
 * so that whoever garbles it hashes in bulk; there are as many instructions as a circuit has layers, not gates.
 */

/** Some neighbouring wires of a vector: made by a {@link CircuitBuilder}, and all that its methods take. */
export interface Wires {
  readonly vector: number;
  readonly offset: number;
  readonly lanes: number;
}

/** `rows` times `count` wires from one vector into another. Strides in wires. */
export interface Copy {
  readonly from: Wires;
  readonly fromStep: number;
  readonly fromRow: number;
  /** Where the first one goes in the new vector. */
  readonly to: number;
  readonly toStep: number;
  readonly toRow: number;
  readonly rows: number;
  readonly count: number;
}

export type Instruction =
  /** Bits of a party, from number `first` of its inputs on. */
  | {
      readonly op: 'input';
      readonly of: 'garbler' | 'evaluator';
      readonly first: number;
      readonly out: Wires;
    }
  | { readonly op: 'xor'; readonly a: Wires; readonly b: Wires; readonly out: Wires }
  | { readonly op: 'and'; readonly a: Wires; readonly b: Wires; readonly out: Wires }
  | { readonly op: 'not'; readonly a: Wires; readonly out: Wires }
  /** AND with bits that the garbler knows: bit `first + (lane mod period)` of its secrets. */
  | {
      readonly op: 'and secret';
      readonly a: Wires;
      readonly first: number;
      readonly period: number;
      readonly out: Wires;
    }
  /** XOR with bits that the garbler knows, from number `first` of its secrets on. Free. */
  | { readonly op: 'xor secret'; readonly a: Wires; readonly first: number; readonly out: Wires }
  | { readonly op: 'copy'; readonly copies: readonly Copy[]; readonly out: Wires }
  /** Outputs to the evaluator, from number `first` of them on. */
  | { readonly op: 'output'; readonly a: Wires; readonly first: number };

/** A circuit that can be run: in the clear ({@link runPlain}), garbled, evaluated. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** Where each vector lies while it lives, in wires. Vectors that do not live at the same time share places. */
  readonly places: readonly number[];
  /** How many wires live at the same time, at most: what `places` need. */
  readonly peak: number;
  readonly counts: Counts;
}

/** What a circuit costs. XOR, NOT and copies are free. */
export interface Counts {
  readonly garblerBits: number;
  readonly evaluatorBits: number;
  /** Bits that the garbler knows and the circuit uses as second inputs of gates. */
  readonly secretBits: number;
  readonly ands: number;
  readonly secretAnds: number;
  readonly outputs: number;
}

/** The vectors that an instruction reads. */
export function reads(instruction: Instruction): Wires[] {
  switch (instruction.op) {
    case 'input':
      return [];
    case 'xor':
    case 'and':
      return [instruction.a, instruction.b];
    case 'copy':
      return instruction.copies.map(({ from }) => from);
    default:
      return [instruction.a];
  }
}
