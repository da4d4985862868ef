/** Whether a run's result is the right one. Outside every timed region. */
import { createHash } from 'node:crypto';
import type { Output, ReceiverResult } from '../contract.ts';

/**
 * Compares a receiver's result with what `output` makes of the intersection that is known: `expected`, indices
 * of the receiver's items, strictly ascending.
 * @returns what is wrong with it, in words, or `undefined` when it is right.
 */
export function faultOf(result: ReceiverResult, expected: Uint32Array, output: Output): string | undefined {
  switch (output.kind) {
    case 'intersection':
      return result instanceof Uint32Array
        ? faultOfIndices(result, expected)
        : `the result is a ${typeof result}, not a Uint32Array of indices`;
    case 'cardinality':
      return result === expected.length
        ? undefined
        : `the result is ${shown(result)} where ${expected.length} items are shared`;
    case 'threshold': {
      const reached = expected.length >= output.atLeast;
      return result === reached
        ? undefined
        : `the result is ${shown(result)} where ${expected.length} items are shared and ${output.atLeast} asked for`;
    }
  }
}

function shown(result: ReceiverResult): string {
  return result instanceof Uint32Array ? 'a list of indices' : String(result);
}

function faultOfIndices(result: Uint32Array, expected: Uint32Array): string | undefined {
  let last = -1;
  for (const [i, index] of result.entries()) {
    if (index <= last) return `the result is not strictly ascending at position ${i}`;
    last = index;
  }
  const wanted = new Set(expected);
  const found = result.reduce((count, index) => count + (wanted.has(index) ? 1 : 0), 0);
  const missing = expected.length - found;
  const extra = result.length - found;
  if (missing === 0 && extra === 0) return undefined;
  return `the result has ${result.length} items where ${expected.length} are shared: ${missing} are missing, ${extra} do not belong there`;
}

/** For the column `result_size`: how many indices; the number itself; 1 for a threshold that is reached. */
export function sizeOfResult(result: ReceiverResult): number {
  if (result instanceof Uint32Array) return result.length;
  return Number(result);
}

/** SHA-256 (hex) of a result: indices, or the one number, as little-endian 32-bit integers. */
export function digestOfResult(result: ReceiverResult): string {
  const indices = result instanceof Uint32Array ? result : [Number(result)];
  const bytes = Buffer.allocUnsafe(indices.length * 4);
  let at = 0;
  for (const index of indices) at = bytes.writeUInt32LE(index, at);
  return createHash('sha256').update(bytes).digest('hex');
}
