import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { systemRandom } from '../../../bench/party/random.ts';
import { SparseStore } from '../okvs/sparse/sparse.ts';
import type { FreeColumns } from '../okvs/store.ts';
import { COT_BASE, CotReceiver, CotSender } from '../ot/cot.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { opprfKernel } from './kernel.ts';
import { headBytes, OpprfReceiver } from './receiver.ts';
import { answerBytes, hintBytes, OpprfSender } from './sender.ts';
import { opprfShape } from './shape.ts';

/** Transfers as base transfers would have made them. */
function transfers() {
  const delta = randomBytes(16);
  const pairs = { zero: randomBytes(16 * COT_BASE), one: randomBytes(16 * COT_BASE) };
  const chosen = new Uint8Array(16 * COT_BASE);
  for (let j = 0; j < COT_BASE; j++) {
    const side = ((delta[j >> 3] ?? 0) >> (j & 7)) & 1 ? pairs.one : pairs.zero;
    chosen.set(side.subarray(16 * j, 16 * j + 16), 16 * j);
  }
  return {
    delta,
    receiver: new CotReceiver('iknp', pairs),
    sender: new CotSender('iknp', delta, chosen, 'receiver'),
  };
}

function place(memory: WorkingMemory, bytes: Uint8Array): number {
  const address = memory.allocate(bytes.length);
  memory.bytes(address, bytes.length).set(bytes);
  return address;
}

const blocks = (bytes: Uint8Array, length = 16) =>
  Array.from({ length: bytes.length / 16 }, (_, i) =>
    Buffer.from(bytes.subarray(16 * i, 16 * i + length)).toString('hex'),
  );

/** Plays both sides on the given keys; `targets` has 16 bytes for each programmed key. */
function play(
  own: Uint8Array,
  programmed: Uint8Array,
  targets: Uint8Array,
  bits = 57,
  free: FreeColumns = 'random',
) {
  const shape = opprfShape(own.length / 16, programmed.length / 16, bits);
  const { delta, receiver: r, sender: s } = transfers();
  const [mine, theirs] = [new WorkingMemory(), new WorkingMemory()];
  const receiver = new OpprfReceiver(mine, shape, place(mine, own), r.run(mine, 0), systemRandom);
  const sender = new OpprfSender(theirs, shape, delta, systemRandom, 1000);
  const run = s.run(theirs, 0);
  assert.equal(receiver.head.length, headBytes(shape, run));
  const answer = sender.answer(receiver.head, run, delta);
  assert.equal(answer.length, answerBytes(shape));
  for (let first = 0; first < shape.columns; first += 1000) {
    sender.take(receiver.columns.slice(16 * first, 16 * (first + 1000)), first);
  }
  const values = mine.allocate(own.length);
  receiver.answer(answer, values);
  const before = mine.bytes(values, own.length).slice();

  const keys = place(theirs, programmed);
  const evaluated = theirs.allocate(own.length);
  sender.evaluate(place(theirs, own), own.length / 16, evaluated);
  const hint = sender.hint(keys, place(theirs, targets), free);
  assert.equal(hint.length, hintBytes(shape));
  receiver.program(
    hint.slice(0, 16),
    place(mine, Buffer.concat([hint.subarray(16), Buffer.alloc(16)])),
    values,
  );
  return {
    shape,
    hint,
    before,
    evaluated: theirs.bytes(evaluated, own.length).slice(),
    after: mine.bytes(values, own.length).slice(),
  };
}

test('the sender can evaluate the function at the receiver’s keys, in their order', () => {
  for (const count of [1, 3, 371, 20_000]) {
    const { before, evaluated } = play(randomBytes(16 * count), randomBytes(16), randomBytes(16));
    assert.equal(Buffer.compare(before, evaluated), 0, `${count} keys`);
    assert.equal(new Set(blocks(before)).size, count);
  }
});

test('the value is the target exactly at programmed keys, whatever the order, and something else elsewhere', () => {
  for (const [bins, programmed, bits] of [
    [3, 3, 42],
    [371, 768, 49],
    [1364, 100, 51],
    [700, 20_000, 64],
  ] as const) {
    const own = randomBytes(16 * bins);
    const theirs = randomBytes(16 * programmed);
    const shared = Math.min(bins, programmed) >> 1;
    for (let i = 0; i < shared; i++)
      theirs.set(own.subarray(16 * (2 * i), 16 * (2 * i) + 16), 16 * (programmed - 1 - i));
    const targets = randomBytes(16 * programmed);
    const { after, shape } = play(own, theirs, targets, bits);
    const [values, wanted] = [blocks(after, shape.bytes), blocks(targets, shape.bytes)];
    const place = new Map(blocks(theirs).map((key, i) => [key, i]));
    let right = 0;
    blocks(own).forEach((key, i) => {
      const at = place.get(key);
      if (at === undefined) assert.ok(!wanted.includes(values[i] ?? ''));
      else {
        assert.equal(values[i], wanted[at]);
        right++;
      }
    });
    assert.equal(right, shared);
  }
});

