/**
 * Kernel `curve`: hashing to Curve25519 and multiplying many points by one secret scalar.
 *
 * The caller writes into the buffers whose addresses the `…At` functions give, then calls `multiply`,
 * `expandItems` and `mapToCurve` on up to `capacity()` points. `fused` says whether `relaxed_madd` rounds
 * once; `isFused` finds out. What each file argues holds for one instance used by one thread.
 */
import { decode, decodeUniform, encode, FINE, judge } from './bytes';
import { elligator } from './elligator';
import { carry, FE, Fused, initField, mul, Split, sqr } from './field';
import { invertAll } from './invert';
import { ladder } from './ladder';
import { expand, initExpand, setTag } from './sha512';

const CAPACITY: i32 = 512;
const ITEM_BYTES: i32 = 65536;
const ELEMENTS: i32 = CAPACITY / 2;

const POINTS: usize = memory.data(512 * 32, 16);
const UNIFORM: usize = memory.data(512 * 48, 16);
const SCALAR: usize = memory.data(32, 16);
const ITEMS: usize = memory.data(65536, 16);
const OFFSETS: usize = memory.data(513 * 4, 16);
const ELEMENTS_1: usize = memory.data(256 * 80, 16);
const ELEMENTS_2: usize = memory.data(256 * 80, 16);
const ELEMENTS_3: usize = memory.data(256 * 80, 16);

initField();
initExpand();

/** Points per call. */
export function capacity(): i32 { return CAPACITY; }
/** Bytes of items per call of `expandItems`. */
export function itemCapacity(): i32 { return ITEM_BYTES; }
/** u-coordinates, 32 bytes each, little-endian: input and output of `multiply`, output of `mapToCurve`. */
export function pointsAt(): usize { return POINTS; }
/** 48 uniform bytes per item: output of `expandItems`, input of `mapToCurve`. */
export function uniformAt(): usize { return UNIFORM; }
/** The scalar, 32 bytes, little-endian. It is used as it is: clamping is the caller's. */
export function scalarAt(): usize { return SCALAR; }
/** Bytes of items, one after the other. */
export function itemsAt(): usize { return ITEMS; }
/** count + 1 32-bit offsets into the items. */
export function offsetsAt(): usize { return OFFSETS; }

/** Whether `relaxed_madd` rounds once here: (1 + 2^-30)² - (1 + 2^-29) is 2^-60, or 0 when the square is rounded. */
export function isFused(): bool {
  const x = f64x2.splat(load<f64>(PROBE)), y = f64x2.splat(load<f64>(PROBE, 8));
  const r = v128.relaxed_madd<f64>(x, x, y);
  return f64x2.extract_lane(r, 0) != 0 && f64x2.extract_lane(r, 1) != 0;
}
/** In memory, so that no compiler computes the answer itself. */
const PROBE: usize = memory.data<f64>([1.000000000931322574615478515625, -1.00000000186264514923095703125], 16);

/** Address of the first limb of lane `i & 1` of element `i >> 1`. */
// @ts-ignore: decorator
@inline
function lane(elements: usize, i: i32): usize {
  return elements + <usize>(i >> 1) * FE + <usize>(i & 1) * 8;
}

/** Number of elements for `count` points, even, and the lanes beyond `count` that must be filled. */
// @ts-ignore: decorator
@inline
function padded(count: i32): i32 {
  return (count + 3) & ~3;
}

/** Index of the first of `count` points that is refused, times 4, plus the reason (see bytes.ts); or -1. */
export function firstRefused(count: i32): i32 {
  for (let i: i32 = 0; i < count; i++) {
    const reason = judge(POINTS + <usize>i * 32);
    if (reason != FINE) return i * 4 + reason;
  }
  return -1;
}

