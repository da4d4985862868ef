/** GF(2^128) with BigInt, slow and plain: what the kernels are checked against. */

const MASK = (1n << 128n) - 1n;

/** a·X. */
export function timesX(a: bigint): bigint {
  return ((a << 1n) & MASK) ^ (a >> 127n ? 0x87n : 0n);
}

/** a·b. */
export function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 127n; bit >= 0n; bit--) product = timesX(product) ^ ((b >> bit) & 1n ? a : 0n);
  return product;
}

/** The element whose bytes, little-endian, are at `place` (counted in elements) of `bytes`. */
export function elementAt(bytes: Uint8Array, place: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + place * 16, 16);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}

/** Writes `element` to `place` (counted in elements) of `bytes`. */
export function setElement(bytes: Uint8Array, place: number, element: bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + place * 16, 16);
  view.setBigUint64(0, element & 0xffffffffffffffffn, true);
  view.setBigUint64(8, element >> 64n, true);
}

/** All elements of `bytes`. */
export function elements(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 16 }, (_, place) => elementAt(bytes, place));
}

/** The bytes of `values`, one behind the other. */
export function elementBytes(values: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 16);
  values.forEach((value, place) => {
    setElement(bytes, place, value);
  });
  return bytes;
}