test('nothing programmed: the hint has the size of one key and says nothing', () => {
  const own = randomBytes(16 * 10);
  const { before, after, hint, shape } = play(own, new Uint8Array(0), new Uint8Array(0));
  assert.equal(hint.length, 16 + shape.hintColumns * shape.bytes);
  assert.notEqual(Buffer.compare(before, after), 0);
});

describe('what free columns give away', () => {
  const SETS = 1000;
  /** How many of the keys can be ruled out from the hint alone: all columns of their rows' sparse part are zero. */
  function ruledOut(keys: Uint8Array, hint: Uint8Array, programmed: number, bytes: number): number {
    const memory = new WorkingMemory();
    const store = new SparseStore(memory, programmed);
    const { rows, count } = store.arrange(place(memory, keys), keys.length / 16, hint.slice(0, 16));
    const view = new DataView(memory.memory.buffer, rows, count * 16);
    const zero = (column: number) =>
      hint.subarray(16 + column * bytes, 16 + (column + 1) * bytes).every((byte) => byte === 0);
    let out = 0;
    for (let i = 0; i < count; i++) {
      if ([0, 2, 4].every((at) => zero(view.getUint16(16 * i + at, true)))) out++;
    }
    return out;
  }

  test('zero ones tell a receiver, for every guess, that it may not be an item of the sender; random ones do not', () => {
    const theirs = randomBytes(16 * SETS);
    const guesses = randomBytes(16 * 20 * SETS);
    const own = randomBytes(16 * 100);
    const count = (free: FreeColumns) => {
      const { hint, shape } = play(own, theirs, randomBytes(16 * SETS), 57, free);
      return {
        members: ruledOut(theirs, hint, SETS, shape.bytes),
        others: ruledOut(guesses, hint, SETS, shape.bytes),
      };
    };
    const zero = count('zero');
    assert.equal(zero.members, 0);
    // Nearly a third of the columns are free: about 0.32^3 of the guesses, 650 of 20,000.
    assert.ok(zero.others > 300, `${zero.others} of ${20 * SETS} guesses were ruled out`);
    assert.deepEqual(count('random'), { members: 0, others: 0 });
  });
});

describe('the kernel', () => {
  test('cut and spread are inverse up to what was cut off, for every width', () => {
    const memory = new WorkingMemory();
    const kernel = opprfKernel(memory);
    const data = randomBytes(16 * 9);
    for (let width = 1; width <= 16; width++) {
      const [from, cut, back] = [place(memory, data), memory.allocate(200), memory.allocate(200)];
      kernel.cut(from, 9, width, cut);
      const short = Buffer.concat(Array.from({ length: 9 }, (_, i) => data.subarray(16 * i, 16 * i + width)));
      assert.equal(Buffer.compare(memory.bytes(cut, 9 * width), short), 0);
      kernel.spread(cut, 9, width, back);
      assert.deepEqual(blocks(memory.bytes(back, 144).slice(), width), blocks(data, width));
      assert.ok(
        Array.from({ length: 9 }, (_, i) => memory.bytes(back + 16 * i + width, 16 - width))
          .flatMap((b) => [...b])
          .every((b) => b === 0),
      );
    }
  });

  test('keys of different bins or items are different; bits lie bit by bit', () => {
    const memory = new WorkingMemory();
    const kernel = opprfKernel(memory);
    const items = place(memory, randomBytes(32));
    const bins = place(memory, new Uint8Array(Uint32Array.from([5, 6, 700_000, 5, 0, 1]).buffer));
    const keys = memory.allocate(96);
    kernel.itemKeys(items, bins, 2, keys);
    const made = blocks(memory.bytes(keys, 96).slice());
    assert.equal(new Set(made).size, 6);
    // The table has item 1 by its first hash in bin 5, and nothing elsewhere.
    const table = place(
      memory,
      new Uint8Array(Uint32Array.from({ length: 7 }, (_, i) => (i === 5 ? 3 : 9)).buffer),
    );
    const out = memory.allocate(7 * 16);
    memory.bytes(out, 112).fill(0);
    kernel.tableKeys(items, table, 7, 9, out);
    assert.deepEqual(
      blocks(memory.bytes(out, 112).slice()).map((key) =>
        key === made[3] ? 1 : Number(key !== '0'.repeat(32)) * 2,
      ),
      [0, 0, 0, 0, 0, 1, 0],
    );
    const words = place(memory, new Uint8Array(BigUint64Array.from([5n, 0n, 2n, 0n]).buffer));
    const bits = memory.allocate(6);
    kernel.bits(words, 2, 3, 0, bits);
    assert.deepEqual([...memory.bytes(bits, 6)], [1, 0, 0, 1, 1, 0]);
    kernel.bits(words, 2, 3, 1, bits);
    assert.deepEqual([...memory.bytes(bits, 6)], [0, 1, 1, 0, 0, 1]);
  });
});
