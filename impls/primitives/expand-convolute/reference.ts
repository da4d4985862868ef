/** The code again, with BigInt, element by element in the order of its definition: what the kernel is checked against. */
import { createCipheriv } from 'node:crypto';
import { timesX } from '../gf128/reference.ts';
import { codeKey } from './expand-convolute.ts';

/** `bytes` bytes of one of the code's streams. */
function stream(name: Parameters<typeof codeKey>[0], bytes: number): DataView {
  const data = createCipheriv('aes-128-ctr', codeKey(name), Buffer.alloc(16)).update(Buffer.alloc(bytes));
  return new DataView(data.buffer, data.byteOffset, data.length);
}

/**
 * The product of the code's matrix with `vector` (2·`rows` elements).
 * @param factor what the definition multiplies by X with; another one makes another code (x ↦ x: the binary one).
 */
export function encodePlainly(
  vector: readonly bigint[],
  rows: number,
  factor: (x: bigint) => bigint = timesX,
): bigint[] {
  const z = vector.slice(rows);
  const at = (i: number) => z[i] ?? 0n;
  const coefficients = stream('accumulate', rows * 8);
  for (const pass of [0, 1]) {
    for (let i = 0; i < rows; i++) {
      const bits = coefficients.getUint32(i * 8 + pass * 4, true);
      let sum = at(i) ^ factor(at(i - 25));
      for (let k = 0; k < 24; k++) if ((bits >> k) & 1) sum ^= at(i - 24 + k);
      z[i] = sum;
    }
  }
  const quarters = ([0, 1, 2, 3] as const).map((k) => stream(`quarter ${k}`, rows * 4));
  const anywhere = stream('anywhere', rows * 12);
  const border = (k: number) => Math.floor((k * rows) / 4);
  const place = (from: number, to: number, word = 0) =>
    from + Number((BigInt(word) * BigInt(to - from)) >> 32n);
  return Array.from({ length: rows }, (_, i) => {
    const pick = (k: number) =>
      k < 4
        ? at(place(border(k), border(k + 1), quarters[k]?.getUint32(i * 4, true)))
        : at(place(0, rows, anywhere.getUint32(i * 12 + (k - 4) * 4, true)));
    return (vector[i] ?? 0n) ^ pick(0) ^ pick(2) ^ pick(4) ^ pick(6) ^ factor(pick(1) ^ pick(3) ^ pick(5));
  });
}
