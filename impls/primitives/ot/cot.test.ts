import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import { seededRandom, systemRandom } from '../../../bench/party/random.ts';
import { WorkingMemory } from '../working-memory/working-memory.ts';
import { BaseOtReceiver, BaseOtSender, type KeyPairs } from './base.ts';
import { COT_BASE, COT_KINDS, type CotKind, CotReceiver, CotSender } from './cot.ts';

const bit = (bits: Uint8Array, j: number) => ((bits[j >> 3] ?? assert.fail()) >> (j & 7)) & 1;
const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte ^ (b[i] ?? assert.fail()));
const at = (keys: Uint8Array, i: number) => keys.subarray(16 * i, 16 * i + 16);

/** Keys as base transfers would have made them. */
function keysFrom(seed: string, delta: Uint8Array): { pairs: KeyPairs; chosen: Uint8Array } {
  const random = seededRandom(seed);
  const pairs = { zero: random.bytes(16 * COT_BASE), one: random.bytes(16 * COT_BASE) };
  const chosen = new Uint8Array(16 * COT_BASE);
  for (let j = 0; j < COT_BASE; j++) chosen.set(at(bit(delta, j) ? pairs.one : pairs.zero, j), 16 * j);
  return { pairs, chosen };
}

function parties(kind: CotKind, seed: string) {
  const delta = seededRandom(`${seed} delta`).bytes(16);
  const { pairs, chosen } = keysFrom(seed, delta);
  return {
    pairs,
    chosen,
    receiver: new CotReceiver(kind, pairs),
    sender: new CotSender(kind, delta, chosen, 'receiver'),
  };
}

/** Plays calls of `counts` transfers in one run; returns everything. */
function play(
  kind: CotKind,
  seed: string,
  run: number,
  counts: readonly number[],
  made = parties(kind, seed),
) {
  const [r, s] = [new WorkingMemory(), new WorkingMemory()];
  const [receiving, sending] = [made.receiver.run(r, run), made.sender.run(s, run)];
  return counts.map((count, call) => {
    const choices = seededRandom(`${seed} choices ${call}`).bytes(Math.ceil(count / 8));
    const [rows, theirs] = [r.allocate(16 * count), s.allocate(16 * count)];
    const expected = [receiving.messageBytes(count), sending.messageBytes(count)];
    const message = receiving.extend(choices, count, rows);
    assert.deepEqual(expected, [message.length, message.length]);
    sending.extend(message, count, theirs);
    const copy = (memory: WorkingMemory, address: number) =>
      Uint8Array.from(memory.bytes(address, 16 * count));
    return { count, choices, message, t: copy(r, rows), q: copy(s, theirs), delta: made.sender.delta };
  });
}

/** What is wrong with the rows, if anything: q = t + ρ·Δ for every row. */
function wrongRow({ count, choices, t, q, delta }: ReturnType<typeof play>[number]): number {
  for (let i = 0; i < count; i++) {
    const expected = bit(choices, i) ? xor(at(t, i), delta) : at(t, i);
    if (Buffer.compare(at(q, i), expected) !== 0) return i;
  }
  return -1;
}

for (const kind of COT_KINDS) {
  describe(`correlated transfers by ${kind}`, () => {
    test('q = t + ρ·Δ on every row, over pieces and several calls', () => {
      const counts = [0, 1, 127, 128, 129, 1000, (1 << 16) + 300];
      for (const done of play(kind, 'relation', 0, counts)) {
        assert.equal(wrongRow(done), -1, `${done.count} transfers`);
        // Rows look random: half of the bits, within seven standard deviations.
        const ones = done.t.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
        const bits = done.count * 128;
        assert.ok(Math.abs(ones - bits / 2) <= 3.5 * Math.sqrt(bits));
      }
    });

    test('from real base transfers', () => {
      const delta = systemRandom.bytes(16);
      const options = { count: COT_BASE, context: 'cot', random: systemRandom, peer: 'other' };
      const base = {
        sender: new BaseOtSender(options),
        receiver: new BaseOtReceiver({ ...options, choices: delta }),
      };
      const made = {
        pairs: { zero: delta, one: delta },
        chosen: delta,
        receiver: new CotReceiver(kind, base.sender.keys(base.receiver.message)),
        sender: new CotSender(kind, delta, base.receiver.keys(base.sender.message), 'receiver'),
      };
      for (const done of play(kind, 'real', 0, [300], made)) assert.equal(wrongRow(done), -1);
    });

    test('messages and rows are those of a plain second implementation with the same keys', () => {
      const made = parties(kind, 'second');
      made.receiver.run(new WorkingMemory(), 6);
      made.sender.run(new WorkingMemory(), 6);
      const plain = kind === 'iknp' ? plainIknp : plainSoftSpoken;
      let counter = 0;
      for (const [call, done] of play(kind, 'second', 7, [200, 65], made).entries()) {
        const expected = plain(made.pairs, 7, counter, done.choices, done.count, call === 0);
        counter += Math.ceil(done.count / 128);
        assert.deepEqual(done.message, expected.message);
        assert.deepEqual(done.t, expected.rows);
      }
    });

    test('runs are warm: other numbers, other rows; a number never comes back', () => {
      const made = parties(kind, 'warm');
      const seen = new Set<string>();
      for (const run of [0, 1, 5, 2 ** 40]) {
        const [done = assert.fail()] = play(kind, 'warm', run, [128], made);
        assert.equal(wrongRow(done), -1);
        for (let i = 0; i < 128; i++) {
          seen.add(Buffer.from(at(done.t, i)).toString('hex'));
        }
      }
      assert.equal(seen.size, 4 * 128);
      const memory = new WorkingMemory();
      for (const run of [0, 3, 2 ** 40]) {
        assert.throws(
          () => made.receiver.run(memory, run),
          /has been made already, the next one is 1099511627777/,
        );
        assert.throws(() => made.sender.run(memory, run), /has been made already/);
      }
      assert.throws(() => made.sender.run(memory, -1), /"run" must be a whole number/);
      assert.equal(made.sender.runs.next, 2 ** 40 + 1);
    });

    test('what does not fit is named', () => {
      const made = parties(kind, 'faults');
      const memory = new WorkingMemory();
      const run = made.sender.run(memory, 0);
      const rows = memory.allocate(160);
      const bytes = run.messageBytes(10);
      for (const length of [0, bytes - 1, bytes + 1]) {
        assert.throws(
          () => run.extend(new Uint8Array(length), 10, rows),
          new RegExp(
            `the receiver's message for 10 correlated transfers must have ${bytes} bytes, got ${length}:`,
          ),
        );
      }
      const receiving = made.receiver.run(memory, 0);
      assert.throws(
        () => receiving.extend(new Uint8Array(1), 10, rows),
        /"choices" must have 2 bytes for 10/,
      );
      assert.throws(
        () => new CotReceiver(kind, { zero: rowsOf(1), one: rowsOf(128) }),
        /"keys" must be 128 keys/,
      );
      assert.throws(
        () => new CotSender(kind, rowsOf(2), rowsOf(128), 'receiver'),
        /"delta" must have 16 bytes/,
      );
    });
  });
}

