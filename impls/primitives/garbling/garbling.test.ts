import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CircuitBuilder } from '../circuits/builder.ts';
import { commonWords, mergeSorted } from '../circuits/merge.ts';
import { type Inputs, runPlain } from '../circuits/plain.ts';
import type { Program, Wires } from '../circuits/program.ts';
import { routing, shuffle } from '../circuits/shuffle.ts';
import { atLeast, countOf, inputWord, keepWhere } from '../circuits/words.ts';
import { GATES_PER_KEY } from './gate-hash.ts';
import { streamBytes } from './layout.ts';
import { MESSAGE_BYTES } from './stream.ts';
import { evaluated, garbled, randomSetting, referenceStream } from './testing.ts';

const randomBits = (count: number) => Uint8Array.from(randomBytes(count), (byte) => byte & 1);

function randomInputs({ counts }: Program): Inputs {
  return {
    garbler: randomBits(counts.garblerBits),
    evaluator: randomBits(counts.evaluatorBits),
    secrets: randomBits(counts.secretBits),
  };
}

/** Garbles and evaluates; the outputs must be those of a plain run. */
async function check(program: Program, inputs = randomInputs(program), setting = randomSetting(program)) {
  const messages = await garbled(program, inputs, setting);
  const outputs = await evaluated(program, inputs, setting, messages);
  assert.deepEqual(outputs, runPlain(program, inputs));
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  assert.equal(bytes, streamBytes(program.counts));
  for (const message of messages.slice(0, -1)) assert.equal(message.length, MESSAGE_BYTES);
  return { messages, outputs, inputs, setting };
}

test('every gate, for all inputs of either party and all permute bits', async () => {
  // Lane i: a, b, permute bit of a, permute bit of b, from the bits of i.
  const lanes = 16;
  const bit = (place: number) => Uint8Array.from({ length: lanes }, (_, i) => (i >> place) & 1);
  const gates: [
    string,
    (c: CircuitBuilder, a: Wires, b: Wires) => Wires,
    (a: number, b: number) => number,
  ][] = [
    ['and', (c, a, b) => c.and(a, b), (a, b) => a & b],
    ['xor', (c, a, b) => c.xor(a, b), (a, b) => a ^ b],
    ['not', (c, a) => c.not(a), (a) => 1 - a],
    ['and of nots', (c, a, b) => c.and(c.not(a), c.not(b)), (a, b) => (1 - a) & (1 - b)],
    ['secret and', (c, a) => c.andSecret(a, lanes), (a, b) => a & b],
    ['secret xor', (c, a) => c.xorSecret(a), (a, b) => a ^ b],
  ];
  for (const [name, gate, expected] of gates) {
    const c = new CircuitBuilder();
    const [a, b] = [c.input('evaluator', lanes), c.input('evaluator', lanes)];
    c.output(gate(c, a, b));
    const program = c.build();
    const setting = randomSetting(program);
    for (const [place, start] of [
      [2, 0],
      [3, lanes],
    ] as const) {
      bit(place).forEach((permute, i) => {
        const at = 16 * (start + i);
        setting.zeroLabels[at] = ((setting.zeroLabels[at] ?? 0) & 0xfe) | permute;
      });
    }
    const inputs = {
      evaluator: Uint8Array.from([...bit(0), ...bit(1)]),
      garbler: new Uint8Array(0),
      secrets: name.startsWith('secret') ? bit(1) : new Uint8Array(0),
    };
    const { outputs } = await check(program, inputs, setting);
    assert.deepEqual(
      [...outputs],
      [...bit(0)].map((x, i) => expected(x, bit(1)[i] ?? 0)),
      name,
    );
  }
});

test('vectors of lengths round words, keys and messages', async () => {
  for (const lanes of [1, 63, 64, 65, GATES_PER_KEY - 1, GATES_PER_KEY + 1, MESSAGE_BYTES / 16 + 1]) {
    const c = new CircuitBuilder();
    const [a, b] = [c.input('garbler', lanes), c.input('evaluator', lanes)];
    const both = c.and(a, b);
    c.output(c.andSecret(c.xor(both, a), 1));
    c.output(c.not(both));
    await check(c.build());
  }
});

test('circuits of random shape', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.array(fc.tuple(fc.nat(6), fc.nat(1000), fc.nat(1000)), { maxLength: 25 }),
      async (lanes, steps) => {
        const c = new CircuitBuilder();
        const wires = [c.input('garbler', lanes), c.input('evaluator', lanes), c.input('evaluator', lanes)];
        for (const [op, i, j] of steps) {
          const a = wires[i % wires.length] ?? assert.fail();
          const b = wires[j % wires.length] ?? assert.fail();
          if (op === 0) wires.push(c.xor(a, b));
          else if (op === 1) wires.push(c.and(a, b));
          else if (op === 2) wires.push(c.not(a));
          else if (op === 3) wires.push(c.andSecret(a, lanes));
          else if (op === 6) wires.push(c.xorSecret(a));
          else if (op === 4) {
            const cut = j % (lanes + 1);
            wires.push(c.join([c.slice(b, cut, lanes - cut), c.slice(a, 0, cut)]));
          } else c.output(a);
        }
        c.output(wires.at(-1) ?? assert.fail());
        await check(c.build());
      },
    ),
    { numRuns: 60 },
  );
});

