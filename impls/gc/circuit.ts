/** The circuit: sort, compare, and shuffle, count or count and compare (Huang, Evans, Katz, NDSS 2012). */
import type { Output } from '../../bench/contract.ts';
import { CircuitBuilder } from '../primitives/circuits/builder.ts';
import type { ItemDomain } from '../primitives/circuits/item-words.ts';
import { commonWords, mergeSorted } from '../primitives/circuits/merge.ts';
import type { Program } from '../primitives/circuits/program.ts';
import { shuffle, switches } from '../primitives/circuits/shuffle.ts';
import { atLeast, countOf, inputWord, keepWhere } from '../primitives/circuits/words.ts';

/**
 * Takes the receiver's list ascending and the sender's descending. For `intersection` it gives the words of common
 * items and zeros, in an order that the sender chooses by its secret bits: the sorted order would tell how many
 * of its items lie between two of the receiver's. For `cardinality` their number, lowest bit first; for
 * `threshold` one bit.
 */
export function intersectionCircuit({ lanes, bits }: ItemDomain, output: Output): Program {
  const builder = new CircuitBuilder();
  const receiver = inputWord(builder, 'evaluator', bits, lanes);
  const sender = inputWord(builder, 'garbler', bits, lanes);
  const sorted = mergeSorted(builder, receiver, sender);
  const found = commonWords(builder, sorted);
  if (output.kind === 'intersection') {
    builder.output(shuffle(builder, keepWhere(builder, found, sorted.even)).wires);
  } else {
    const count = countOf(builder, found);
    builder.output(output.kind === 'cardinality' ? count.wires : atLeast(builder, count, output.atLeast));
  }
  return builder.build();
}

/** AND gates, whole and half, by formula: what {@link intersectionCircuit} must have, and what an estimate needs. */
export function gateCounts(
  { lanes: n, bits }: ItemDomain,
  output: Output,
): { ands: number; secretAnds: number } {
  const merge = 2 * bits * n * Math.log2(2 * n);
  const compare = (2 * n - 1) * (bits - 1);
  if (output.kind === 'intersection') {
    return { ands: merge + compare + bits * n, secretAnds: bits * switches(n) };
  }
  // n is a power of two: one bit is set.
  const count = n - 1;
  if (output.kind === 'cardinality') return { ands: merge + compare + count, secretAnds: 0 };
  const reachable = output.atLeast <= 2 * n - 1;
  let trailing = 0;
  while (reachable && output.atLeast % 2 ** (trailing + 1) === 0) trailing++;
  return { ands: merge + compare + count + (reachable ? Math.log2(n) - trailing : 0), secretAnds: 0 };
}
