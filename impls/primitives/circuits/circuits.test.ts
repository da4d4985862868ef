/** Every circuit against a plain computation, and what it costs against its formula. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { systemRandom } from '../../../bench/party/random.ts';
import { randomOrder } from '../order/order.ts';
import { CircuitBuilder } from './builder.ts';
import { commonWords, mergeSorted } from './merge.ts';
import { runPlain } from './plain.ts';
import type { Wires } from './program.ts';
import { routing, shuffle, switches } from './shuffle.ts';
import { atLeast, countOf, equal, greater, inputWord, keepWhere, type Word } from './words.ts';

const NONE = new Uint8Array(0);

/** Words as bits, bit by bit. */
function bitsOfWords(words: readonly bigint[], bits: number): Uint8Array {
  return Uint8Array.from({ length: bits * words.length }, (_, at) =>
    Number(((words[at % words.length] ?? 0n) >> BigInt(Math.floor(at / words.length))) & 1n),
  );
}

function wordsOfBits(bits: Uint8Array, lanes: number): bigint[] {
  return Array.from({ length: lanes }, (_, lane) => {
    let value = 0n;
    for (let at = lane; at < bits.length; at += lanes)
      value |= BigInt(bits[at] ?? 0) << BigInt(Math.floor(at / lanes));
    return value;
  });
}

/** Runs a circuit of two words; returns its outputs and its number of gates. */
function run(
  x: readonly bigint[],
  y: readonly bigint[],
  bits: number,
  circuit: (builder: CircuitBuilder, x: Word, y: Word) => Wires,
) {
  const builder = new CircuitBuilder();
  const [a, b] = [
    inputWord(builder, 'evaluator', bits, x.length),
    inputWord(builder, 'garbler', bits, y.length),
  ];
  builder.output(circuit(builder, a, b));
  const program = builder.build();
  const inputs = { evaluator: bitsOfWords(x, bits), garbler: bitsOfWords(y, bits), secrets: NONE };
  return { outputs: runPlain(program, inputs), counts: program.counts };
}

const pairs = fc.integer({ min: 1, max: 12 }).chain((bits) =>
  fc.record({
    bits: fc.constant(bits),
    // Few values, so that equal ones are common.
    pairs: fc.array(
      fc.tuple(fc.bigInt(0n, 2n ** BigInt(bits) - 1n), fc.bigInt(0n, 2n ** BigInt(bits) - 1n)),
      {
        minLength: 1,
        maxLength: 20,
      },
    ),
  }),
);

describe('words', () => {
  test('equal and greater', () => {
    fc.assert(
      fc.property(pairs, ({ bits, pairs }) => {
        const x = pairs.map(([a]) => a);
        const y = pairs.map(([a, b], i) => (i % 3 === 0 ? a : b));
        const same = run(x, y, bits, equal);
        assert.deepEqual(
          [...same.outputs],
          x.map((a, i) => Number(a === y[i])),
        );
        assert.equal(same.counts.ands, (bits - 1) * x.length);
        const more = run(x, y, bits, greater);
        assert.deepEqual(
          [...more.outputs],
          x.map((a, i) => Number(a > (y[i] ?? 0n))),
        );
        assert.equal(more.counts.ands, bits * x.length);
      }),
    );
  });

  test('keepWhere', () => {
    const { outputs, counts } = run(
      [5n, 6n, 7n],
      [5n, 0n, 7n],
      3,
      (builder, x, y) => keepWhere(builder, equal(builder, x, y), x).wires,
    );
    assert.deepEqual(wordsOfBits(outputs, 3), [5n, 0n, 7n]);
    assert.equal(counts.ands, 3 * 2 + 3 * 3);
  });

  test('countOf: every number of wires up to 70, and a large one, costs n gates less the ones of n', () => {
    for (const n of [...Array(70).keys()].map((i) => i + 1).concat(4096, 5345)) {
      for (const density of [0, 3, 8]) {
        const bits = Uint8Array.from({ length: n }, () => Number(randomInt(8) < density));
        const builder = new CircuitBuilder();
        const sum = countOf(builder, builder.input('garbler', n));
        builder.output(sum.wires);
        const program = builder.build();
        const outputs = runPlain(program, { garbler: bits, evaluator: NONE, secrets: NONE });
        assert.deepEqual(wordsOfBits(outputs, 1), [BigInt(bits.reduce((a, b) => a + b, 0))]);
        assert.equal(program.counts.ands, n - n.toString(2).replaceAll('0', '').length);
        assert.equal(sum.bits, n.toString(2).length);
      }
    }
  });

  test('atLeast: all bounds and all words of five bits', () => {
    const all = Array.from({ length: 32 }, (_, i) => BigInt(i));
    for (let least = 1; least <= 40; least++) {
      const { outputs, counts } = run(all, [0n], 5, (builder, x) => atLeast(builder, x, least));
      assert.deepEqual(
        [...outputs],
        all.map((value) => Number(value >= least)),
      );
      assert.ok(counts.ands <= 4 * 32);
    }
    assert.throws(() => run(all, [0n], 5, (builder, x) => atLeast(builder, x, 0)), /from 1 on, got 0/);
  });
});

const sortedBy = (sign: 1 | -1) => (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -sign : sign);

