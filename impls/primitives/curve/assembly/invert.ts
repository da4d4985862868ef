/** Powers modulo p, and many inversions at the price of one (Montgomery's trick). */
import { FE, carry, mul, sqr } from './field';

const WORK: usize = memory.data(2 * 4 * 80, 16);
/** Distance from the first element's scratch to the second's. */
const N: usize = 4 * FE;
const COLUMNS: usize = WORK;
const T0: usize = WORK + FE;
const T1: usize = WORK + 2 * FE;
const T2: usize = WORK + 3 * FE;

/** to = a^(2^n) for two elements, N apart; n >= 1. */
function squarings<K>(to: usize, a: usize, n: i32): void {
  let from = a;
  for (let i = 0; i < n; i++) {
    sqr<K>(COLUMNS, from);
    sqr<K>(COLUMNS + N, from + N);
    carry(to, COLUMNS);
    carry(to + N, COLUMNS + N);
    from = to;
  }
}

/** to = a·b for two elements, N apart. */
function product<K>(to: usize, a: usize, b: usize): void {
  mul<K>(COLUMNS, a, b);
  mul<K>(COLUMNS + N, a + N, b + N);
  carry(to, COLUMNS);
  carry(to + N, COLUMNS + N);
}

const BASE: usize = memory.data(2 * 4 * 80, 16);
/** Where {@link power} leaves its two results, N apart. */
const SMALL: usize = BASE + FE;
const RESULT: usize = BASE + 2 * FE;

/**
 * RESULT = BASE^((2^250 - 1) · 2^n + e), e = 11 or 6: the exponents p - 2 (n = 5, e = 11) and
 * (p - 1)/2 (n = 4, e = 6), by the addition chain of Bernstein's curve25519 paper.
 */
function power<K>(n: i32, e: i32): void {
  squarings<K>(T0, BASE, 1); // 2
  squarings<K>(T1, T0, 2); // 8
  product<K>(T1, T1, BASE); // 9
  product<K>(SMALL, T1, T0); // 11
  squarings<K>(T2, SMALL, 1); // 22
  product<K>(T1, T1, T2); // 31 = 2^5 - 1
  squarings<K>(T2, BASE, 1);
  product<K>(T2, T2, BASE); // 3
  squarings<K>(T2, T2, 1); // 6
  if (e == 6) {
    for (let i: usize = 0; i < FE; i += 16) {
      v128.store(SMALL + i, v128.load(T2 + i));
      v128.store(SMALL + N + i, v128.load(T2 + N + i));
    }
  }
  squarings<K>(T0, T1, 5);
  product<K>(T0, T0, T1); // 2^10 - 1
  squarings<K>(T1, T0, 10);
  product<K>(T1, T1, T0); // 2^20 - 1
  squarings<K>(T2, T1, 20);
  product<K>(T1, T2, T1); // 2^40 - 1
  squarings<K>(T1, T1, 10);
  product<K>(T0, T1, T0); // 2^50 - 1
  squarings<K>(T1, T0, 50);
  product<K>(T1, T1, T0); // 2^100 - 1
  squarings<K>(T2, T1, 100);
  product<K>(T1, T2, T1); // 2^200 - 1
  squarings<K>(T1, T1, 50);
  product<K>(T0, T1, T0); // 2^250 - 1
  squarings<K>(T0, T0, n);
  product<K>(RESULT, T0, SMALL);
}

/** Replaces two tidy elements by their quadratic characters: 1, p - 1, or 0 for 0. */
export function character<K>(a: usize, b: usize): void {
  for (let i: usize = 0; i < FE; i += 16) {
    v128.store(BASE + i, v128.load(a + i));
    v128.store(BASE + N + i, v128.load(b + i));
  }
  power<K>(4, 6);
  for (let i: usize = 0; i < FE; i += 16) {
    v128.store(a + i, v128.load(RESULT + i));
    v128.store(b + i, v128.load(RESULT + N + i));
  }
}

/**
 * Replaces each of `count` >= 1 elements at `at` by its inverse, lane by lane. Limbs may be a sum
 * or difference of two tidy elements; inverses are tidy. If one is 0, all of its lane become 0.
 * `prefixes` is scratch for as many elements.
 */
export function invertAll<K>(at: usize, prefixes: usize, count: i32): void {
  // prefixes[i] = at[0] · … · at[i-1], and BASE the product of all.
  for (let i: usize = 0; i < FE; i += 16) v128.store(BASE + i, f64x2.splat(i == 0 ? 1 : 0));
  for (let j: i32 = 0; j < count; j++) {
    const offset = <usize>j * FE;
    for (let i: usize = 0; i < FE; i += 16) v128.store(prefixes + offset + i, v128.load(BASE + i));
    mul<K>(COLUMNS, BASE, at + offset);
    carry(BASE, COLUMNS);
  }
  power<K>(5, 11);
  for (let j: i32 = count - 1; j >= 0; j--) {
    const offset = <usize>j * FE;
    mul<K>(COLUMNS, RESULT, prefixes + offset);
    mul<K>(COLUMNS + N, RESULT, at + offset);
    carry(at + offset, COLUMNS);
    carry(RESULT, COLUMNS + N);
  }
}
