/** The small pure parts of the harness: sizes, overlaps, estimates, checks of results and of physics, turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhasePlay } from '../run/parties.ts';
import { violationOf } from '../run/physics.ts';
import { shuffled, Turnstile } from '../run/turns.ts';
import { digestOfResult, faultOf } from '../run/verify.ts';
import { mulberry32 } from '../statistics/stats.ts';
import { predictWallMs } from './estimate.ts';
import type { Cell } from './plan.ts';
import { formatSize, overlapCount, parseOverlap, parseSize, parseSizes } from './sizes.ts';

test('sizes: every notation, and what is none', () => {
  assert.deepEqual(['0', '1', '4096', '2^12', ' 64k', '1M', '2^24'].map(parseSize), [
    0,
    1,
    4096,
    4096,
    65_536,
    1_048_576,
    2 ** 24,
  ]);
  for (const text of ['', '-1', '1.5', '2^', 'k', '2^x', '1e3', '0x10', '2^25', '17M']) {
    assert.throws(() => parseSize(text), { name: 'UsageError' }, text);
  }
  assert.deepEqual(parseSizes('2^4,16,8'), [16, 8]);
  assert.deepEqual([0, 1000, 1024, 65_536, 5000, 1_234_567].map(formatSize), [
    '0',
    '1,000',
    '2^10',
    '2^16',
    '5,000',
    '1,234,567',
  ]);
});

test('overlaps: shares of the smaller set, counts, and what does not fit', () => {
  const count = (text: string, receiver: number, sender: number) =>
    overlapCount(parseOverlap(text), receiver, sender);
  assert.deepEqual(
    [count('50%', 10, 4), count('0.25', 16, 64), count('100%', 3, 9), count('0', 5, 5), count('2^3', 8, 9)],
    [2, 4, 3, 0, 8],
  );
  assert.equal(count('1', 8, 8), 1, 'a whole number is a count');
  for (const text of ['101%', '1.5', 'half', '-1', ''])
    assert.throws(() => parseOverlap(text), { name: 'UsageError' }, text);
  assert.throws(() => count('9', 8, 100), /does not fit sets of 8 and 100: it can be 8 at most/);
});

test('results: right, and every way to be wrong', () => {
  const of = (...values: number[]) => Uint32Array.from(values);
  assert.equal(faultOf(of(), of()), undefined);
  assert.equal(faultOf(of(1, 5, 9), of(1, 5, 9)), undefined);
  assert.match(faultOf(of(1, 5), of(1, 5, 9))!, /2 items where 3 are shared: 1 are missing, 0 do not belong/);
  assert.match(faultOf(of(0, 1, 5, 9), of(1, 5, 9))!, /0 are missing, 1 do not belong/);
  assert.match(faultOf(of(1, 6, 9), of(1, 5, 9))!, /1 are missing, 1 do not belong/);
  assert.match(faultOf(of(5, 1, 9), of(1, 5, 9))!, /not strictly ascending at position 1/);
  assert.match(faultOf(of(1, 1, 5, 9), of(1, 5, 9))!, /not strictly ascending/);
  assert.notEqual(digestOfResult(of(1, 2)), digestOfResult(of(1, 3)));
});

const SOUND = { wallMs: 100, spanMs: 110, cpuMs: 50, receivedBytes: 10, receivedMessages: 1 };

/** A phase in which the receiver sends 10 bytes in one message, all of it as it should be. */
function phase(change: Partial<typeof SOUND> = {}): PhasePlay {
  const play = { ...SOUND, ...change };
  const usage = {
    phase: 'online',
    doneAt: 0,
    endedAt: 0,
    cpuSystemMs: 0,
    peakBytes: null,
    flights: 1,
    receivedFlights: 1,
    steps: {},
  } as const;
  const none = { sentBytes: 0, receivedBytes: 0, sentMessages: 0, receivedMessages: 0 };
  return {
    phase: 'online',
    wallMs: play.wallMs,
    spanMs: play.spanMs,
    parties: new Map([
      [
        'receiver',
        { ...usage, cpuUserMs: play.cpuMs, traffic: { sender: { ...none, sentBytes: 10, sentMessages: 1 } } },
      ],
      [
        'sender',
        {
          ...usage,
          cpuUserMs: 0,
          traffic: {
            receiver: { ...none, receivedBytes: play.receivedBytes, receivedMessages: play.receivedMessages },
          },
        },
      ],
    ]),
  };
}

