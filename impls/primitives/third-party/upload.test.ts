import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { ItemSet } from '../../../bench/contract.ts';
import { packItems } from '../items.ts';
import { MAX_PAYLOAD, RECORD_OVERHEAD, RecordOpener, RecordSealer } from '../secure-channel/records.ts';
import { SecureChannel } from '../secure-channel/secure-channel.ts';
import { MalformedUpload, padme, receiveItems, uploadItems } from './upload.ts';

/** Two ends over a queue, and the lengths of what crossed it. */
function link() {
  const keys = [randomBytes(32), randomBytes(32)] as const;
  const queue: Uint8Array[] = [];
  const pipe = {
    send: async (message: Uint8Array) => void queue.push(new Uint8Array(message)),
    receive: async () => queue.shift() ?? assert.fail('nothing was sent'),
  };
  const from = new SecureChannel(pipe, new RecordSealer(keys[0]), new RecordOpener(keys[1]));
  const to = new SecureChannel(pipe, new RecordSealer(keys[1]), new RecordOpener(keys[0]));
  return { from, to, queue };
}

async function roundTrip(items: ItemSet): Promise<{ received: ItemSet; bytes: number }> {
  const { from, to, queue } = link();
  await uploadItems(from, items);
  const bytes = queue.reduce((sum, record) => sum + record.length - RECORD_OVERHEAD, 0);
  return { received: await receiveItems(to, items.count), bytes };
}

function assertSame(received: ItemSet, items: ItemSet) {
  assert.equal(received.count, items.count);
  assert.ok(
    Buffer.from(received.data).equals(items.data.subarray(items.offsets[0], items.offsets[items.count])),
  );
  const first = items.offsets[0]!;
  assert.deepEqual(
    received.offsets,
    items.offsets.map((offset) => offset - first),
  );
}

test('sets arrive as they were, whatever the lengths of their items', async () => {
  const sets = [
    packItems([]),
    packItems(['']),
    packItems(['a', '', 'abc']),
    packItems([new Uint8Array(255).fill(1), new Uint8Array(256).fill(2)]),
    packItems([new Uint8Array(65_536).fill(3), 'x']),
    packItems([new Uint8Array(3 * MAX_PAYLOAD).fill(4), 'y']),
    packItems(Array.from({ length: 70_000 }, (_, i) => randomBytes(i % 40))),
  ];
  for (const items of sets) {
    const { received, bytes } = await roundTrip(items);
    assertSame(received, items);
    assert.equal(bytes, padme(bytes));
  }
});

test('a set whose offsets do not begin at 0 arrives as well', async () => {
  const { data, offsets } = packItems(['skipped', 'a', 'bc']);
  const items = { count: 2, data, offsets: offsets.subarray(1) };
  assertSame((await roundTrip(items)).received, items);
});

test('Padmé: at most 12 % more, 3 % from 1 MiB on, few different lengths', () => {
  // L = 9 has exponent 3, so 2 bits of it are needed: steps of 2.
  assert.deepEqual([0, 1, 2, 3, 8, 9, 10, 100, 1000].map(padme), [0, 1, 2, 3, 8, 10, 10, 104, 1024]);
  const seen = new Set<number>();
  for (let length = 1; length < 2 ** 17; length++) {
    const padded = padme(length);
    assert.ok(padded >= length && padded <= length * 1.12, `${length} → ${padded}`);
    assert.equal(padme(padded), padded);
    seen.add(padded);
  }
  assert.ok(seen.size < 320);
  for (let length = 2 ** 20 + 1; length < 2 ** 33; length = Math.ceil(length * 1.017)) {
    assert.ok(padme(length) <= length * 1.032, `${length}`);
  }
});

test('malformed uploads are refused', async () => {
  const header = (total: number, width: number) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(total);
    head[4] = width;
    return head;
  };
  const cases: Record<string, Uint8Array> = {
    'no header': Buffer.from('abc'),
    'unknown width of lengths': Buffer.concat([header(2, 3), Buffer.from([1, 1, 1, 1])]),
    'lengths that add up to less': Buffer.concat([header(2, 1), Buffer.from([1, 0, 65, 66, 0, 0])]),
    'lengths that add up to more': Buffer.concat([header(2, 1), Buffer.from([200, 200, 65, 66, 0, 0])]),
    'more announced than sent': Buffer.concat([header(2 ** 20, 1), Buffer.from([1, 1, 65, 66])]),
    'too little padding': Buffer.concat([header(2, 1), Buffer.from([1, 1, 65, 66])]),
    'too much padding': Buffer.concat([header(2, 1), Buffer.from([1, 1, 65, 66, 0, 0, 0])]),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const { from, to } = link();
    await from.send(bytes);
    await assert.rejects(receiveItems(to, 2), MalformedUpload, name);
  }
  const { from, to } = link();
  await from.send(Buffer.concat([header(2, 1), Buffer.from([1, 1, 65, 66, 0])]));
  assert.equal((await receiveItems(to, 2)).data.length, 2);
});
