/** The transcript against a plain second implementation from the same seeds, and the relations behind it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { play } from '../../bench/conformance/index.ts';
import { seededRandom } from '../../bench/party/random.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { tagLength } from '../primitives/digest/tag-length.ts';
import { packItems } from '../primitives/items.ts';
import kkrt from './index.ts';
import { codeWord, hashedItem, plainRun } from './testing.ts';

const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => Buffer.from(`item ${from + i}`));

/** The randomness that the harness gives the parties of a run with this seed. */
const seeded = (seed: string) => ({
  receiver: seededRandom(`receiver ${seed}`),
  sender: seededRandom(`sender ${seed}`),
});

async function both(seed: string, receiver: Buffer[], sender: Buffer[]) {
  const sizes = { receiver: receiver.length, sender: sender.length };
  const width = tagLength(sizes);
  const plain = plainRun(seeded(seed), receiver, sender, binsFor(receiver.length), width);
  const { transcript, endings } = await play(kkrt, {
    receiver: packItems(receiver),
    sender: packItems(sender),
    seed,
  });
  const ending = endings.get('receiver');
  return { plain, width, transcript, ending };
}

describe('a plain second implementation with the same seeds', () => {
  for (const [own, theirs, from] of [
    [20, 30, 10],
    [1, 5, 0],
    [5, 1, 4],
    [70, 3, 68],
  ] as const) {
    test(`${own} × ${theirs}: the same messages and the same result`, async () => {
      const seed = `${own} × ${theirs}`;
      const { plain, transcript, ending } = await both(seed, names(0, own), names(from, theirs));
      const hello = new Uint8Array(24);
      const expected = [
        ['receiver', hello],
        ['receiver', plain.receiverBase],
        ['sender', hello],
        // In four parts, of which the first has the nonce.
        ...[0, 1, 2, 3].map(
          (i) => ['sender', plain.senderBase.subarray(i && 16 + 7168 * i, 16 + 7168 * (i + 1))] as const,
        ),
        ['receiver', plain.keys],
        ['receiver', plain.rows],
        ...plain.lists.map((list) => ['sender', list] as const),
      ] as const;
      for (const role of ['receiver', 'sender']) {
        assert.deepEqual(
          transcript
            .filter((message) => message.from === role)
            .map(({ bytes }) => Buffer.from(bytes).toString('hex')),
          expected.filter(([name]) => name === role).map(([, bytes]) => Buffer.from(bytes).toString('hex')),
        );
      }
      assert.equal(ending?.state, 'done');
      assert.deepEqual(ending?.state === 'done' && ending.value, Uint32Array.from(plain.result));
      const shared = Array.from({ length: own }, (_, i) => i).filter((i) => i >= from && i < from + theirs);
      assert.deepEqual(plain.result, shared);
    });
  }

  test('q = t + (C ∧ s) on every row, and code words are 128 bits apart', () => {
    const { t, q, code, secret, keys, placed } = plainRun(
      seeded('rows'),
      names(0, 25),
      names(20, 10),
      binsFor(25),
      8,
    );
    t.forEach((row, i) => {
      assert.deepEqual(
        q[i],
        row.map((bit, j) => bit ^ ((code[i]?.[j] ?? 0) & (secret[j] ?? 0))),
      );
    });
    const distance = (a: number[], b: number[]) => a.reduce((sum, bit, j) => sum + (bit ^ (b[j] ?? 0)), 0);
    for (const [bin, entry] of placed.entries()) {
      if (!entry) continue;
      const word = code[bin] ?? [];
      // An item of the sender that is another one, and the same item under another hash function.
      for (const other of names(100, 30))
        assert.ok(distance(word, codeWord(keys, hashedItem(other), entry.iota)) >= 128);
      const same = hashedItem(Buffer.from(`item ${entry.item}`));
      for (const iota of [0, 1, 2]) {
        assert.equal(distance(word, codeWord(keys, same, iota)), iota === entry.iota ? 0 : 224);
      }
    }
  });
});

describe('the orders of the three lists', () => {
  const COUNT = 150;
  const SEEDS = 8;

  /** Correlation of two orders: independent ones have mean 0 and variance 1/(n - 1). */
  function correlation(a: Uint32Array, b: Uint32Array): number {
    const middle = (a.length - 1) / 2;
    const sum = a.reduce((all, place, i) => all + (place - middle) * ((b[i] ?? 0) - middle), 0);
    return sum / ((a.length * (a.length ** 2 - 1)) / 12);
  }

  test('are as independent of one another and of the set as random ones, on the wire', async () => {
    const identity = Uint32Array.from({ length: COUNT }, (_, i) => i);
    const sums = { lists: 0, set: 0, fixed: 0 };
    for (let i = 0; i < SEEDS; i++) {
      const { plain, transcript, width } = await both(`orders ${i}`, names(0, 4), names(1000, COUNT));
      // The wire has what the plain implementation puts at its places: so its places are those on the wire.
      const sent = transcript.filter(({ from, phase }) => from === 'sender' && phase === 'online');
      assert.deepEqual(
        sent.map(({ bytes }) => Buffer.from(bytes)),
        plain.lists.map((list) => Buffer.from(list)),
      );
      const tags = plain.lists.flatMap((list) =>
        Buffer.from(list)
          .toString('hex')
          .match(new RegExp(`.{${2 * width}}`, 'g')),
      );
      assert.equal(new Set(tags).size, 3 * COUNT);
      const [a = identity, b = identity, c = identity] = plain.orders;
      for (const [x, y] of [
        [a, b],
        [b, c],
        [c, a],
      ] as const) {
        sums.lists += correlation(x, y);
        sums.set += correlation(x, identity);
        sums.fixed += x.filter((place, item) => place === y[item]).length;
      }
    }
    const terms = 3 * SEEDS;
    const sigma = Math.sqrt(1 / (COUNT - 1) / terms);
    assert.ok(Math.abs(sums.lists / terms) < 5 * sigma, `lists correlate: ${sums.lists / terms}`);
    assert.ok(Math.abs(sums.set / terms) < 5 * sigma, `lists follow the set: ${sums.set / terms}`);
    // Two random orders agree at one place on average, with variance 1.
    assert.ok(Math.abs(sums.fixed - terms) < 5 * Math.sqrt(terms), `${sums.fixed} equal places`);
    // The measure does see equal orders.
    assert.ok(correlation(identity, identity) > 0.999);
  });
});