describe('merge', () => {
  test('merges and finds the common words, which may be the smallest, the largest, all or none', () => {
    const bits = 6;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }).chain((log2) => {
          const set = fc.uniqueArray(fc.bigInt(0n, 63n), { minLength: 2 ** log2, maxLength: 2 ** log2 });
          return fc.tuple(set, set);
        }),
        ([receiver, sender]) => {
          const n = receiver.length;
          const [x, y] = [[...receiver].sort(sortedBy(1)), [...sender].sort(sortedBy(-1))];
          const merged = run(x, y, bits, (builder, a, b) => {
            const { even, odd } = mergeSorted(builder, a, b);
            return builder.join([even.wires, odd.wires]);
          });
          const [even, odd] = [0, 1].map((half) =>
            wordsOfBits(merged.outputs.subarray(half * bits * n, (half + 1) * bits * n), n),
          );
          const list = (even ?? []).flatMap((value, i) => [value, odd?.[i] ?? -1n]);
          assert.deepEqual(list, [...x, ...y].sort(sortedBy(1)));
          assert.equal(merged.counts.ands, 2 * bits * n * Math.log2(2 * n));

          const found = run(x, y, bits, (builder, a, b) => {
            const sorted = mergeSorted(builder, a, b);
            const kept = keepWhere(builder, commonWords(builder, sorted), sorted.even);
            return kept.wires;
          });
          const common = x.filter((value) => y.includes(value));
          const values = wordsOfBits(found.outputs, n);
          // The word 0 cannot be told from none here; protocols leave it out.
          assert.deepEqual(
            values.filter((value) => value > 0n).sort(sortedBy(1)),
            common.filter((v) => v > 0n),
          );
          assert.equal(found.counts.ands - merged.counts.ands, (2 * n - 1) * (bits - 1) + n * bits);
        },
      ),
    );
  });

  test('bits beyond the key travel along', () => {
    const x = [1n, 2n, 5n, 7n].map((key, i) => key | (BigInt(i & 1) << 3n));
    const y = [6n, 5n, 3n, 0n];
    const { outputs } = run(x, y, 4, (builder, a, b) => {
      const { even, odd } = mergeSorted(builder, a, b, 3);
      return builder.join([even.wires, odd.wires]);
    });
    const [even, odd] = [wordsOfBits(outputs.subarray(0, 16), 4), wordsOfBits(outputs.subarray(16), 4)];
    const list = even.flatMap((value, i) => [value, odd[i] ?? -1n]);
    assert.deepEqual(
      list.map((value) => value & 7n),
      [0n, 1n, 2n, 3n, 5n, 5n, 6n, 7n],
    );
    assert.deepEqual(
      list.filter((value) => value >= 8n),
      [2n | 8n, 7n | 8n],
    );
  });

  test('lists that are no power of two are refused', () => {
    assert.throws(
      () => run([1n, 2n, 3n], [3n, 2n, 1n], 2, (b, x, y) => mergeSorted(b, x, y).even.wires),
      /power of two/,
    );
  });
});

/** Runs a shuffle of the words 0 … n − 1 by secret bits. */
function shuffled(n: number, secrets: Uint8Array) {
  const bits = Math.max(1, Math.ceil(Math.log2(n)));
  const builder = new CircuitBuilder();
  builder.output(shuffle(builder, inputWord(builder, 'evaluator', bits, n)).wires);
  const program = builder.build();
  const words = Array.from({ length: n }, (_, i) => BigInt(i));
  const inputs = { evaluator: bitsOfWords(words, bits), garbler: NONE, secrets };
  return { order: wordsOfBits(runPlain(program, inputs), n).map(Number), counts: program.counts, bits };
}

describe('shuffle', () => {
  test('all permutations of 1, 2 and 4 words', () => {
    const permutations = (rest: readonly number[]): number[][] =>
      rest.length === 0
        ? [[]]
        : rest.flatMap((first) =>
            permutations(rest.filter((x) => x !== first)).map((tail) => [first, ...tail]),
          );
    for (const n of [1, 2, 4]) {
      for (const permutation of permutations([...Array(n).keys()])) {
        assert.deepEqual(shuffled(n, routing(Uint32Array.from(permutation))).order, permutation);
      }
    }
  });

  test('random permutations up to 1,024 words; n·log2 n − n + 1 exchanges', () => {
    for (let n = 8; n <= 1024; n *= 2) {
      const permutation = randomOrder(n, systemRandom);
      const { order, counts, bits } = shuffled(n, routing(permutation));
      assert.deepEqual(order, [...permutation]);
      assert.equal(counts.secretBits, switches(n));
      assert.equal(counts.secretAnds, bits * switches(n));
      assert.equal(counts.ands, 0);
    }
  });

  test('whatever the secret bits are, no word is lost', () => {
    const secrets = randomBytes(switches(64)).map((byte) => byte & 1);
    assert.deepEqual(
      shuffled(64, secrets).order.sort((a, b) => a - b),
      [...Array(64).keys()],
    );
    assert.throws(() => routing(Uint32Array.from([0, 0])), /no permutation/);
    assert.throws(() => routing(Uint32Array.from([0, 1, 2])), /no permutation/);
  });
});

test('wrong shapes are named', () => {
  const builder = new CircuitBuilder();
  const [a, b] = [builder.input('garbler', 3), builder.input('evaluator', 4)];
  assert.throws(() => builder.xor(a, b), /vectors of 3 and 4 lanes/);
  assert.throws(() => builder.and(a, b), /vectors of 3 and 4 lanes/);
  assert.throws(() => builder.slice(a, 2, 2), /not all among 3/);
  assert.throws(() => builder.andSecret(a, 2), /must divide 3 lanes/);
  assert.throws(() => builder.assemble(4, []), /0 wires are given for 4 lanes/);
  builder.output(a);
  assert.throws(
    () => runPlain(builder.build(), { garbler: NONE, evaluator: NONE, secrets: NONE }),
    /"garbler" must be 3 bits, got 0/,
  );
});
