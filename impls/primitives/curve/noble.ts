/**
 * Engine `noble`: the reference, ristretto255 (RFC 9496) by `@noble/curves`, with the hash to the group
 * and its domain of RFC 9497, suite ristretto255-SHA512 in OPRF mode.
 *
 * Its bigint arithmetic takes times that depend on secrets; it is here to be checked against.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import type { ItemSet, Random } from '../../../bench/contract.ts';
import { itemAt } from '../items.ts';
import type { Engine } from './interface.ts';
import { checkLengths, checkOut, NOT_CANONICAL, PointError, SMALL_ORDER } from './points.ts';

const { Point } = ristretto255;

/** "HashToGroup-" || contextString, contextString = "OPRFV1-" || 0x00 || "-ristretto255-SHA512". */
const DOMAIN = 'HashToGroup-OPRFV1-\0-ristretto255-SHA512';

export class NobleEngine implements Engine {
  readonly name = 'noble';
  readonly group = 'ristretto255' as const;
  readonly batch = 16;

  scalar(random: Random): Uint8Array {
    // 512 random bits modulo the group's order, as RFC 9497 samples scalars; 0 has probability 2^-252.
    const wide = random.bytes(64).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return Point.Fn.toBytes(Point.Fn.create(wide) || 1n);
  }

  hash(items: ItemSet, out: Uint8Array): void {
    checkOut(items.count, out);
    for (let i = 0; i < items.count; i++) {
      out.set(ristretto255_hasher.hashToCurve(itemAt(items, i), { DST: DOMAIN }).toBytes(), i * 32);
    }
  }

  multiply(scalar: Uint8Array, points: Uint8Array, out: Uint8Array): void {
    checkLengths(scalar, points, out);
    const factor = Point.Fn.fromBytes(scalar);
    for (let at = 0; at < points.length; at += 32) {
      const point = decode(points.slice(at, at + 32), at / 32);
      out.set(point.multiply(factor).toBytes(), at);
    }
  }
}

function decode(bytes: Uint8Array, index: number): InstanceType<typeof Point> {
  let point: InstanceType<typeof Point>;
  try {
    point = Point.fromBytes(bytes);
  } catch {
    throw new PointError(index, NOT_CANONICAL);
  }
  // The group has prime order: the identity is the only element of small order.
  if (point.equals(Point.ZERO)) throw new PointError(index, SMALL_ORDER);
  return point;
}
