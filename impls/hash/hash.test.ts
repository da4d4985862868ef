import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { play, testImplementation } from '../../bench/conformance/index.ts';
import { packItems } from '../primitives/items.ts';
import hash from './index.ts';

testImplementation(hash);
testImplementation(hash, { options: { salt: true } });

// 40 + log2(40,000 · 2) bits: 8 bytes; 40,000 of them take two messages.
const ours = ['item 7', 'nobody else has this'];
const theirs = Array.from({ length: 40_000 }, (_, i) => `item ${i}`);

async function online(sender: readonly string[], options = {}): Promise<Buffer[]> {
  const { transcript } = await play(hash, { receiver: packItems(ours), sender: packItems(sender), options });
  return transcript.map(({ bytes }) => Buffer.from(bytes));
}

test('what travels is SHA-256 of every item, truncated, and nothing else', async () => {
  const messages = await online(theirs);
  assert.deepEqual(
    messages.map(({ length }) => length),
    [256 * 1024, 40_000 * 8 - 256 * 1024],
  );
  const sent = Buffer.concat(messages).toString('hex').match(/.{16}/g)!;
  const expected = theirs.map((item) => createHash('sha256').update(item).digest('hex').slice(0, 16));
  assert.deepEqual(sent.sort(), expected.sort());
});

test("the order on the wire does not depend on the order of the sender's items", async () => {
  assert.deepEqual(await online(theirs), await online(theirs.toReversed()));
});

test('a salt of the run changes every tag', async () => {
  const runs = await Promise.all([1, 2].map(() => online(theirs, { salt: true })));
  const [first, second] = runs.map(([salt, ...tags]) => ({ salt: salt!, tags: Buffer.concat(tags) }));
  assert.equal(first!.salt.length, 64);
  assert.notDeepEqual(first!.salt, second!.salt);
  const seen = new Set(first!.tags.toString('hex').match(/.{16}/g));
  assert.ok(
    second!.tags
      .toString('hex')
      .match(/.{16}/g)!
      .every((tag) => !seen.has(tag)),
  );
  const one = createHash('sha256').update(first!.salt).update('item 7').digest('hex').slice(0, 16);
  assert.ok(seen.has(one));
});
