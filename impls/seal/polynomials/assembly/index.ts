/**
 * Many polynomials at once over the integers modulo a prime t < 2^25: from roots to coefficients, and
 * values to powers. One polynomial per slot; slots lie side by side, two in the lanes of a vector.
 *
 * Numbers are doubles that hold integers. x = a + b·c with a, b, c ≤ t is below 2^51, so it is exact, and
 * so are its quotient's product with t and the difference: the quotient, from a product with 1/t, is wrong
 * by at most one, so the remainder is in [-t, 2t) and one correction on either side makes it canonical.
 * There are no branches and no memory accesses that depend on values.
 */
const COLUMN: usize = 0x1000;
const MAX_DEGREE: i32 = 2047;
const DYNAMIC: usize = 0x10000;

/** One word per root, then `slots` more for the next root; the same for values. */
export let input: usize = 0;
/** A coefficient of 64 bits per slot, then those of the next higher power; the same for powers. */
export let output: usize = 0;

/** Lays out the memory. @returns whether there is enough, and `degree` is not too high. */
export function layout(slots: i32, degree: i32): bool {
  if (degree > MAX_DEGREE) return false;
  input = DYNAMIC;
  output = input + (<usize>slots * <usize>degree << 2);
  output = (output + 15) & ~15;
  const end = <u64>output + (<u64>slots * (<u64>degree + 1) << 3);
  const more = <i32>((end + 0xffff) >> 16) - memory.size();
  return end < 0x100000000 && (more <= 0 || memory.grow(more) >= 0);
}

// @ts-ignore: decorator
@inline
function reduce(x: v128, t: v128, inverse: v128): v128 {
  const quotient = f64x2.floor(f64x2.mul(x, inverse));
  const r = f64x2.sub(x, f64x2.mul(quotient, t));
  const low = f64x2.add(r, v128.and(f64x2.lt(r, f64x2.splat(0)), t));
  return f64x2.sub(low, v128.and(f64x2.ge(low, t), t));
}

// @ts-ignore: decorator
@inline
function put(to: usize, value: v128): void {
  const words = i32x4.trunc_sat_f64x2_u_zero(value);
  // Two 32-bit words and zeros: spread to two of 64 bits.
  v128.store(to, i64x2.extend_low_i32x4_u(words));
}

/** For every slot (an even number) the coefficients of the product of x - root, lowest first; the last is 1. */
export function fromRoots(slots: i32, degree: i32, modulus: u32): void {
  const t = f64x2.splat(<f64>modulus), inverse = f64x2.splat(1 / <f64>modulus);
  for (let slot: i32 = 0; slot < slots; slot += 2) {
    v128.store(COLUMN, f64x2.splat(1));
    let roots = input + (<usize>slot << 2);
    for (let r: i32 = 0; r < degree; r++) {
      const negative = f64x2.sub(t, f64x2.convert_low_i32x4_u(v128.load64_zero(roots)));
      roots += <usize>slots << 2;
      let at = COLUMN + (<usize>r << 4);
      let high = v128.load(at);
      v128.store(at, high, 16);
      for (; at > COLUMN; at -= 16) {
        const low = v128.load(at - 16);
        v128.store(at, reduce(f64x2.add(low, f64x2.mul(negative, high)), t, inverse));
        high = low;
      }
      v128.store(COLUMN, reduce(f64x2.mul(negative, high), t, inverse));
    }
    let to = output + (<usize>slot << 3);
    for (let at = COLUMN; at <= COLUMN + (<usize>degree << 4); at += 16) {
      put(to, v128.load(at));
      to += <usize>slots << 3;
    }
  }
}

/** For every slot its value to the power `exponent` ≥ 1. */
export function power(slots: i32, exponent: u32, modulus: u32): void {
  const t = f64x2.splat(<f64>modulus), inverse = f64x2.splat(1 / <f64>modulus);
  const top = 31 - clz(exponent);
  for (let slot: i32 = 0; slot < slots; slot += 2) {
    const value = f64x2.convert_low_i32x4_u(v128.load64_zero(input + (<usize>slot << 2)));
    let result = value;
    for (let bit = top - 1; bit >= 0; bit--) {
      result = reduce(f64x2.mul(result, result), t, inverse);
      if ((exponent >> bit) & 1) result = reduce(f64x2.mul(result, value), t, inverse);
    }
    put(output + (<usize>slot << 3), result);
  }
}
