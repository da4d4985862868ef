/**
 * Writes circuits: every method adds an instruction for whole vectors and gives back the wires it makes.
 * Words, numbers and networks on top of it are in `words.ts`, `merge.ts` and `shuffle.ts`.
 */
import { assignPlaces } from './places.ts';
import type { Copy, Counts, Instruction, Program, Wires } from './program.ts';

export class CircuitBuilder {
  readonly #instructions: Instruction[] = [];
  readonly #lanes: number[] = [];
  readonly #counts = {
    garblerBits: 0,
    evaluatorBits: 0,
    secretBits: 0,
    ands: 0,
    secretAnds: 0,
    outputs: 0,
  };

  /** `lanes` bits of a party, in the order of these calls. */
  input(of: 'garbler' | 'evaluator', lanes: number): Wires {
    const first = of === 'garbler' ? this.#counts.garblerBits : this.#counts.evaluatorBits;
    const out = this.#vector(lanes);
    this.#instructions.push({ op: 'input', of, first, out });
    if (of === 'garbler') this.#counts.garblerBits += lanes;
    else this.#counts.evaluatorBits += lanes;
    return out;
  }

  /** Lane by lane. @throws RangeError when the vectors differ in length. */
  xor(a: Wires, b: Wires): Wires {
    sameLanes(a, b);
    const out = this.#vector(a.lanes);
    this.#instructions.push({ op: 'xor', a, b, out });
    return out;
  }

  /** Lane by lane, one gate each. @throws RangeError when the vectors differ in length. */
  and(a: Wires, b: Wires): Wires {
    sameLanes(a, b);
    const out = this.#vector(a.lanes);
    this.#instructions.push({ op: 'and', a, b, out });
    this.#counts.ands += a.lanes;
    return out;
  }

  not(a: Wires): Wires {
    const out = this.#vector(a.lanes);
    this.#instructions.push({ op: 'not', a, out });
    return out;
  }

  /**
   * AND with the garbler's next `period` secret bits, again and again until all lanes have one: half a gate
   * each. `a` must have a multiple of `period` lanes.
   */
  andSecret(a: Wires, period: number): Wires {
    if (period < 1 || a.lanes % period !== 0) {
      throw new RangeError(`"period" must divide ${a.lanes} lanes, got ${period}`);
    }
    const out = this.#vector(a.lanes);
    this.#instructions.push({ op: 'and secret', a, first: this.#counts.secretBits, period, out });
    this.#counts.secretBits += period;
    this.#counts.secretAnds += a.lanes;
    return out;
  }

  /** XOR with the garbler's next secret bits, one for each lane: free, where an input of the garbler's costs a label. */
  xorSecret(a: Wires): Wires {
    const out = this.#vector(a.lanes);
    this.#instructions.push({ op: 'xor secret', a, first: this.#counts.secretBits, out });
    this.#counts.secretBits += a.lanes;
    return out;
  }

  /** Lanes `start` to `start + lanes − 1`. No instruction: the same wires. */
  slice(a: Wires, start: number, lanes: number): Wires {
    if (start < 0 || lanes < 0 || start + lanes > a.lanes) {
      throw new RangeError(`lanes ${start} to ${start + lanes} are not all among ${a.lanes}`);
    }
    return { vector: a.vector, offset: a.offset + start, lanes };
  }

  /** One behind the other. */
  join(parts: readonly Wires[]): Wires {
    let to = 0;
    const copies = parts.map((from) => {
      const copy = {
        from,
        fromStep: 1,
        fromRow: 0,
        to,
        toStep: 1,
        toRow: 0,
        rows: 1,
        count: from.lanes,
      };
      to += from.lanes;
      return copy;
    });
    return this.assemble(to, copies);
  }

  /** `a`, `times` times over. */
  repeat(a: Wires, times: number): Wires {
    const { lanes } = a;
    return this.assemble(lanes * times, [
      { from: a, fromStep: 1, fromRow: 0, to: 0, toStep: 1, toRow: lanes, rows: times, count: lanes },
    ]);
  }

  /** A new vector of wires copied from others; each of its lanes must be given once. */
  assemble(lanes: number, copies: readonly Copy[]): Wires {
    const given = copies.reduce((sum, { rows, count }) => sum + rows * count, 0);
    if (given !== lanes) throw new RangeError(`${given} wires are given for ${lanes} lanes`);
    for (const copy of copies) {
      const { from, fromStep, fromRow, to, toStep, toRow, rows, count } = copy;
      if (rows * count === 0) continue;
      const end = (step: number, row: number) => (rows - 1) * row + (count - 1) * step;
      if (end(fromStep, fromRow) >= from.lanes || to + end(toStep, toRow) >= lanes) {
        throw new RangeError('a copy leaves its vector');
      }
    }
    const out = this.#vector(lanes);
    this.#instructions.push({ op: 'copy', copies, out });
    return out;
  }

  /** The evaluator learns these bits. */
  output(a: Wires): void {
    this.#instructions.push({ op: 'output', a, first: this.#counts.outputs });
    this.#counts.outputs += a.lanes;
  }

  /** The circuit so far. */
  build(): Program {
    const counts: Counts = { ...this.#counts };
    return {
      instructions: [...this.#instructions],
      ...assignPlaces(this.#instructions, this.#lanes),
      counts,
    };
  }

  #vector(lanes: number): Wires {
    this.#lanes.push(lanes);
    return { vector: this.#lanes.length - 1, offset: 0, lanes };
  }
}

function sameLanes(a: Wires, b: Wires): void {
  if (a.lanes !== b.lanes) throw new RangeError(`vectors of ${a.lanes} and ${b.lanes} lanes`);
}