function multiplyAll<K>(count: i32): void {
  const lanes = padded(count);
  for (let i: i32 = 0; i < lanes; i++) decode(lane(ELEMENTS_1, i), POINTS + <usize>min(i, count - 1) * 32);
  for (let j: i32 = 0; j < lanes / 2; j += 2) {
    const at = <usize>j * FE;
    ladder<K>(ELEMENTS_2 + at, ELEMENTS_3 + at, ELEMENTS_1 + at, SCALAR);
  }
  // From X + Z and X - Z (twice) X and Z: the factor 2 cancels in the quotient.
  for (let at: usize = 0; at < <usize>(lanes / 2) * FE; at += 16) {
    const sum = v128.load(ELEMENTS_2 + at), difference = v128.load(ELEMENTS_3 + at);
    v128.store(ELEMENTS_2 + at, f64x2.add(sum, difference));
    v128.store(ELEMENTS_3 + at, f64x2.sub(sum, difference));
  }
  invertAll<K>(ELEMENTS_3, ELEMENTS_1, lanes / 2);
  for (let at: usize = 0; at < <usize>(lanes / 2) * FE; at += FE) {
    mul<K>(ELEMENTS_1, ELEMENTS_2 + at, ELEMENTS_3 + at);
    carry(ELEMENTS_2 + at, ELEMENTS_1);
  }
  for (let i: i32 = 0; i < count; i++) encode(POINTS + <usize>i * 32, lane(ELEMENTS_2, i));
}

/** Multiplies `count` points, 1 to capacity(), in place. If one has Z = 0, the results of its lane are 0. */
export function multiply(count: i32, fused: bool): void {
  if (fused) multiplyAll<Fused>(count);
  else multiplyAll<Split>(count);
}

/** Sets the domain separation tag to the first `length` (< 256) bytes of the item buffer. */
export function setDomain(length: i32): void {
  setTag(ITEMS, length);
}

/** Expands `count` items to 48 uniform bytes each. */
export function expandItems(count: i32): void {
  for (let i: i32 = 0; i < count; i++) {
    const from = load<i32>(OFFSETS + <usize>i * 4), end = load<i32>(OFFSETS + <usize>i * 4, 4);
    expand(UNIFORM + <usize>i * 48, ITEMS + from, end - from);
  }
}

function mapAll<K>(count: i32): void {
  const lanes = padded(count);
  for (let i: i32 = 0; i < lanes; i++) {
    decodeUniform(lane(ELEMENTS_1, i), UNIFORM + <usize>min(i, count - 1) * 48);
  }
  elligator<K>(ELEMENTS_1, ELEMENTS_2, lanes / 2);
  for (let i: i32 = 0; i < count; i++) encode(POINTS + <usize>i * 32, lane(ELEMENTS_1, i));
}

/** Maps `count` times 48 uniform bytes to points of the curve. */
export function mapToCurve(count: i32, fused: bool): void {
  if (fused) mapAll<Fused>(count);
  else mapAll<Split>(count);
}

/** For tests of the arithmetic: limbs of the product (or the square of the first) of the elements in buffers 1 and 2, to 3. */
export function testProduct(square: bool, fused: bool): void {
  if (square) {
    if (fused) sqr<Fused>(ELEMENTS_3, ELEMENTS_1);
    else sqr<Split>(ELEMENTS_3, ELEMENTS_1);
  } else {
    if (fused) mul<Fused>(ELEMENTS_3, ELEMENTS_1, ELEMENTS_2);
    else mul<Split>(ELEMENTS_3, ELEMENTS_1, ELEMENTS_2);
  }
  carry(ELEMENTS_3, ELEMENTS_3);
}
/** Address of buffer 1, 2 or 3. */
export function testElement(which: i32): usize {
  return which == 1 ? ELEMENTS_1 : which == 2 ? ELEMENTS_2 : ELEMENTS_3;
}
/** Canonical bytes of lane 0 or 1 of buffer 3, to the first point. */
export function testEncode(which: i32): void {
  encode(POINTS, ELEMENTS_3 + <usize>which * 8);
}
