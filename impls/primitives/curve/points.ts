/** Judging encoded points, and the arguments of engines. */
const POINT = 32;

/** An element that was refused. */
export class PointError extends Error {
  /** Which of the elements given, from 0. */
  readonly index: number;
  /** e.g. 'has small order'. */
  readonly reason: string;

  constructor(index: number, reason: string) {
    super(`point ${index} ${reason}`);
    this.name = 'PointError';
    this.index = index;
    this.reason = reason;
  }
}

export const NOT_CANONICAL = 'is no canonical encoding';
export const SMALL_ORDER = 'has small order';

const P = 2n ** 255n - 19n;

/**
 * The u-coordinates below p of all points of small order on Curve25519 and its twist: orders 1 and 2 (0),
 * 4 (1 on the curve, p - 1 on the twist), and 8.
 */
export const SMALL_ORDER_U: readonly bigint[] = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
];

/** A field element as 32 bytes, little-endian. */
export function encodeU(u: bigint): Uint8Array {
  return Uint8Array.from({ length: POINT }, (_, i) => Number((u >> BigInt(8 * i)) & 255n));
}

const smallOrder = SMALL_ORDER_U.map((u) => Buffer.from(encodeU(u)));
const prime = Buffer.from(encodeU(P)).reverse();

/**
 * Why a received u-coordinate must be refused, or `undefined`. Received values are public: this branches on
 * them. Points of the twist pass; see README.md.
 */
export function judge(u: Uint8Array): string | undefined {
  if (Buffer.compare(Buffer.from(u).reverse(), prime) >= 0) return NOT_CANONICAL;
  return smallOrder.some((bad) => bad.equals(u)) ? SMALL_ORDER : undefined;
}

/** @throws RangeError naming the argument that does not fit. */
export function checkLengths(scalar: Uint8Array, points: Uint8Array, out: Uint8Array): void {
  if (scalar.length !== POINT) {
    throw new RangeError(`"scalar" must have ${POINT} bytes, got ${scalar.length}`);
  }
  if (points.length % POINT !== 0) {
    throw new RangeError(`"points" must be whole points of ${POINT} bytes, got ${points.length} bytes`);
  }
  checkOut(points.length / POINT, out);
}

/** @throws RangeError when `out` is too short for `count` points. */
export function checkOut(count: number, out: Uint8Array): void {
  if (out.length < count * POINT) {
    throw new RangeError(`"out" must hold ${count} points of ${POINT} bytes, got ${out.length} bytes`);
  }
}

/** A scalar as RFC 7748 has it: a multiple of the cofactor 8 between 2^254 and 2^255. Changes its argument. */
export function clamp(scalar: Uint8Array): Uint8Array {
  scalar[0]! &= 0xf8;
  scalar[31]! = (scalar[31]! & 0x7f) | 0x40;
  return scalar;
}
