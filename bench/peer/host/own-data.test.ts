/** What a host that holds the token tries on a host that plays with its owner's file. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadItems } from '../../../datasets/dataset.ts';
import { emptyFolder } from '../../testing/cli.ts';
import { Attacker } from '../testing.ts';
import { readLine } from '../wire/lines.ts';
import type { OwnData } from './own-data.ts';
import { digestsOf, indicesOf } from './shared-items.ts';

const FACTS = { items: 4, emptyKey: 0, duplicates: 0, columns: 1, normalisation: 'default' };

async function hostWithFile(own: Partial<OwnData> = {}): Promise<Attacker> {
  const file = join(await emptyFolder(), 'secret.csv');
  writeFileSync(file, 'id\nAnna\nBert\nCleo\nDora\n');
  const spec = { kind: 'file', receiverFile: file, senderFile: file, key: ['id'] } as const;
  return Attacker.begin({ own: { spec, facts: FACTS, takeResult: null, ...own } });
}

test('it plays with its file and nothing else, under the size that it has', async (t) => {
  const attacker = await hostWithFile();
  t.after(() => attacker.close());
  for (const [task, refusal] of [
    [{}, /plays with its own file and generates no data/],
    [{ dataset: 'own', sizes: { receiver: 16, sender: 3 } }, /its set has 4 items/],
  ] as const) {
    const { failure } = (await readLine(await attacker.party(task))) as { failure: { reason: string } };
    assert.match(failure.reason, refusal);
  }
  const socket = await attacker.party({ dataset: 'own', sizes: { receiver: 16, sender: 4 } });
  assert.equal(((await readLine(socket)) as { message: { type: string } }).message.type, 'ready');
});

test('why a party fails is for its owner: the other host learns neither path nor value', async (t) => {
  const spec = {
    kind: 'file',
    receiverFile: '/none/secret.csv',
    senderFile: '/none/secret.csv',
    key: ['id'],
  } as const;
  const attacker = await hostWithFile({ spec });
  t.after(() => attacker.close());
  const socket = await attacker.party({ dataset: 'own', sizes: { receiver: 16, sender: 4 } });
  const line = JSON.stringify(await readLine(socket));
  assert.match(line, /the sender failed \(died\); its own host's log says why/);
  assert.ok(!line.includes('secret'));
  assert.match(attacker.log.join('\n'), /a party of hash failed: .*secret\.csv/);
});

test('a result is taken once, when asked for, and only of items that are there', async (t) => {
  const send = async (attacker: Attacker, digests: Buffer, count = digests.length / 32) => {
    const socket = await attacker.open({ type: 'result', count });
    socket.write(digests);
    const answer = await readLine(socket).catch(() => ({ type: 'closed' }));
    return answer.type;
  };
  const silent = await hostWithFile();
  t.after(() => silent.close());
  assert.equal(await send(silent, Buffer.alloc(32)), 'closed');

  let taken: number[] = [];
  const items = await loadItems((await specOf(['Anna', 'Bert', 'Cleo', 'Dora'])) as never, 'sender');
  const takeResult = async (digests: Buffer) => {
    taken = [...indicesOf(digests, items)];
    return taken.length;
  };
  for (const [digests, count, type] of [
    [digestsOf(items, [1, 3]), 2, 'written'],
    [Buffer.alloc(64), 2, 'refused'],
    [Buffer.concat([digestsOf(items, [1]), digestsOf(items, [1])]), 2, 'refused'],
    [Buffer.alloc(32 * 5), 5, 'closed'],
    [Buffer.alloc(32), 2 ** 40, 'closed'],
  ] as const) {
    const attacker = await hostWithFile({ takeResult });
    t.after(() => attacker.close());
    assert.equal(await send(attacker, digests, count), type);
    if (type === 'written') {
      assert.deepEqual(taken, [1, 3]);
      assert.equal(await send(attacker, digests, count), 'closed', 'a second one');
    }
  }
});

async function specOf(values: readonly string[]) {
  const file = join(await emptyFolder(), 'own.csv');
  writeFileSync(file, `id\n${values.join('\n')}\n`);
  return { kind: 'file', receiverFile: file, senderFile: file, key: ['id'] };
}
