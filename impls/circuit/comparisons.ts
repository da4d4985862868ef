/** The circuit: in which bins the receiver's value is the sender's target, or in how many. */
import type { Output } from '../../bench/contract.ts';
import { CircuitBuilder } from '../primitives/circuits/builder.ts';
import type { Program } from '../primitives/circuits/program.ts';
import { allOf, atLeast, countOf, word } from '../primitives/circuits/words.ts';
import { batches } from './parameters.ts';

/**
 * Takes the receiver's values, batch by batch and bit by bit, and as secret bits of the sender's the complements of its
 * targets in the same order. Gives a bit for each bin, or their number, lowest bit first, or one bit.
 */
export function comparisonCircuit(bins: number, bits: number, output: Output): Program {
  const builder = new CircuitBuilder();
  const inputs = batches(bins).map(({ lanes }) => ({
    lanes,
    wires: builder.input('evaluator', bits * lanes),
  }));
  const equal = inputs.map(({ lanes, wires }) => {
    // A value and the complement of an equal one differ everywhere.
    const found = allOf(builder, word(builder.xorSecret(wires), bits, lanes));
    if (output.kind === 'intersection') builder.output(found);
    return found;
  });
  if (output.kind !== 'intersection') {
    const count = countOf(builder, builder.join(equal));
    builder.output(output.kind === 'cardinality' ? count.wires : atLeast(builder, count, output.atLeast));
  }
  return builder.build();
}

/** AND gates, by formula: what {@link comparisonCircuit} must have, and what an estimate needs. */
export function gateCount(bins: number, bits: number, output: Output): number {
  const compare = (bits - 1) * bins;
  if (output.kind === 'intersection') return compare;
  const binary = bins.toString(2);
  const count = bins - binary.replaceAll('0', '').length;
  if (output.kind === 'cardinality' || output.atLeast >= 2 ** binary.length) return compare + count;
  let trailing = 0;
  while (output.atLeast % 2 ** (trailing + 1) === 0) trailing++;
  return compare + count + binary.length - 1 - trailing;
}
