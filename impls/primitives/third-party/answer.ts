/**
 * What the third party tells the receiver after its verdict: as much as the agreed output holds, in a length
 * that depends on the receiver's set size and the output alone.
 */
import type { Output, ReceiverResult } from '../../../bench/contract.ts';
import { bitmapLength, setBits } from './bitmap.ts';

/** Bytes of the answer, verdict not counted, for a receiver of `count` items. */
export function answerLength(output: Output, count: number): number {
  return { intersection: bitmapLength(count), cardinality: 4, threshold: 1 }[output.kind];
}

/**
 * The answer, from which of the receiver's items are shared. Which bytes are read depends on the length alone.
 * @param shared bits over the receiver's items; those past the last item are 0
 */
export function encodeAnswer(output: Output, shared: Uint8Array): Uint8Array {
  if (output.kind === 'intersection') return shared;
  let count = 0;
  for (const byte of shared) {
    const pairs = byte - ((byte >> 1) & 0x55);
    const nibbles = (pairs & 0x33) + ((pairs >> 2) & 0x33);
    count += (nibbles + (nibbles >> 4)) & 0x0f;
  }
  if (output.kind === 'threshold') return Uint8Array.of(count >= output.atLeast ? 1 : 0);
  const answer = new Uint8Array(4);
  new DataView(answer.buffer).setUint32(0, count);
  return answer;
}

/**
 * The result in an answer of the right length.
 * @throws Error when the answer cannot be: more shared items than there are, or a bit that is neither 0 nor 1
 */
export function decodeAnswer(output: Output, answer: Uint8Array, count: number): ReceiverResult {
  if (output.kind === 'intersection') return setBits(answer, count);
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const value = output.kind === 'cardinality' ? view.getUint32(0) : view.getUint8(0);
  if (value > (output.kind === 'cardinality' ? count : 1)) {
    throw new Error(`the third party's answer ${value} cannot be the ${output.kind} of ${count} items`);
  }
  return output.kind === 'cardinality' ? value : value === 1;
}