test('softspoken sends a quarter', () => {
  const memory = new WorkingMemory();
  const [iknp, softspoken] = COT_KINDS.map((kind) => parties(kind, 'bytes').receiver.run(memory, 0));
  assert.equal(iknp?.messageBytes(10_000), 160_000);
  assert.equal(softspoken?.messageBytes(10_000), 3_072 + 40_000);
});

const rowsOf = (count: number) => new Uint8Array(16 * count);

// ---- plain second implementations: bit by bit, one AES block at a time ---------------------------

function aes(key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block);
}

function counterBlock(run: number, low: bigint): Uint8Array {
  const block = new Uint8Array(16);
  const view = new DataView(block.buffer);
  view.setBigUint64(0, BigInt(run));
  view.setBigUint64(8, low);
  return block;
}

/** Bit i of the run's stream from block `counter` on. */
function streamBit(key: Uint8Array, run: number, counter: number, i: number): number {
  return bit(aes(key, counterBlock(run, BigInt(counter + (i >> 7)))), i & 127);
}

type Plain = (
  pairs: KeyPairs,
  run: number,
  counter: number,
  choices: Uint8Array,
  count: number,
  first: boolean,
) => { message: Uint8Array; rows: Uint8Array };

const plainIknp: Plain = (pairs, run, counter, choices, count) => {
  const [message, rows] = [rowsOf(count), rowsOf(count)];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < 128; j++) {
      const t = streamBit(at(pairs.zero, j), run, counter, i);
      const u = t ^ streamBit(at(pairs.one, j), run, counter, i) ^ bit(choices, i);
      rows[16 * i + (j >> 3)]! |= t << (j & 7);
      message[16 * i + (j >> 3)]! |= u << (j & 7);
    }
  }
  return { message, rows };
};

const plainSoftSpoken: Plain = (pairs, run, counter, choices, count, withTrees) => {
  const child = (node: Uint8Array, side: number) =>
    xor(aes(Buffer.from(side ? 'softspoken right' : 'softspoken left.'), node), node);
  const rows = rowsOf(count);
  const sums = new Uint8Array(4 * count);
  const trees: Uint8Array[] = [];
  for (let block = 0; block < 32; block++) {
    const mask = (d: number, side: number) =>
      aes(at(side ? pairs.one : pairs.zero, 4 * block + d), counterBlock(run, 2n ** 64n - 1n));
    // A node by its path, a string of turns.
    const node = (path: string): Uint8Array =>
      path.length === 1 ? mask(0, Number(path)) : child(node(path.slice(0, -1)), Number(path.at(-1)));
    const paths = (length: number) =>
      Array.from({ length: 1 << length }, (_, i) => i.toString(2).padStart(length, '0'));
    for (let d = 1; d < 4; d++) {
      for (const side of [0, 1]) {
        const children = paths(d + 1).filter((path) => Number(path.at(-1)) === side);
        trees.push(xor(children.map(node).reduce(xor), mask(d, side)));
      }
    }
    for (const path of paths(4)) {
      const leaf = node(path);
      for (let i = 0; i < count; i++) {
        const value = streamBit(leaf, run, counter, i);
        sums[4 * i + (block >> 3)]! ^= value << (block & 7);
        for (let d = 0; d < 4; d++) {
          const j = 4 * block + d;
          if (path[d] === '0') rows[16 * i + (j >> 3)]! ^= value << (j & 7);
        }
      }
    }
  }
  for (let i = 0; i < count; i++) {
    if (bit(choices, i)) for (let k = 0; k < 4; k++) sums[4 * i + k]! ^= 0xff;
  }
  return { message: Uint8Array.from(Buffer.concat(withTrees ? [...trees, sums] : [sums])), rows };
};
