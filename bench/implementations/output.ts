/** What a receiver may be asked to learn: from the command line to the contract's words and back. */
import type { Implementation, Output } from '../contract.ts';
import { UsageError } from '../errors.ts';

export const INTERSECTION: Output = { kind: 'intersection' };

/** As records and the command line write it: `intersection`, `cardinality`, `threshold:20`. */
export function formatOutput(output: Output): string {
  return output.kind === 'threshold' ? `threshold:${output.atLeast}` : output.kind;
}

/** @throws UsageError when `text` is not of that form */
export function parseOutput(text: string): Output {
  if (text === 'intersection' || text === 'cardinality') return { kind: text };
  const atLeast = Number(/^threshold:([1-9]\d{0,8})$/.exec(text)?.[1]);
  if (Number.isInteger(atLeast)) return { kind: 'threshold', atLeast };
  throw new UsageError(
    `invalid output "${text}": intersection, cardinality, or threshold:T with a whole number T from 1 (threshold:20)`,
  );
}

/** Whether the receiver of `implementation` can be given `output`. */
export function offers({ outputs = ['intersection'] }: Implementation, output: Output): boolean {
  return outputs.includes(output.kind);
}
