/**
 * Words: numbers of `bits` bits in each of `lanes` lanes, unsigned. The wires lie bit by bit, the lowest first: bit b
 * of lane i is wire b · lanes + i, so that one bit of all words is a vector of its own.
 */
import type { CircuitBuilder } from './builder.ts';
import type { Wires } from './program.ts';

export interface Word {
  readonly wires: Wires;
  readonly bits: number;
  readonly lanes: number;
}

/** @throws RangeError when there are not `bits` · `lanes` wires. */
export function word(wires: Wires, bits: number, lanes: number): Word {
  if (wires.lanes !== bits * lanes) throw new RangeError(`${wires.lanes} wires, not ${bits} × ${lanes}`);
  return { wires, bits, lanes };
}

export function inputWord(
  builder: CircuitBuilder,
  of: 'garbler' | 'evaluator',
  bits: number,
  lanes: number,
): Word {
  return word(builder.input(of, bits * lanes), bits, lanes);
}

/** Bit `b` of every lane. */
export function bitOf(builder: CircuitBuilder, { wires, lanes }: Word, b: number): Wires {
  return builder.slice(wires, b * lanes, lanes);
}

/** Bits `first` to `first + bits − 1` of every lane. */
export function bitsOf(builder: CircuitBuilder, { wires, lanes }: Word, first: number, bits: number): Word {
  return word(builder.slice(wires, first * lanes, bits * lanes), bits, lanes);
}

/** Whether x = y, per lane: bits − 1 gates a lane. */
export function equal(builder: CircuitBuilder, x: Word, y: Word): Wires {
  return allOf(builder, word(builder.not(builder.xor(x.wires, y.wires)), x.bits, x.lanes));
}

/** Whether all bits of a lane are set: bits − 1 gates a lane, in layers of halves. */
export function allOf(builder: CircuitBuilder, x: Word): Wires {
  let { wires, bits } = x;
  while (bits > 1) {
    const half = bits >> 1;
    const left = builder.slice(wires, 0, half * x.lanes);
    const right = builder.slice(wires, half * x.lanes, half * x.lanes);
    const both = builder.and(left, right);
    const odd = builder.slice(wires, 2 * half * x.lanes, (bits & 1) * x.lanes);
    wires = odd.lanes > 0 ? builder.join([both, odd]) : both;
    bits = half + (bits & 1);
  }
  return wires;
}

/** Whether x > y, per lane: one gate a bit (Kolesnikov, Sadeghi, Schneider, CANS 2009). */
export function greater(builder: CircuitBuilder, x: Word, y: Word): Wires {
  // From the lowest bit: x_i + (x_i + c)(y_i + c) keeps c where the bits are equal and is x_i where they differ.
  let carry: Wires | undefined;
  for (let b = 0; b < x.bits; b++) {
    const [xb, yb] = [bitOf(builder, x, b), bitOf(builder, y, b)];
    const both = carry ? builder.and(builder.xor(xb, carry), builder.xor(yb, carry)) : builder.and(xb, yb);
    carry = builder.xor(xb, both);
  }
  if (!carry) throw new RangeError('words without bits');
  return carry;
}

/** Exchanges x and y in the lanes where `swap` is set: one gate a bit. */
export function exchange(builder: CircuitBuilder, swap: Wires, x: Word, y: Word): readonly [Word, Word] {
  const difference = builder.and(builder.xor(x.wires, y.wires), builder.repeat(swap, x.bits));
  return [
    word(builder.xor(x.wires, difference), x.bits, x.lanes),
    word(builder.xor(y.wires, difference), y.bits, y.lanes),
  ];
}

/** As {@link exchange}, where bits that only the garbler knows decide: half a gate a bit. */
export function exchangeSecretly(builder: CircuitBuilder, x: Word, y: Word): readonly [Word, Word] {
  const difference = builder.andSecret(builder.xor(x.wires, y.wires), x.lanes);
  return [
    word(builder.xor(x.wires, difference), x.bits, x.lanes),
    word(builder.xor(y.wires, difference), y.bits, y.lanes),
  ];
}

/** x where `keep` is set, else 0: one gate a bit. */
export function keepWhere(builder: CircuitBuilder, keep: Wires, x: Word): Word {
  return word(builder.and(x.wires, builder.repeat(keep, x.bits)), x.bits, x.lanes);
}

/**
 * How many of the wires are set, as one number in one lane: n gates less the number of ones in n's binary form.
 * A full adder makes of three bits of one weight one of this weight and one of the next for one gate; so the bits of
 * a weight, m of them, cost ⌊m / 2⌋ gates and leave as many bits of the next.
 */
export function countOf(builder: CircuitBuilder, wires: Wires): Word {
  const sum: Wires[] = [];
  let weight = wires;
  while (weight.lanes > 0) {
    const carries: Wires[] = [];
    while (weight.lanes > 1) {
      // As many adders at once as there are triples; two bits alone take half an adder.
      const adders = Math.max(1, Math.floor(weight.lanes / 3));
      const part = (i: number) => builder.slice(weight, i * adders, adders);
      const [a, b] = [part(0), part(1)];
      if (weight.lanes === 2) {
        carries.push(builder.and(a, b));
        weight = builder.xor(a, b);
        continue;
      }
      const c = part(2);
      const [ac, bc] = [builder.xor(a, c), builder.xor(b, c)];
      carries.push(builder.xor(builder.and(ac, bc), c));
      const rest = builder.slice(weight, 3 * adders, weight.lanes - 3 * adders);
      weight = builder.join([builder.xor(ac, b), rest]);
    }
    sum.push(weight);
    weight = builder.join(carries);
  }
  return word(builder.join(sum), sum.length, 1);
}

/**
 * Whether x ≥ `least` (≥ 1), per lane: at most bits − 1 gates a lane. A bound that x cannot reach gives a wire
 * that is never set.
 */
export function atLeast(builder: CircuitBuilder, x: Word, least: number): Wires {
  if (!Number.isSafeInteger(least) || least < 1) {
    throw new RangeError(`"least" must be a whole number from 1 on, got ${least}`);
  }
  const first = bitOf(builder, x, 0);
  if (least >= 2 ** x.bits) return builder.xor(first, first);
  // From the lowest bit: "at least as much as the bound's bits so far", true to begin with.
  let reached: Wires | undefined;
  for (let b = 0; b < x.bits; b++) {
    const bit = bitOf(builder, x, b);
    const bound = Math.floor(least / 2 ** b) % 2 === 1;
    if (!reached) {
      if (bound) reached = bit;
    } else if (bound) reached = builder.and(reached, bit);
    else reached = builder.not(builder.and(builder.not(reached), builder.not(bit)));
  }
  if (!reached) throw new RangeError('words without bits');
  return reached;
}
