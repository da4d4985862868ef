/** Runs as a whole: many blocks, kept state, faults with names, a real data set. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { type PlayInput, play, runInMemory } from '../../bench/conformance/index.ts';
import type { Role } from '../../bench/contract.ts';
import { binsFor } from '../primitives/cuckoo/bins.ts';
import { packItems } from '../primitives/items.ts';
import kkrt from './index.ts';
import { BLOCK_BINS, ROW_BYTES } from './parameters.ts';

const numbers = (from: number, count: number) =>
  packItems(Array.from({ length: count }, (_, i) => `patient ${from + i}`));
const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const freshlyKept = (): Record<Role, Map<string, unknown>> => ({
  receiver: new Map(),
  sender: new Map(),
  helper: new Map(),
});

describe('sizes', () => {
  test('more bins than a block has, and more items of the sender than a chunk', async () => {
    const own = 51_000;
    const bins = binsFor(own);
    assert.ok(bins > BLOCK_BINS);
    const { result, transcript, flights } = await runInMemory(kkrt, {
      receiver: numbers(0, own),
      sender: numbers(own - 777, 3_000),
    });
    assert.deepEqual(result, range(own - 777, own));
    const online = transcript
      .filter(({ phase }) => phase === 'online')
      .map(({ from, bytes }) => `${from} ${bytes.length}`);
    assert.deepEqual(online, [
      'receiver 80',
      `receiver ${BLOCK_BINS * ROW_BYTES}`,
      `receiver ${(bins - BLOCK_BINS) * ROW_BYTES}`,
      // 40 + log2(51,000 · 3,000) bits: 9 bytes.
      ...Array.from({ length: 3 }, () => `sender ${3_000 * 9}`),
    ]);
    assert.deepEqual(flights, { setup: 1, prepare: 0, online: 2 });
  });

  test('threads change nothing on the wire, with more rows than a tile and fewer pairs than threads', async () => {
    for (const [own, theirs] of [
      [7_000, 9_000],
      [3, 1],
    ] as const) {
      const input = { receiver: numbers(0, own), sender: numbers(own - 1, theirs), seed: 'threads' };
      const [one, three] = await Promise.all(
        [1, 3].map((threads) => runInMemory(kkrt, { ...input, threads })),
      );
      assert.deepEqual(one?.result, Uint32Array.of(own - 1));
      assert.deepEqual(three?.result, one?.result);
      const hex = (run: typeof one) =>
        run?.transcript.map(({ from, bytes }) => `${from} ${Buffer.from(bytes).toString('hex')}`).sort();
      assert.equal(hex(three)?.join() === hex(one)?.join(), true);
    }
  });

  test('FEBRL 4: 4,561 shared numbers of 5,000 records each', async (t) => {
    const folder = new URL('../../../shared/data/febrl4/', import.meta.url);
    if (!existsSync(folder)) return t.skip('the data set is not here: ../shared/data/febrl4');
    const read = (file: string) => {
      const rows = parse(readFileSync(new URL(file, folder)), {
        columns: (names: string[]) => names.map((name) => name.trim()),
        trim: true,
      }) as Record<string, string>[];
      return packItems([...new Set(rows.flatMap(({ soc_sec_id: number }) => (number ? [number] : [])))]);
    };
    const { result } = await runInMemory(kkrt, { receiver: read('a.csv'), sender: read('b.csv') });
    assert.equal(result.length, 4561);
  });
});

describe('what is kept', () => {
  const sets = { receiver: numbers(0, 12), sender: numbers(6, 9) };
  const setupBytes = (run: Awaited<ReturnType<typeof runInMemory>>) =>
    run.counts.filter(({ phase }) => phase === 'setup').reduce((sum, { bytes }) => sum + bytes, 0);

  for (const base of ['direct', 'extended']) {
    test(`${base}: a warm run sends greetings only, and nothing that was sent before`, async () => {
      const kept = freshlyKept();
      const seen = new Set<string>();
      for (let i = 0; i < 3; i++) {
        const run = await runInMemory(kkrt, { ...sets, kept, options: { base } });
        assert.deepEqual(run.result, range(6, 12));
        if (i > 0) assert.equal(setupBytes(run), 48);
        for (const { bytes, phase } of run.transcript) {
          if (phase !== 'online') continue;
          const text = Buffer.from(bytes).toString('hex');
          assert.ok(!seen.has(text));
          seen.add(text);
        }
      }
    });
  }

  test('who has lost its state, or keeps another one, gets a new one', async () => {
    for (const role of ['receiver', 'sender'] as const) {
      const [kept, other] = [freshlyKept(), freshlyKept()];
      await runInMemory(kkrt, { ...sets, kept });
      await runInMemory(kkrt, { ...sets, kept: other });
      for (const lost of [new Map(), other[role]]) {
        const mixed = { ...kept, [role]: lost };
        const run = await runInMemory(kkrt, { ...sets, kept: mixed });
        assert.deepEqual(run.result, range(6, 12));
        assert.ok(setupBytes(run) > 40_000);
        assert.equal(setupBytes(await runInMemory(kkrt, { ...sets, kept: mixed })), 48);
      }
    }
  });

  test('a number that one party has used is not used again, even if the run failed', async () => {
    const kept = freshlyKept();
    await runInMemory(kkrt, { ...sets, kept });
    // The sender has taken its number, the receiver never hears of it.
    await play(kkrt, {
      ...sets,
      kept,
      mesh: { tamper: ({ from, bytes }) => (from === 'sender' ? bytes.subarray(1) : undefined) },
    });
    const { transcript, result } = await runInMemory(kkrt, { ...sets, kept });
    assert.deepEqual(result, range(6, 12));
    const next = transcript
      .filter(({ phase }) => phase === 'setup')
      .map(({ from, bytes }) => [from, Number(Buffer.from(bytes).readBigUInt64BE(16))]);
    assert.deepEqual(Object.fromEntries(next), { receiver: 1, sender: 2 });
  });

  test('numbers that have run out are named', async () => {
    const kept = freshlyKept();
    await runInMemory(kkrt, { ...sets, kept });
    const { endings } = await play(kkrt, {
      ...sets,
      kept,
      mesh: {
        tamper: ({ bytes, index }) => {
          if (index !== 0) return undefined;
          const forged = Buffer.from(bytes);
          forged.writeBigUInt64BE(2n ** 32n, 16);
          return forged;
        },
      },
    });
    const ending = endings.get('receiver');
    assert.match(
      String(ending?.state === 'failed' && ending.error),
      /asks for run 4294967296, the last possible is/,
    );
  });
});

describe('a message of the wrong length is an error that names it', () => {
  const input = { receiver: numbers(0, 12), sender: numbers(6, 9) };
  /** What the party says that receives message `index` of `from` with `change` bytes more or less. */
  async function complaint(
    options: PlayInput['options'],
    from: Role,
    index: number,
    change: number,
  ): Promise<string> {
    const { endings } = await play(kkrt, {
      ...input,
      options: options ?? {},
      mesh: {
        tamper: (message) => {
          if (message.from !== from || message.index !== index) return undefined;
          const forged = new Uint8Array(message.bytes.length + change);
          forged.set(message.bytes.subarray(0, forged.length));
          return forged;
        },
      },
    });
    const ending = endings.get(from === 'sender' ? 'receiver' : 'sender');
    return String(ending?.state === 'failed' ? ending.error : ending?.state);
  }

  const cases = [
    ['direct', 'receiver', 0, /the receiver's greeting must have 24 bytes, got 23/],
    ['direct', 'receiver', 1, /the receiver's message of base transfers must have 14352 bytes, got 14351/],
    ['direct', 'receiver', 2, /the receiver's keys of the run must have 80 bytes, got 79/],
    ['direct', 'receiver', 3, /the receiver's rows of bins 0 to 84 must have 4704 bytes, got 4703/],
    [
      'direct',
      'sender',
      1,
      /part 0 of the sender's message of base transfers must have 7184 bytes, got 7183/,
    ],
    [
      'direct',
      'sender',
      4,
      /part 3 of the sender's message of base transfers must have 7168 bytes, got 7167/,
    ],
    ['direct', 'sender', 5, /the sender's tags 0 to 9 of list 0 must have 54 bytes, got 53/],
    ['direct', 'sender', 7, /the sender's tags 0 to 9 of list 2 must have 54 bytes, got 53/],
    ['extended', 'receiver', 1, /the receiver's message of base transfers must have 8208 bytes, got 8207/],
    ['extended', 'sender', 1, /the sender's message of base transfers must have 4112 bytes, got 4111/],
    [
      'extended',
      'sender',
      2,
      /the sender's message that extends the base transfers must have 7168 bytes, got 7167/,
    ],
  ] as const;
  for (const [base, from, index, expected] of cases) {
    test(`${base}: message ${index} of the ${from}`, async () => {
      assert.match(await complaint({ base }, from, index, -1), expected);
      assert.match(
        await complaint({ base }, from, index, 1),
        /sent a message of \d+ bytes where at most \d+ are allowed/,
      );
    });
  }
});