test('physics: a sound run passes; bytes, messages, clocks and CPU time that cannot be do not', () => {
  assert.equal(violationOf([phase()], 2), undefined);
  const broken = (change: Partial<typeof SOUND>) => violationOf([phase(), phase(change)], 2) ?? 'nothing';
  assert.match(broken({ receivedBytes: 9 }), /the receiver sent 10 bytes .* to the sender, which received 9/);
  assert.match(broken({ receivedMessages: 2 }), /in 1 messages .* received 10 in 2/);
  assert.match(broken({ wallMs: -1 }), /clocks of the processes disagree/);
  assert.match(broken({ spanMs: 50 }), /clocks/);
  assert.match(broken({ cpuMs: 300 }), /300 ms of CPU in 110 ms on 2 cores/);
});

test('estimates: a line through what smaller sizes took, the own cost model, or nothing', () => {
  const cell = (size: number, series = 'a', wallMs?: number) =>
    ({
      series,
      network: 'none',
      sizes: { receiver: size, sender: size },
      options: {},
      located: { implementation: wallMs === undefined ? {} : { estimate: () => ({ wallMs }) } },
    }) as unknown as Cell;
  assert.equal(predictWallMs(cell(100), []), null);
  assert.equal(predictWallMs(cell(100, 'a', 7), []), 7);
  const observed = [
    { cell: cell(10), wallMs: 30 },
    { cell: cell(20), wallMs: 40 },
    { cell: cell(20, 'other'), wallMs: 9000 },
    { cell: cell(1000), wallMs: 9000 },
  ];
  assert.equal(predictWallMs(cell(40), observed), 60);
  assert.equal(predictWallMs(cell(40), observed.slice(1)), 80, 'one point: in proportion');
  assert.equal(
    predictWallMs(cell(40), [
      { cell: cell(10), wallMs: 50 },
      { cell: cell(20), wallMs: 40 },
    ]),
    40,
    'never below the last',
  );
});

test('the turnstile: one at a time, everyone once a round, an order that the seed decides', async () => {
  const play = async (seed: number) => {
    const turns: number[] = [];
    let inside = 0;
    const turnstile = new Turnstile([0, 1, 2], mulberry32(seed));
    const loop = async (member: number, count: number) => {
      for (let i = 0; i < count; i++) {
        await turnstile.pass(member, async () => {
          assert.equal(++inside, 1);
          await new Promise((resolve) => setTimeout(resolve, member));
          turns.push(member);
          inside--;
        });
      }
      turnstile.leave(member);
    };
    await Promise.all([loop(0, 30), loop(1, 30), loop(2, 10)]);
    return turns;
  };
  const turns = await play(1);
  assert.equal(turns.length, 70);
  for (let round = 0; round < 10; round++) {
    assert.deepEqual(turns.slice(round * 3, round * 3 + 3).sort(), [0, 1, 2]);
  }
  for (let round = 0; round < 20; round++) {
    assert.deepEqual(
      turns.slice(30 + round * 2, 32 + round * 2).sort(),
      [0, 1],
      'who has left is not waited for',
    );
  }
  assert.deepEqual(turns, await play(1));
  assert.notDeepEqual(turns, await play(2));
});

test('a turn that throws lets the next one through', async () => {
  const turnstile = new Turnstile([0, 1], mulberry32(3));
  const thrown = turnstile
    .pass(0, async () => Promise.reject(new Error('no')))
    .finally(() => turnstile.leave(0));
  const passed = turnstile.pass(1, async () => 'yes');
  await assert.rejects(thrown, /no/);
  assert.equal(await passed, 'yes');
});

test('shuffled: a permutation, each equally often', () => {
  const random = mulberry32(7);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const key = shuffled(['a', 'b', 'c'], random).join('');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(count > 850 && count < 1150, `${count}`);
});