/** Sort, compare, keep, shuffle and count, on n words of a few bits. */
function everything(n: number): { program: Program; inputs: Inputs } {
  const bits = 6;
  const c = new CircuitBuilder();
  const sorted = mergeSorted(c, inputWord(c, 'evaluator', bits, n), inputWord(c, 'garbler', bits, n));
  const found = commonWords(c, sorted);
  c.output(shuffle(c, keepWhere(c, found, sorted.even)).wires);
  const sum = countOf(c, found);
  c.output(sum.wires);
  c.output(atLeast(c, sum, 3));
  const program = c.build();
  const values = (sign: number) =>
    Array.from({ length: n }, (_, i) => 2 * i + (i % 3 === 0 ? 1 : 0)).sort((a, b) => sign * (a - b));
  const wires = (list: readonly number[]) =>
    Uint8Array.from({ length: bits * n }, (_, at) => ((list[at % n] ?? 0) >> Math.floor(at / n)) & 1);
  const permutation = Uint32Array.from({ length: n }, (_, i) => i ^ (5 % n));
  const inputs = { evaluator: wires(values(1)), garbler: wires(values(-1)), secrets: routing(permutation) };
  return { program, inputs };
}

test('sorting, shuffling and counting, garbled', async () => {
  const { program, inputs } = everything(16);
  await check(program, inputs);
});

test('the stream is, byte for byte, that of an independent garbler which works gate by gate', async () => {
  const { program, inputs } = everything(16);
  const c = new CircuitBuilder();
  const [a, b] = [c.input('garbler', 4100), c.input('evaluator', 4100)];
  c.output(c.slice(c.andSecret(c.xorSecret(c.not(c.and(a, b))), 4100), 4000, 100));
  const long = c.build();
  for (const [circuit, bits] of [
    [program, inputs],
    [long, randomInputs(long)],
  ] as const) {
    const setting = randomSetting(circuit);
    const stream = Buffer.concat(await garbled(circuit, bits, setting));
    assert.equal(Buffer.compare(stream, referenceStream(circuit, bits, setting)), 0);
  }
});

describe('what must not be', () => {
  test('no label and no table comes twice, neither in a run nor in another of the same inputs', async () => {
    const { program, inputs } = everything(8);
    const seen = new Set<string>();
    let blocks = 0;
    for (let run = 0; run < 2; run++) {
      const { messages } = await check(program, inputs);
      const stream = Buffer.concat(messages);
      for (let at = 0; at < stream.length; at += 16, blocks++) seen.add(stream.toString('hex', at, at + 16));
    }
    assert.equal(seen.size, blocks);
  });

  test('a table, a label or a decoding that was changed shows at the outputs', async () => {
    const c = new CircuitBuilder();
    const [a, b] = [c.input('garbler', 40), c.input('evaluator', 40)];
    c.output(c.and(a, b));
    const program = c.build();
    const inputs = {
      garbler: new Uint8Array(40).fill(1),
      evaluator: new Uint8Array(40).fill(1),
      secrets: new Uint8Array(0),
    };
    const setting = randomSetting(program);
    const [message] = await garbled(program, inputs, setting);
    assert.ok(message);
    let noticed = 0;
    // The seed, a label, and the two rows and the decoding of gate 7, of which each run needs half.
    for (const at of [0, 16 + 16 * 7, 656 + 32 * 7, 656 + 32 * 7 + 16, 1936 + 16 * 7 + 8]) {
      const changed = Uint8Array.from(message);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      try {
        await evaluated(program, inputs, setting, [changed]);
      } catch (error) {
        assert.match(String(error), /output \d+ of the garbled circuit has an unknown label/);
        noticed++;
      }
    }
    // Seed, label and decoding for certain; the rows where the permute bits say so.
    assert.ok(noticed >= 3, `${noticed} of 5`);
  });

  test('wrong inputs and messages are named', async () => {
    const { program, inputs } = everything(2);
    const setting = randomSetting(program);
    await assert.rejects(
      garbled(program, { ...inputs, garbler: new Uint8Array(3) }, setting),
      /"bits" must be 12 bits, got 3/,
    );
    await assert.rejects(
      garbled(program, { ...inputs, secrets: new Uint8Array(1).fill(2) }, setting),
      /"secrets" must be bytes of 0 and 1/,
    );
    await assert.rejects(
      garbled(program, inputs, { ...setting, gamma: new Uint8Array(16) }),
      /"gamma" must be 16 bytes with the lowest bit set/,
    );
    const [message] = await garbled(program, inputs, setting);
    await assert.rejects(
      evaluated(program, inputs, setting, [(message ?? assert.fail()).subarray(1)]),
      /the circuit must have \d+ bytes, got \d+/,
    );
  });
});
