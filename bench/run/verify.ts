/** Whether a run's result is the right one. Outside every timed region. */
import { createHash } from 'node:crypto';

/**
 * Compares a receiver's result with the intersection that is known. Both are indices of the
 * receiver's items; the expected ones ascend strictly, and so must the result's.
 * @returns what is wrong with it, in words, or `undefined` when it is right.
 */
export function faultOf(result: Uint32Array, expected: Uint32Array): string | undefined {
  for (let i = 1; i < result.length; i++) {
    if (result[i] <= result[i - 1]) return `the result is not strictly ascending at position ${i}`;
  }
  let missing = 0;
  let extra = 0;
  let r = 0;
  let e = 0;
  while (r < result.length || e < expected.length) {
    if (e === expected.length || result[r] < expected[e]) {
      extra++;
      r++;
    } else if (r === result.length || result[r] > expected[e]) {
      missing++;
      e++;
    } else {
      r++;
      e++;
    }
  }
  if (missing === 0 && extra === 0) return undefined;
  return `the result has ${result.length} items where ${expected.length} are shared: ${missing} are missing, ${extra} do not belong there`;
}

/** SHA-256 (hex) of a result, as little-endian 32-bit integers. */
export function digestOfResult(result: Uint32Array): string {
  const bytes = Buffer.allocUnsafe(result.length * 4);
  for (let i = 0; i < result.length; i++) bytes.writeUInt32LE(result[i], i * 4);
  return createHash('sha256').update(bytes).digest('hex');
}
