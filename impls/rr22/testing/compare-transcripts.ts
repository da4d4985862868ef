/** Holds the fast implementation to the plain one, for tests. */
import assert from 'node:assert/strict';
import { play } from '../../../bench/conformance/index.ts';
import type { Role } from '../../../bench/contract.ts';
import { seededRandom } from '../../../bench/party/random.ts';
import { tagLength } from '../../primitives/digest/tag-length.ts';
import { packItems } from '../../primitives/items.ts';
import rr22 from '../index.ts';
import { playPlainly } from './plain.ts';

const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => Buffer.from(`patient ${from + i}`));

/** Plays both implementations with the same seed and compares everything that is sent after setup. */
export async function compareTranscripts(receivers: number, senders: number): Promise<void> {
  const receiver = names(0, receivers);
  const sender = names(Math.floor(receivers / 3), senders);
  const seed = `${receivers} ${senders}`;
  const { endings, transcript } = await play(rr22, {
    receiver: packItems(receiver),
    sender: packItems(sender),
    seed,
  });
  const plain = playPlainly({
    receiver,
    sender,
    random: { receiver: seededRandom(`receiver ${seed}`), sender: seededRandom(`sender ${seed}`) },
    tagBytes: tagLength({ receiver: receivers, sender: senders }),
  });
  const sent = (role: Role) =>
    Buffer.concat(
      transcript.filter(({ from, phase }) => from === role && phase === 'online').map(({ bytes }) => bytes),
    );
  const where = (one: Uint8Array, other: Uint8Array) => {
    const place = one.findIndex((byte, i) => byte !== other[i]);
    return `${one.length} and ${other.length} bytes, the first difference at ${place}`;
  };
  for (const [role, expected] of [
    ['receiver', plain.fromReceiver],
    ['sender', plain.fromSender],
  ] as const) {
    assert.ok(Buffer.compare(sent(role), expected) === 0, `${role}: ${where(sent(role), expected)}`);
  }
  const ending = endings.get('receiver');
  const expected = receiver.flatMap((item, i) => (sender.some((other) => other.equals(item)) ? [i] : []));
  assert.deepEqual(plain.result, expected);
  assert.deepEqual(ending?.state === 'done' && ending.value, Uint32Array.from(expected));
}
